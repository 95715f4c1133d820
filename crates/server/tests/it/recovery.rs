//! Verification of contacts and recovery of accounts by codes.

use crate::client::{PASSWORD, TestClient};
use crate::messages::to_folder;
use crate::pages::get_page;
use crate::service::Service;
use guanxi_server::Settings;
use guanxi_server::jobs::sender;
use tempfile::TempDir;

const TEL: &str = "15312345056";
const MAIL: &str = "new@example.cn";
const NEW_PASSWORD: &str = "wan-hu-dao-yi-sheng";

async fn start(change: impl FnOnce(&mut Settings)) -> (TempDir, Service) {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::with_settings(|settings| {
        to_folder(settings, folder.path());
        change(settings);
    })
    .await;
    (folder, service)
}

/// Returns the kind and the text of the messages to a contact, newest first.
async fn messages(service: &Service, to: &str) -> Vec<(String, String)> {
    sender::send_due_messages(&service.app).await.unwrap();
    let data = service.outbox().await;
    let sent = data["sent"].as_array().unwrap().iter().filter(|message| message["to"] == to);
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    sent.map(|message| (text(&message["kind"]), text(&message["text"]))).collect()
}

fn digits(text: &str) -> String {
    let start = text.find(|letter: char| letter.is_ascii_digit()).unwrap();
    text[start..].chars().take(6).collect()
}

/// Returns the codes of a kind that were sent to a contact.
async fn codes(service: &Service, to: &str, kind: &str) -> Vec<String> {
    let all = messages(service, to).await;
    all.into_iter().filter(|(found, _)| found == kind).map(|(_, text)| digits(&text)).collect()
}

async fn verify(browser: &TestClient<'_>, contact: &str, code: &str) -> i64 {
    browser.post("/passport/contact/verify", &[("contact", contact), ("code", code)]).await.code()
}

async fn recover(browser: &TestClient<'_>, account: &str, code: &str, answer: &str) -> i64 {
    let form = [("account", account), ("code", code), ("new", NEW_PASSWORD), ("answer", answer)];
    browser.post("/passport/recovery/password", &form).await.code()
}

fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[tokio::test]
async fn code_verifies_a_contact_that_then_logs_in() {
    let (_folder, service) = start(|_| ()).await;
    let browser = service.anonymous();
    browser.sign_up("新来的", &[("tel", TEL), ("mail", MAIL)]).await;
    let code = codes(&service, TEL, "verification_code").await.remove(0);
    assert_eq!(service.anonymous().log_in(TEL, PASSWORD).await.code(), 30011);
    for bad in ["", "12345", "abcdef", &wrong(&code)] {
        assert_eq!(verify(&browser, "tel", bad).await, 30101, "{bad}");
    }
    assert_eq!(verify(&browser, "mail", &code).await, 30101, "a code is of one contact");
    assert_eq!(verify(&browser, "tel", &format!(" {} {}", &code[..3], &code[3..])).await, 0);
    assert_eq!(service.anonymous().log_in(TEL, PASSWORD).await.code(), 0);
    assert_eq!(verify(&browser, "tel", &code).await, 30053);
    assert_eq!(browser.post("/passport/contact/code", &[("contact", "tel")]).await.code(), 30053);
    assert_eq!(browser.post("/passport/contact/code", &[("contact", "mail")]).await.code(), 0);
    service.assert_consistent().await;
}

#[tokio::test]
async fn service_without_sender_says_so() {
    let service = Service::new().await;
    let browser = service.anonymous();
    browser.sign_up("新来的", &[("tel", TEL)]).await;
    assert_eq!(browser.post("/passport/contact/code", &[("contact", "tel")]).await.code(), 30100);
    for account in [TEL, MAIL] {
        let answer = service.anonymous().post("/passport/recovery/code", &[("account", account)]).await;
        assert_eq!(answer.code(), 30100, "{account}");
    }
    assert!(get_page(&service.anonymous(), "/recover").await.contains("社区还没有开通验证码"));
}

