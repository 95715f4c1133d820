//! Guessing passwords is slow, whoever guesses, and from wherever.

use crate::browser::{Browser, PASSWORD};
use crate::service::{Answer, Service};
use futures_util::future::join_all;
use guanxi_server::networks::TrustedProxies;
use serde_json::json;

/// A service with a member 新来的, and one 别人.
async fn service() -> Service {
    let service = Service::new().await;
    for uname in ["新来的", "别人"] {
        service.anyone().sign_up(uname, &[]).await;
    }
    service
}

/// Guesses so often; what each guess was told, and how long to wait.
async fn guess(browser: &Browser<'_>, account: &str, times: usize) -> Vec<(i64, Option<i64>)> {
    let mut told = Vec::new();
    for _ in 0..times {
        told.push(of(&browser.log_in(account, "guess").await));
    }
    told
}

fn of(answer: &Answer) -> (i64, Option<i64>) {
    (answer.code(), answer.wait())
}

const WRONG: (i64, Option<i64>) = (30011, None);

/// Whether an answer says to wait, about so long: the clock runs on meanwhile.
fn waits(told: (i64, Option<i64>), seconds: i64) -> bool {
    told.0 == 30012 && told.1.is_some_and(|wait| (seconds - 30..=seconds).contains(&wait))
}

#[tokio::test]
async fn after_five_failures_nobody_is_let_in_for_a_while() {
    let service = service().await;
    let browser = service.anyone().from("36.40.120.1");
    // Each spelling of the account is the account.
    for account in ["新来的", "GX_61", "gx_61", " 新来的 ", "新来的"] {
        assert_eq!(of(&browser.log_in(account, "guess").await), WRONG, "{account}");
    }
    let right = browser.log_in("新来的", PASSWORD).await;
    assert_eq!(of(&right), (30012, Some(60)));
    assert!(right.cookies().is_empty());
    // From another address too, and another account is nobody's business.
    let elsewhere = service.anyone().from("240e:3b7::1");
    assert!(waits(of(&elsewhere.log_in("gx_61", PASSWORD).await), 60));
    assert_eq!(elsewhere.log_in("别人", PASSWORD).await.code(), 0);
}

#[tokio::test]
async fn waits_grow_until_one_succeeds() {
    let service = service().await;
    let at = async |instant: &str, wait: i64| {
        let service = service.at(instant);
        let browser = service.anyone().from("36.40.120.1");
        assert_eq!(guess(&browser, "新来的", 5).await, [WRONG; 5], "{instant}");
        assert!(waits(of(&browser.log_in("新来的", PASSWORD).await), wait), "{instant}");
    };
    at("2026-01-15T12:00:00+08:00", 60).await;
    at("2026-01-15T12:02:00+08:00", 120).await;
    at("2026-01-15T12:05:00+08:00", 240).await;
    let service = service.at("2026-01-15T12:06:00+08:00");
    let waiting = service.anyone().from("36.40.120.2").log_in("新来的", PASSWORD).await;
    assert!((60..=300).contains(&waiting.wait().unwrap()), "{:?}", waiting.wait());

    let service = service.at("2026-01-15T12:30:00+08:00");
    let browser = service.anyone().from("36.40.120.2");
    assert_eq!(browser.log_in("新来的", PASSWORD).await.code(), 0);
    // It begins anew then.
    let browser = service.anyone().from("36.40.120.2");
    assert_eq!(guess(&browser, "新来的", 5).await, [WRONG; 5]);
    assert!(waits(of(&browser.log_in("新来的", PASSWORD).await), 60));
}

#[tokio::test]
async fn failures_are_forgotten_after_a_while_and_by_a_success() {
    let service = service().await;
    assert_eq!(guess(&service.anyone(), "新来的", 4).await, [WRONG; 4]);
    assert_eq!(service.anyone().log_in("新来的", PASSWORD).await.code(), 0);
    assert_eq!(guess(&service.anyone(), "新来的", 4).await, [WRONG; 4]);
    let later = service.at("2026-01-15T12:15:30+08:00");
    assert_eq!(guess(&later.anyone(), "新来的", 5).await, [WRONG; 5]);
    assert_eq!(later.anyone().log_in("新来的", PASSWORD).await.code(), 30012);
}

