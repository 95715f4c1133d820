//! Changes of password, phone, mail and security question.

use crate::client::{PASSWORD, TestClient};
use crate::service::{Service, TestResponse};
use serde_json::{Value, json};

const NEW_PASSWORD: &str = "另一个密码, 9 号";

/// Returns a field of `account_info` of `/web/site/user/info`.
async fn account_info(browser: &TestClient<'_>, field: &str) -> Value {
    browser.get("/web/site/user/info").await.data()["account_info"][field].take()
}

async fn change_password(browser: &TestClient<'_>, old: &str, new: &str) -> TestResponse {
    browser.post("/passport/password", &[("old", old), ("new", new)]).await
}

#[tokio::test]
async fn password_change_ends_other_sessions() {
    let service = Service::new().await;
    let (here, there) = (service.anonymous(), service.anonymous());
    here.sign_up("新来的", &[]).await;
    assert_eq!(there.log_in("新来的", PASSWORD).await.code(), 0);
    let stolen = here.with_service(&service);
    let changed = change_password(&here, PASSWORD, NEW_PASSWORD).await;
    assert_eq!(changed.text(), r#"{"code":0,"message":"0","ttl":1}"#);
    let names: Vec<String> = changed.cookies().into_iter().map(|cookie| cookie.name).collect();
    assert_eq!(names, ["SESSDATA", "bili_jct", "DedeUserID"]);
    assert!(here.is_logged_in().await && !there.is_logged_in().await);
    assert!(!stolen.is_logged_in().await, "the replaced token of the same session is invalid");
    assert_ne!(here.csrf(), stolen.csrf());
    assert_eq!(here.change_relation(1, 7).await, 0, "the new csrf is accepted");
    let sessions = here.get("/passport/sessions").await.data();
    assert_eq!(
        (sessions["list"].as_array().unwrap().len(), &sessions["list"][0]["current"]),
        (1, &json!(true))
    );
    assert_eq!(there.log_in("新来的", PASSWORD).await.code(), 30011);
    assert_eq!(there.log_in("新来的", NEW_PASSWORD).await.code(), 0);
}

#[tokio::test]
async fn password_change_errors_have_a_fixed_order() {
    let service = Service::new().await;
    let browser = service.anonymous();
    browser.sign_up("新来的", &[]).await;
    let long = "长".repeat(129);
    // old, new -> code
    for (old, new, code) in [
        ("wrong", "short", 30010),
        (PASSWORD, "short", 30010),
        (PASSWORD, long.as_str(), 30010),
        ("wrong", NEW_PASSWORD, 30011),
        (NEW_PASSWORD, NEW_PASSWORD, 30011),
    ] {
        assert_eq!(change_password(&browser, old, new).await.code(), code, "{old} {new}");
    }
    let later = service.at_time("2026-01-15T12:15:00+08:00");
    let none = browser.with_service(&later).post("/passport/password", &[("new", NEW_PASSWORD)]).await;
    assert_eq!(none.code(), 30113, "an existing password is required some time after the last proof");
    assert_eq!(browser.post("/passport/password", &[("old", PASSWORD)]).await.code(), -400);
    assert!(browser.is_logged_in().await);
}

#[tokio::test]
async fn wrong_old_passwords_share_the_login_rate_limit() {
    let service = Service::new().await;
    let browser = service.anonymous();
    browser.sign_up("新来的", &[]).await;
    // All password checks share one rate-limit bucket.
    let forms: [(&str, &[(&str, &str)]); 5] = [
        ("/passport/password", &[("old", "guess"), ("new", NEW_PASSWORD)]),
        ("/passport/tel", &[("tel", "15312345056"), ("password", "guess")]),
        ("/passport/mail", &[("mail", "a@b.cn"), ("password", "guess")]),
        ("/passport/question", &[("question", "问"), ("answer", "答"), ("password", "guess")]),
        ("/passport/login", &[("account", "新来的"), ("password", "guess")]),
    ];
    for (path, form) in forms {
        assert_eq!(browser.post(path, form).await.code(), 30011, "{path}");
    }
    for (path, form) in forms {
        let answer = browser.post(path, form).await;
        assert_eq!(
            (answer.code(), answer.retry_after().is_some_and(|wait| wait > 30)),
            (30012, true),
            "{path}"
        );
    }
    let right = change_password(&browser, PASSWORD, NEW_PASSWORD).await;
    assert_eq!(right.code(), 30012, "the right password is rate limited too");
    let later = service.at_time("2026-01-15T12:02:00+08:00");
    assert_eq!(change_password(&browser.with_service(&later), PASSWORD, NEW_PASSWORD).await.code(), 0);
}

#[tokio::test]
async fn phone_can_be_changed_and_removed() {
    let service = Service::new().await;
    let browser = service.anonymous();
    let mid = browser.sign_up("新来的", &[]).await;
    service.anonymous().sign_up("别人", &[("tel", "15312345057")]).await;
    let set = async |tel: &str, password: &str| {
        browser.post("/passport/tel", &[("tel", tel), ("password", password)]).await.code()
    };
    assert_eq!(account_info(&browser, "bind_tel").await, false);
    #[rustfmt::skip]
    let cases = [
        ("1531234505x",     "wrong",  -400,  ""),
        ("15312345057",     "wrong",  30011, ""),
        ("15312345057",     PASSWORD, 30003, ""),
        ("+86 15312345057", PASSWORD, 30003, ""),
        ("153 1234 5056",   PASSWORD, 0,     "153*****056"),
        ("+8615312345056",  PASSWORD, 0,     "153*****056"),
        ("+1 415 555 0100", PASSWORD, 0,     "+14******100"),
        ("",                PASSWORD, 0,     ""),
    ];
    for (tel, password, code, shown) in cases {
        assert_eq!(set(tel, password).await, code, "{tel}");
        assert_eq!(account_info(&browser, "hide_tel").await, shown, "{tel}");
    }
    assert_eq!(set("15312345056", PASSWORD).await, 0);
    assert_eq!(
        service.anonymous().log_in("+14155550100", PASSWORD).await.code(),
        30011,
        "a removed phone logs nobody in"
    );
    service.verify_contacts(mid).await;
    assert_eq!(service.anonymous().log_in("15312345056", PASSWORD).await.data()["mid"], mid);
    // An absent phone removes the phone.
    assert_eq!(browser.post("/passport/tel", &[("password", PASSWORD)]).await.code(), 0);
    assert_eq!(account_info(&browser, "bind_tel").await, false);
    service.assert_consistent().await;
}

#[tokio::test]
async fn mail_can_be_changed_and_removed() {
    let service = Service::new().await;
    let browser = service.anonymous();
    browser.sign_up("新来的", &[("mail", "old@qq.com")]).await;
    service.anonymous().sign_up("别人", &[("mail", "other@qq.com")]).await;
    #[rustfmt::skip]
    let cases = [
        ("nobody",       "wrong",  -400,  "old****@qq.com"),
        ("OTHER@qq.com", "wrong",  30011, "old****@qq.com"),
        ("OTHER@qq.com", PASSWORD, 30004, "old****@qq.com"),
        ("New@QQ.com",   PASSWORD, 0,     "new****@qq.com"),
        (" ",            PASSWORD, 0,     ""),
    ];
    for (mail, password, code, shown) in cases {
        let answer = browser.post("/passport/mail", &[("mail", mail), ("password", password)]).await;
        assert_eq!(answer.code(), code, "{mail}");
        assert_eq!(account_info(&browser, "hide_mail").await, shown, "{mail}");
    }
    for mail in ["old@qq.com", "new@qq.com"] {
        service.anonymous().sign_up(&mail.replace('@', " "), &[("mail", mail)]).await;
    }
}

#[tokio::test]
async fn security_question_can_be_set() {
    let service = Service::new().await;
    let browser = service.anonymous();
    browser.sign_up("新来的", &[]).await;
    let reward = async || browser.get("/x/member/web/exp/reward").await.data()["safe_question"].take();
    assert_eq!(reward().await, false);
    let long = "长".repeat(101);
    let fits = "长".repeat(100);
    for (question, answer, password, code) in [
        (" ", "答", "wrong", -400),
        ("问", "", "wrong", -400),
        (long.as_str(), "答", PASSWORD, -400),
        ("问", long.as_str(), PASSWORD, -400),
        ("问", "答", "wrong", 30011),
    ] {
        let form = [("question", question), ("answer", answer), ("password", password)];
        assert_eq!(browser.post("/passport/question", &form).await.code(), code, "{question} {answer}");
    }
    assert_eq!(reward().await, false);
    let form = [("question", fits.as_str()), ("answer", fits.as_str()), ("password", PASSWORD)];
    assert_eq!(browser.post("/passport/question", &form).await.code(), 0);
    assert_eq!(reward().await, true);
}

#[tokio::test]
async fn account_without_password_needs_none() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    assert_eq!(account_info(&me, "unneeded_check").await, true);
    assert_eq!(me.post("/passport/tel", &[("tel", "15312345056")]).await.code(), 0);
    assert_eq!(me.post("/passport/question", &[("question", "问"), ("answer", "答")]).await.code(), 0);
    // The old password is ignored, since there is none.
    assert_eq!(change_password(&me, "anything", PASSWORD).await.code(), 0);
    assert_eq!(account_info(&me, "unneeded_check").await, false);
    assert_eq!(change_password(&me, "anything", NEW_PASSWORD).await.code(), 30011);
    service.verify_contacts(1).await;
    assert_eq!(service.anonymous().log_in("15312345056", PASSWORD).await.data()["mid"], 1);
}

#[tokio::test]
async fn password_strength_is_reported() {
    let service = Service::new().await;
    let browser = service.anonymous();
    browser.sign_up("lucky duck", &[("tel", "15312345056")]).await;
    let mut old = PASSWORD.to_owned();
    for (new, level) in [("12345678", 1), ("luckyduck", 1), ("correct horse battery staple 8", 3)] {
        assert_eq!(change_password(&browser, &old, new).await.code(), 0);
        let safe = browser.get("/web/site/user/info").await.data()["account_safe"].take();
        assert_eq!(
            (&safe["pwd_level"], safe["Score"].as_u64() <= Some(100)),
            (&json!(level), true),
            "{new} {safe}"
        );
        assert_eq!(safe["security"], level == 3, "{new}");
        new.clone_into(&mut old);
    }
}