#[tokio::test]
async fn recovery_sets_a_password_after_code_and_answer() {
    let (_folder, service) = start(|_| ()).await;
    let browser = service.anonymous();
    let mid = browser.sign_up("新来的", &[("tel", TEL), ("mail", MAIL)]).await;
    service.verify_contacts(mid).await;
    let question = [("question", "第一只猫叫什么"), ("answer", "年糕"), ("password", PASSWORD)];
    assert_eq!(browser.post("/passport/question", &question).await.code(), 0);
    let stranger = service.anonymous();
    assert_eq!(stranger.post("/passport/recovery/code", &[("account", "+86 153 1234 5056")]).await.code(), 0);
    let code = codes(&service, TEL, "recovery_code").await.remove(0);
    let ask = async |code: &str| {
        stranger.post("/passport/recovery/question", &[("account", TEL), ("code", code)]).await
    };
    assert_eq!(ask(&wrong(&code)).await.code(), 30101);
    assert_eq!(ask(&code).await.data()["question"], "第一只猫叫什么");
    assert_eq!(recover(&stranger, TEL, &code, "").await, 30102);
    assert_eq!(recover(&stranger, TEL, &code, "包子").await, 30102);
    assert!(browser.is_logged_in().await);
    assert_eq!(recover(&stranger, TEL, &code, " 年糕 ").await, 0);
    assert!(!browser.is_logged_in().await, "all sessions end");
    assert_eq!(recover(&stranger, TEL, &code, "年糕").await, 30101, "a code is used once");
    assert_eq!(service.anonymous().log_in(TEL, PASSWORD).await.code(), 30011);
    assert_eq!(service.anonymous().log_in(TEL, NEW_PASSWORD).await.code(), 0);
    let told: Vec<String> = messages(&service, MAIL).await.into_iter().map(|(kind, _)| kind).collect();
    assert!(told.contains(&"password_changed".to_owned()), "{told:?}");
    service.assert_consistent().await;
}

#[tokio::test]
async fn wrong_answers_lock_the_account() {
    let (_folder, service) =
        start(|settings| settings.login_failures_per_account = 2.try_into().unwrap()).await;
    let browser = service.anonymous();
    let mid = browser.sign_up("新来的", &[("tel", TEL)]).await;
    service.verify_contacts(mid).await;
    let question = [("question", "问"), ("answer", "答"), ("password", PASSWORD)];
    assert_eq!(browser.post("/passport/question", &question).await.code(), 0);
    let stranger = service.anonymous();
    assert_eq!(stranger.post("/passport/recovery/code", &[("account", TEL)]).await.code(), 0);
    let code = codes(&service, TEL, "recovery_code").await.remove(0);
    for expected in [30102, 30102, 30012, 30012] {
        assert_eq!(recover(&stranger, TEL, &code, "猜").await, expected);
    }
    assert_eq!(service.anonymous().log_in("新来的", PASSWORD).await.code(), 30012);
}

#[tokio::test]
async fn unknown_contact_is_answered_as_a_known_one() {
    let (_folder, service) = start(|_| ()).await;
    let mid = service.anonymous().sign_up("新来的", &[("tel", TEL), ("mail", MAIL)]).await;
    service.verify_contacts(mid).await;
    service.anonymous().sign_up("未验证的", &[("tel", "15312345057")]).await;
    sender::send_due_messages(&service.app).await.unwrap();
    let mut stories = Vec::new();
    for (number, account) in [TEL, "15312345057", "15312345099", "nobody@example.cn"].iter().enumerate() {
        let browser = service.anonymous().with_address(&format!("36.40.120.{number}"));
        let mut story = Vec::new();
        let before = service.command_count();
        for _ in 0..2 {
            let answer = browser.post("/passport/recovery/code", &[("account", account)]).await;
            story.push((answer.text().to_owned(), service.command_count() - before));
        }
        for _ in 0..6 {
            let form = [("account", *account), ("code", "000000")];
            let answer = browser.post("/passport/recovery/question", &form).await;
            story.push((answer.text().to_owned(), service.command_count() - before));
        }
        stories.push(story);
    }
    assert!(stories[0].iter().any(|(text, _)| text.contains("30101")), "{:?}", stories[0]);
    for story in &stories[1..] {
        assert_eq!(*story, stories[0]);
    }
    assert_eq!(codes(&service, "15312345057", "recovery_code").await, Vec::<String>::new());
    for account in ["新来的", "gx_61", "", "153"] {
        let answer = service.anonymous().post("/passport/recovery/code", &[("account", account)]).await;
        assert_eq!(answer.code(), -400, "{account}");
    }
}