#[tokio::test]
async fn an_address_fails_twenty_times_over_any_accounts() {
    let service = service().await;
    let browser = service.anyone().from("36.40.120.1");
    for account in 0..20 {
        assert_eq!(of(&browser.log_in(&format!("账号{account}"), "guess").await), WRONG);
    }
    assert_eq!(of(&browser.log_in("新来的", PASSWORD).await), (30012, Some(60)));
    let other = service.anyone().from("36.40.120.2");
    assert_eq!(other.log_in("新来的", PASSWORD).await.code(), 0, "another address is not kept out");
}

#[tokio::test]
async fn an_ipv6_address_is_as_large_as_its_network() {
    let service = service().await;
    for guess in 0..20 {
        let browser = service.anyone().from(&format!("240e:3b7:1:2:{guess:x}::{guess:x}"));
        assert_eq!(browser.log_in(&format!("账号{guess}"), "guess").await.code(), 30011);
    }
    for (address, code) in [("240e:3b7:1:2:ffff::1", 30012), ("240e:3b7:1:3::1", 0)] {
        assert_eq!(service.anyone().from(address).log_in("新来的", PASSWORD).await.code(), code, "{address}");
    }
}

#[tokio::test]
async fn successes_do_not_count_against_an_address() {
    let service = service().await;
    let browser = service.anyone().from("36.40.120.1");
    for _ in 0..25 {
        assert_eq!(browser.log_in("别人", PASSWORD).await.code(), 0);
    }
    assert_eq!(of(&browser.log_in("新来的", "guess").await), WRONG);
}

#[tokio::test]
async fn an_account_that_is_not_there_answers_as_one_that_is() {
    let service = service().await;
    let of_a_member = guess(&service.anyone().from("36.40.120.1"), "新来的", 7).await;
    for (at, account) in ["不存在", "15300000000", "nobody@qq.com", "gx_99999"].into_iter().enumerate() {
        let of_nobody = guess(&service.anyone().from(&format!("36.41.0.{at}")), account, 7).await;
        let codes = |told: &[(i64, Option<i64>)]| told.iter().map(|(code, _)| *code).collect::<Vec<_>>();
        assert_eq!(codes(&of_nobody), codes(&of_a_member), "{account}");
        assert_eq!(of_nobody[5].1, of_a_member[5].1, "{account}");
    }
}

#[tokio::test]
async fn spellings_of_an_account_are_one_whether_it_is_there_or_not() {
    let there = Service::new().await;
    there.anyone().sign_up("Nobody", &[("tel", "15312345056"), ("mail", "ab@qq.com")]).await;
    let nowhere = Service::new().await;
    // Five spellings that are tried, and the sixth.
    let cases = [
        (["Nobody", "NOBODY", " nobody ", "ｎｏｂｏｄｙ", "nobody"], "noBODY", 30012),
        (
            ["15312345056", "153 1234 5056", "+8615312345056", "008615312345056", "153-1234-5056"],
            " 15312345056",
            30012,
        ),
        (["15312345056"; 5], "１５３１２３４５０５６", 30011),
        (["ab@qq.com", "AB@qq.com", " ab@QQ.com", "aB@qq.com", "ab@qq.com"], "Ab@Qq.Com", 30012),
        (["ab@qq.com"; 5], "ａｂ@qq.com", 30011),
    ];
    for (case, (tried, last, code)) in cases.into_iter().enumerate() {
        let instant = format!("2026-01-{}T12:00:00+08:00", 16 + 2 * case);
        for (service, which) in [(&there, "there"), (&nowhere, "nowhere")] {
            let service = service.at(&instant);
            let browser = service.anyone();
            for account in tried {
                assert_eq!(of(&browser.log_in(account, "guess").await), WRONG, "{which}: {account}");
            }
            assert_eq!(browser.log_in(last, "guess").await.code(), code, "{which}: {last}");
        }
    }
}

#[tokio::test]
async fn a_hundred_guesses_at_once_are_five() {
    let service = Service::with(|settings| settings.password_queue = 200.try_into().unwrap()).await;
    service.anyone().sign_up("新来的", &[]).await;
    let browsers: Vec<_> = (0..100).map(|at| service.anyone().from(&format!("36.40.120.{at}"))).collect();
    let guesses = browsers.iter().map(|browser| browser.log_in("新来的", "guess"));
    let codes: Vec<i64> = join_all(guesses).await.iter().map(Answer::code).collect();
    let count = |code| codes.iter().filter(|told| **told == code).count();
    assert_eq!((count(30011), count(30012)), (5, 95));
    // And the right one among them is one of the five, or waits.
    let right = join_all(browsers.iter().map(|browser| browser.log_in("新来的", PASSWORD))).await;
    assert!(right.iter().all(|answer| answer.code() == 30012));
    let me = service.member(61).await;
    let log = me.get("/x/member/web/login/log").await.data();
    let failed = log["list"].as_array().unwrap().iter().filter(|entry| entry["status"] == false).count();
    assert_eq!(failed, 5, "what was not looked at is no try");
}

#[tokio::test]
async fn whom_nobody_trusts_is_not_believed() {
    let service = service().await;
    // An attacker who tells another address each time.
    let told =
        |at: usize| service.anyone().from("36.40.120.1").with("x-forwarded-for", &format!("1.2.3.{at}"));
    for at in 0..20 {
        assert_eq!(told(at).log_in(&format!("账号{at}"), "guess").await.code(), 30011);
    }
    assert_eq!(told(21).log_in("新来的", PASSWORD).await.code(), 30012);
    // One who tells a victim's address does them no harm, and is recorded as who they are.
    let later = service.at("2026-01-16T12:00:00+08:00");
    let browser = later.anyone().from("36.40.120.1").with("x-forwarded-for", "202.96.0.1");
    assert_eq!(browser.log_in("新来的", PASSWORD).await.code(), 0);
    let sessions = browser.get("/passport/sessions").await.data();
    assert_eq!(sessions["list"][0]["ip"], "36.40.*.*");
    let log = browser.get("/x/member/web/login/log").await.data();
    assert_eq!(
        (&log["list"][0]["ip"], &log["list"][0]["geo"]),
        (&json!("36.40.*.*"), &json!("中国陕西渭南电信"))
    );
}

#[tokio::test]
async fn of_what_proxies_tell_the_last_that_is_no_proxy_counts() {
    let service = service().await.set(|settings| {
        settings.trusted_proxies = serde_json::from_value::<TrustedProxies>(json!("10.0.0.0/8")).unwrap();
    });
    let through = |told: &str| service.anyone().from("10.0.0.1").with("x-forwarded-for", told);
    // The client may begin the list with what it likes; the proxy writes its address behind.
    for at in 0..20 {
        let browser = through(&format!("1.2.3.{at}, 36.40.120.1, 10.0.0.2"));
        assert_eq!(browser.log_in(&format!("账号{at}"), "guess").await.code(), 30011);
    }
    for (told, code) in [("9.9.9.9, 36.40.120.1", 30012), ("36.40.120.1, 36.40.120.2", 0)] {
        let browser = through(told);
        assert_eq!(browser.log_in("新来的", PASSWORD).await.code(), code, "{told}");
    }
}

#[tokio::test]
async fn codes_to_scan_are_given_so_many_times() {
    let service = Service::with(|settings| settings.qrcodes_per_address = 2.try_into().unwrap()).await;
    let ask = async |address: &str| of(&service.anyone().from(address).post("/passport/qrcode", &[]).await);
    assert_eq!((ask("36.40.120.1").await.0, ask("36.40.120.1").await.0), (0, 0));
    assert_eq!(ask("36.40.120.1").await, (30012, Some(60)));
    assert_eq!(ask("36.40.120.2").await.0, 0);
}