#[tokio::test]
async fn codes_are_limited_by_contact_and_address() {
    let (_folder, service) = start(|settings| {
        settings.codes_per_contact = 2.try_into().unwrap();
        settings.codes_per_address = 3.try_into().unwrap();
    })
    .await;
    let ask = async |address: &str, account: &str| {
        let browser = service.anonymous().with_address(address);
        browser.post("/passport/recovery/code", &[("account", account)]).await.code()
    };
    for (address, account, code) in [
        ("36.40.120.1", TEL, 0),
        ("36.40.120.2", TEL, 0),
        ("36.40.120.3", TEL, 30012),
        ("36.40.120.4", "15312345001", 0),
        ("36.40.120.4", "15312345002", 0),
        ("36.40.120.4", "15312345003", 0),
        ("36.40.120.4", "15312345004", 30012),
    ] {
        assert_eq!(ask(address, account).await, code, "{address} {account}");
    }
}

#[tokio::test]
async fn wrong_codes_are_limited_for_a_day() {
    let (_folder, service) = start(|settings| settings.wrong_codes_per_day = 3.try_into().unwrap()).await;
    for (number, code) in [30101, 30101, 30101, 30012, 30012].into_iter().enumerate() {
        let browser = service.anonymous().with_address(&format!("36.40.121.{number}"));
        assert_eq!(recover(&browser, TEL, "123456", "").await, code, "{number}");
    }
    let later = service.at_time("2026-01-16T11:00:00+08:00");
    assert_eq!(recover(&later.anonymous().with_address("36.40.121.9"), TEL, "123456", "").await, 30012);
}

#[tokio::test]
async fn pages_recover_without_a_script() {
    let (_folder, service) = start(|_| ()).await;
    let member = service.anonymous();
    let mid = member.sign_up("新来的", &[("mail", MAIL)]).await;
    assert!(get_page(&member, "/security").await.contains("验证邮箱"));
    service.verify_contacts(mid).await;
    assert!(!get_page(&member, "/security").await.contains("验证邮箱"));
    assert!(get_page(&service.anonymous(), "/login").await.contains("href=\"/recover\""));
    let browser = service.anonymous();
    let bad = browser.post("/recover", &[("account", "nonsense")]).await;
    assert_eq!(bad.status, 422);
    assert!(bad.text().contains("id=\"account-error\"") && bad.text().contains("value=\"nonsense\""));
    let sent = browser.post("/recover", &[("account", MAIL)]).await;
    assert_eq!(sent.status, 200);
    assert!(sent.text().contains("id=\"code\"") && !sent.text().contains("id=\"flash\""), "{}", sent.text());
    let code = codes(&service, MAIL, "recovery_code").await.remove(0);
    let bad = browser.post("/recover", &[("account", MAIL), ("code", &wrong(&code))]).await;
    assert!(bad.text().contains("id=\"code-error\""), "{}", bad.text());
    let last = browser.post("/recover", &[("account", MAIL), ("code", &code)]).await;
    assert!(last.text().contains("id=\"new\"") && !last.text().contains("id=\"answer\""), "{}", last.text());
    let form = |new| {
        [("account", MAIL), ("code", code.as_str()), ("new", new), ("back", "/login"), ("at", "/recover")]
    };
    let short = browser.post("/form/passport/recovery/password", &form("short")).await;
    assert!(short.text().contains("id=\"new-error\""), "{}", short.text());
    let done = browser.post("/form/passport/recovery/password", &form(NEW_PASSWORD)).await;
    assert_eq!(done.redirect_target(), "/login");
    assert!(get_page(&browser, "/login").await.contains("密码已重设"));
    assert_eq!(browser.log_in(MAIL, NEW_PASSWORD).await.code(), 0);
}