#[tokio::test]
async fn who_could_not_be_looked_at_has_not_tried() {
    let service = Service::with(|settings| settings.password_queue = 1.try_into().unwrap()).await;
    service.anyone().sign_up("新来的", &[]).await;
    let browser = service.anyone().from("36.40.120.1");
    let mut held = Vec::new();
    while let Ok(place) = service.app.passwords.place(None) {
        held.push(place);
    }
    for _ in 0..20 {
        let busy = browser.log_in("新来的", PASSWORD).await;
        assert_eq!((busy.status.as_u16(), busy.code()), (503, -503));
    }
    drop(held);
    assert_eq!(browser.log_in("新来的", PASSWORD).await.code(), 0);
}

/// Every way to an attempt: path, and form.
const ATTEMPTS: [(&str, &[(&str, &str)]); 7] = [
    ("/passport/login", &[("account", "新来的"), ("password", PASSWORD)]),
    ("/passport/signup", &[("uname", "后来的"), ("password", PASSWORD)]),
    ("/passport/qrcode", &[]),
    ("/passport/password", &[("old", PASSWORD), ("new", "chang-an-yi-pian-yue")]),
    ("/passport/tel", &[("tel", "15312345056"), ("password", PASSWORD)]),
    ("/passport/mail", &[("mail", "a@b.cn"), ("password", PASSWORD)]),
    ("/passport/question", &[("question", "问"), ("answer", "答"), ("password", PASSWORD)]),
];

#[tokio::test]
async fn closed_door_takes_no_place_and_no_write() {
    let one = 1.try_into().unwrap();
    let service = Service::with(|settings| {
        settings.login_failures_per_address = one;
        settings.signups_per_address = one;
        settings.qrcodes_per_address = one;
    })
    .await;
    let (stranger, me) = (service.anyone().from("36.40.120.1"), service.anyone().from("36.40.120.1"));
    me.sign_up("新来的", &[]).await;
    assert_eq!(stranger.post("/passport/qrcode", &[]).await.code(), 0);
    assert_eq!(of(&stranger.log_in("不存在", "guess").await), WRONG);
    // Each door is full, and closes by one attempt more.
    for (path, form) in ATTEMPTS {
        assert_eq!(me.post(path, form).await.code(), 30012, "{path}");
    }
    let commands = service.commands();
    let mut held = Vec::new();
    while let Ok(place) = service.app.passwords.place(None) {
        held.push(place);
    }
    for (path, form) in ATTEMPTS {
        for _ in 0..20 {
            let told = of(&me.post(path, form).await);
            assert!(told.0 == 30012 && told.1.is_some(), "{path}: {told:?}");
        }
    }
    assert_eq!(service.commands(), commands, "nothing was written for any of them");
}

#[tokio::test]
async fn account_that_is_closed_takes_no_place_and_no_write() {
    let service = Service::with(|settings| settings.logins_per_account = 1.try_into().unwrap()).await;
    service.anyone().sign_up("新来的", &[]).await;
    for (address, code) in [("36.40.120.1", 0), ("36.40.120.2", 30012)] {
        assert_eq!(service.anyone().from(address).log_in("新来的", PASSWORD).await.code(), code);
    }
    for _ in 0..6 {
        service.anyone().from("36.40.120.3").log_in("不存在", "guess").await;
    }
    let commands = service.commands();
    let mut held = Vec::new();
    while let Ok(place) = service.app.passwords.place(None) {
        held.push(place);
    }
    for address in 10..30 {
        let browser = service.anyone().from(&format!("36.40.120.{address}"));
        for account in ["新来的", "不存在"] {
            assert_eq!(browser.log_in(account, PASSWORD).await.code(), 30012, "{account}");
        }
    }
    assert_eq!(service.commands(), commands);
}

#[tokio::test]
async fn address_has_its_share_of_places_and_no_more() {
    let service = Service::with(|settings| settings.password_queue_per_address = 1.try_into().unwrap()).await;
    let me = service.anyone().from("240e:3b7:1:2::1");
    me.sign_up("新来的", &[]).await;
    let place = service.app.passwords.place(Some("240e:3b7:1:2:ffff::9".parse().unwrap())).unwrap();
    for _ in 0..20 {
        let busy = me.log_in("新来的", PASSWORD).await;
        assert_eq!((busy.status.as_u16(), busy.wait()), (503, Some(1)));
    }
    let elsewhere = service.anyone().from("240e:3b7:1:3::1");
    assert_eq!(elsewhere.log_in("新来的", PASSWORD).await.code(), 0, "the door has not seen them");
    drop(place);
    // One place is enough for an old password and the new one.
    let change = [("old", PASSWORD), ("new", "chang-an-yi-pian-yue")];
    assert_eq!(me.post("/passport/password", &change).await.code(), 0);
    let question = [("question", "问"), ("answer", "答"), ("password", "chang-an-yi-pian-yue")];
    assert_eq!(me.post("/passport/question", &question).await.code(), 0);
}

#[tokio::test]
async fn a_new_password_is_not_worked_on_for_who_has_not_proved_who_they_are() {
    let service = service().await;
    let me = service.anyone();
    assert_eq!(me.log_in("新来的", PASSWORD).await.code(), 0);
    let change = async |old| {
        me.post("/passport/password", &[("old", old), ("new", "chang-an-yi-pian-yue")]).await.code()
    };
    for _ in 0..5 {
        assert_eq!(change("guess").await, 30011);
    }
    // From then on nothing is worked on: not even a place is needed.
    assert_eq!(change("guess").await, 30012);
    assert_eq!(me.log_in("新来的", "chang-an-yi-pian-yue").await.code(), 30012);
}

#[tokio::test]
async fn whose_a_phone_is_cannot_be_asked_for_ever() {
    let service = Service::with(|settings| settings.signups_per_address = 3.try_into().unwrap()).await;
    let ask = async |mid: u64, address: &str, tel: &str| {
        let me = service.member(mid).await.from(address);
        me.post("/passport/tel", &[("tel", tel)]).await.code()
    };
    for tel in ["15312345001", "15312345002", "15312345003"] {
        assert_eq!(ask(7, "36.40.120.1", tel).await, 0);
    }
    assert_eq!(ask(7, "36.40.120.2", "15312345004").await, 30012, "a member is stopped wherever they are");
    assert_eq!(ask(8, "36.40.120.1", "15312345004").await, 30012, "and an address whoever it is");
    assert_eq!(ask(8, "36.40.120.2", "15312345003").await, 30003);
}

#[tokio::test]
async fn right_passwords_have_an_end_too() {
    let service = Service::with(|settings| settings.logins_per_account = 3.try_into().unwrap()).await;
    service.anyone().sign_up("新来的", &[]).await;
    for address in ["36.40.120.1", "36.40.120.2", "36.40.120.3"] {
        assert_eq!(service.anyone().from(address).log_in("新来的", PASSWORD).await.code(), 0);
    }
    assert!(waits(of(&service.anyone().log_in("新来的", PASSWORD).await), 60));
}

#[tokio::test]
async fn a_password_that_an_operator_sets_opens_the_door() {
    let service = service().await;
    let browser = service.anyone();
    guess(&browser, "新来的", 6).await;
    let set = json!({"mid": 61, "password": "chang-an-yi-pian-yue"});
    let admin = service.operator(guanxi_types::Role::Admin).await;
    assert_eq!(admin.post("/operator/member/update", set).await.code(), 0);
    assert_eq!(browser.log_in("新来的", "chang-an-yi-pian-yue").await.code(), 0);
}

#[tokio::test]
async fn a_password_is_not_read_from_a_query() {
    let service = service().await;
    let query = guanxi_api::params::encode([("account", "新来的"), ("password", PASSWORD)]);
    let answer = service.anyone().post_bare(&format!("/passport/login?{query}"), "").await;
    assert_eq!(
        (answer.code(), answer.headers["guanxi-hint"].to_str().unwrap()),
        (-400, "account is missing")
    );
}
