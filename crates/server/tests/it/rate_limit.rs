//! Rate limits and lockouts of password checks, by account, address and member.

use crate::client::{PASSWORD, TestClient};
use crate::service::{Service, TestResponse};
use futures_util::future::join_all;
use serde_json::json;

/// A service with the members 新来的 and 别人.
async fn service() -> Service {
    let service = Service::new().await;
    for uname in ["新来的", "别人"] {
        service.anonymous().sign_up(uname, &[]).await;
    }
    service
}

/// Tries to log in repeatedly with a wrong password, and returns the outcomes.
async fn guess(browser: &TestClient<'_>, account: &str, times: usize) -> Vec<(i64, Option<i64>)> {
    let mut outcomes = Vec::new();
    for _ in 0..times {
        outcomes.push(outcome(&browser.log_in(account, "guess").await));
    }
    outcomes
}

fn outcome(answer: &TestResponse) -> (i64, Option<i64>) {
    (answer.code(), answer.retry_after())
}

const INVALID_CREDENTIALS: (i64, Option<i64>) = (30011, None);

/// Returns true for a lockout of about so many seconds. The clock advances during the test.
fn is_locked_for(outcome: (i64, Option<i64>), seconds: i64) -> bool {
    outcome.0 == 30012 && outcome.1.is_some_and(|wait| (seconds - 30..=seconds).contains(&wait))
}

#[tokio::test]
async fn account_is_locked_after_five_failures() {
    let service = service().await;
    let browser = service.anonymous().with_address("36.40.120.1");
    // All spellings belong to one account.
    for account in ["新来的", "GX_61", "gx_61", " 新来的 ", "新来的"] {
        assert_eq!(outcome(&browser.log_in(account, "guess").await), INVALID_CREDENTIALS, "{account}");
    }
    let right = browser.log_in("新来的", PASSWORD).await;
    assert_eq!(outcome(&right), (30012, Some(60)));
    assert!(right.cookies().is_empty());
    // The lockout applies to other addresses too, but not to other accounts.
    let elsewhere = service.anonymous().with_address("240e:3b7::1");
    assert!(is_locked_for(outcome(&elsewhere.log_in("gx_61", PASSWORD).await), 60));
    assert_eq!(elsewhere.log_in("别人", PASSWORD).await.code(), 0);
}

#[tokio::test]
async fn lockout_doubles_until_a_login_succeeds() {
    let service = service().await;
    let at = async |instant: &str, wait: i64| {
        let service = service.at_time(instant);
        let browser = service.anonymous().with_address("36.40.120.1");
        assert_eq!(guess(&browser, "新来的", 5).await, [INVALID_CREDENTIALS; 5], "{instant}");
        assert!(is_locked_for(outcome(&browser.log_in("新来的", PASSWORD).await), wait), "{instant}");
    };
    at("2026-01-15T12:00:00+08:00", 60).await;
    at("2026-01-15T12:02:00+08:00", 120).await;
    at("2026-01-15T12:05:00+08:00", 240).await;
    let service = service.at_time("2026-01-15T12:06:00+08:00");
    let waiting = service.anonymous().with_address("36.40.120.2").log_in("新来的", PASSWORD).await;
    assert!((60..=300).contains(&waiting.retry_after().unwrap()), "{:?}", waiting.retry_after());

    let service = service.at_time("2026-01-15T12:30:00+08:00");
    let browser = service.anonymous().with_address("36.40.120.2");
    assert_eq!(browser.log_in("新来的", PASSWORD).await.code(), 0);
    // The lockout restarts at its shortest.
    let browser = service.anonymous().with_address("36.40.120.2");
    assert_eq!(guess(&browser, "新来的", 5).await, [INVALID_CREDENTIALS; 5]);
    assert!(is_locked_for(outcome(&browser.log_in("新来的", PASSWORD).await), 60));
}

#[tokio::test]
async fn failures_expire_or_are_cleared_by_success() {
    let service = service().await;
    assert_eq!(guess(&service.anonymous(), "新来的", 4).await, [INVALID_CREDENTIALS; 4]);
    assert_eq!(service.anonymous().log_in("新来的", PASSWORD).await.code(), 0);
    assert_eq!(guess(&service.anonymous(), "新来的", 4).await, [INVALID_CREDENTIALS; 4]);
    let later = service.at_time("2026-01-15T12:15:30+08:00");
    assert_eq!(guess(&later.anonymous(), "新来的", 5).await, [INVALID_CREDENTIALS; 5]);
    assert_eq!(later.anonymous().log_in("新来的", PASSWORD).await.code(), 30012);
}

#[tokio::test]
async fn address_is_locked_after_twenty_failures() {
    let service = service().await;
    let browser = service.anonymous().with_address("36.40.120.1");
    for account in 0..20 {
        assert_eq!(outcome(&browser.log_in(&format!("账号{account}"), "guess").await), INVALID_CREDENTIALS);
    }
    assert_eq!(outcome(&browser.log_in("新来的", PASSWORD).await), (30012, Some(60)));
    let other = service.anonymous().with_address("36.40.120.2");
    assert_eq!(other.log_in("新来的", PASSWORD).await.code(), 0, "other addresses are not locked");
}

#[tokio::test]
async fn ipv6_addresses_are_limited_per_64_network() {
    let service = service().await;
    for guess in 0..20 {
        let browser = service.anonymous().with_address(&format!("240e:3b7:1:2:{guess:x}::{guess:x}"));
        assert_eq!(browser.log_in(&format!("账号{guess}"), "guess").await.code(), 30011);
    }
    for (address, code) in [("240e:3b7:1:2:ffff::1", 30012), ("240e:3b7:1:3::1", 0)] {
        assert_eq!(
            service.anonymous().with_address(address).log_in("新来的", PASSWORD).await.code(),
            code,
            "{address}"
        );
    }
}

#[tokio::test]
async fn successful_logins_do_not_count_for_address() {
    let service = service().await;
    let browser = service.anonymous().with_address("36.40.120.1");
    for _ in 0..25 {
        assert_eq!(browser.log_in("别人", PASSWORD).await.code(), 0);
    }
    assert_eq!(outcome(&browser.log_in("新来的", "guess").await), INVALID_CREDENTIALS);
}

#[tokio::test]
async fn unknown_account_behaves_like_a_known_one() {
    let service = service().await;
    let known = guess(&service.anonymous().with_address("36.40.120.1"), "新来的", 7).await;
    for (at, account) in ["不存在", "15300000000", "nobody@qq.com", "gx_99999"].into_iter().enumerate() {
        let unknown = guess(&service.anonymous().with_address(&format!("36.41.0.{at}")), account, 7).await;
        let codes =
            |outcomes: &[(i64, Option<i64>)]| outcomes.iter().map(|(code, _)| *code).collect::<Vec<_>>();
        assert_eq!(codes(&unknown), codes(&known), "{account}");
        assert_eq!(unknown[5].1, known[5].1, "{account}");
    }
}

#[tokio::test]
async fn account_spellings_share_one_bucket() {
    let with_account = Service::new().await;
    with_account.anonymous().sign_up("Nobody", &[("tel", "15312345056"), ("mail", "ab@qq.com")]).await;
    let without_account = Service::new().await;
    // Five spellings to try, the sixth, and its code.
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
        for (service, case) in [(&with_account, "known"), (&without_account, "unknown")] {
            let service = service.at_time(&instant);
            let browser = service.anonymous();
            for account in tried {
                assert_eq!(
                    outcome(&browser.log_in(account, "guess").await),
                    INVALID_CREDENTIALS,
                    "{case}: {account}"
                );
            }
            assert_eq!(browser.log_in(last, "guess").await.code(), code, "{case}: {last}");
        }
    }
}

#[tokio::test]
async fn concurrent_guesses_are_limited_to_five() {
    let service = Service::with_settings(|settings| settings.argon2_queue = 200.try_into().unwrap()).await;
    service.anonymous().sign_up("新来的", &[]).await;
    let browsers: Vec<_> =
        (0..100).map(|at| service.anonymous().with_address(&format!("36.40.120.{at}"))).collect();
    let guesses = browsers.iter().map(|browser| browser.log_in("新来的", "guess"));
    let codes: Vec<i64> = join_all(guesses).await.iter().map(TestResponse::code).collect();
    let count = |code| codes.iter().filter(|actual| **actual == code).count();
    assert_eq!((count(30011), count(30012)), (5, 95));
    // The right password is among the five or is rate limited.
    let right = join_all(browsers.iter().map(|browser| browser.log_in("新来的", PASSWORD))).await;
    assert!(right.iter().all(|answer| answer.code() == 30012));
    let me = service.log_in_as(61).await;
    let log = me.get("/x/member/web/login/log").await.data();
    let failed = log["list"].as_array().unwrap().iter().filter(|entry| entry["status"] == false).count();
    assert_eq!(failed, 5, "rate-limited attempts are not logged");
}

#[tokio::test]
async fn forwarded_address_of_untrusted_peer_is_ignored() {
    let service = service().await;
    // An attacker who forges another address in each request.
    let forwarded = |at: usize| {
        service.anonymous().with_address("36.40.120.1").with_header("x-forwarded-for", &format!("1.2.3.{at}"))
    };
    for at in 0..20 {
        assert_eq!(forwarded(at).log_in(&format!("账号{at}"), "guess").await.code(), 30011);
    }
    assert_eq!(forwarded(21).log_in("新来的", PASSWORD).await.code(), 30012);
    // A forged address does not lock the victim, and the real address is recorded.
    let later = service.at_time("2026-01-16T12:00:00+08:00");
    let browser = later.anonymous().with_address("36.40.120.1").with_header("x-forwarded-for", "202.96.0.1");
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
async fn last_untrusted_forwarded_address_is_the_client() {
    let service = service().await.reconfigured(|settings| {
        settings.trusted_proxies = "10.0.0.0/8".parse().unwrap();
    });
    let through = |addresses: &str| {
        service.anonymous().with_address("10.0.0.1").with_header("x-forwarded-for", addresses)
    };
    // The client may forge the beginning of the list. The proxy appends the real address.
    for at in 0..20 {
        let browser = through(&format!("1.2.3.{at}, 36.40.120.1, 10.0.0.2"));
        assert_eq!(browser.log_in(&format!("账号{at}"), "guess").await.code(), 30011);
    }
    for (addresses, code) in [("9.9.9.9, 36.40.120.1", 30012), ("36.40.120.1, 36.40.120.2", 0)] {
        let browser = through(addresses);
        assert_eq!(browser.log_in("新来的", PASSWORD).await.code(), code, "{addresses}");
    }
}

#[tokio::test]
async fn qr_codes_per_address_are_limited() {
    let service =
        Service::with_settings(|settings| settings.qrcodes_per_address = 2.try_into().unwrap()).await;
    let ask = async |address: &str| {
        outcome(&service.anonymous().with_address(address).post("/passport/qrcode", &[]).await)
    };
    assert_eq!((ask("36.40.120.1").await.0, ask("36.40.120.1").await.0), (0, 0));
    assert_eq!(ask("36.40.120.1").await, (30012, Some(60)));
    assert_eq!(ask("36.40.120.2").await.0, 0);
}

#[tokio::test]
async fn new_password_is_hashed_only_after_the_old_matches() {
    let service = service().await;
    let me = service.anonymous();
    assert_eq!(me.log_in("新来的", PASSWORD).await.code(), 0);
    let change = async |old| {
        me.post("/passport/password", &[("old", old), ("new", "chang-an-yi-pian-yue")]).await.code()
    };
    for _ in 0..5 {
        assert_eq!(change("guess").await, 30011);
    }
    // From now on nothing is hashed, and no permit is needed.
    assert_eq!(change("guess").await, 30012);
    assert_eq!(me.log_in("新来的", "chang-an-yi-pian-yue").await.code(), 30012);
}

#[tokio::test]
async fn phone_changes_are_limited() {
    let service =
        Service::with_settings(|settings| settings.contact_changes_per_address = 3.try_into().unwrap()).await;
    let ask = async |mid: u64, address: &str, tel: &str| {
        let me = service.log_in_as(mid).await.with_address(address);
        me.post("/passport/tel", &[("tel", tel)]).await.code()
    };
    for tel in ["15312345001", "15312345002", "15312345003"] {
        assert_eq!(ask(7, "36.40.120.1", tel).await, 0);
    }
    assert_eq!(ask(7, "36.40.120.2", "15312345004").await, 30012, "limited per member");
    assert_eq!(ask(8, "36.40.120.1", "15312345004").await, 30012, "limited per address");
    assert_eq!(ask(8, "36.40.120.2", "15312345003").await, 30003);
}

#[tokio::test]
async fn successful_logins_per_account_are_limited() {
    let service =
        Service::with_settings(|settings| settings.logins_per_account = 3.try_into().unwrap()).await;
    service.anonymous().sign_up("新来的", &[]).await;
    for address in ["36.40.120.1", "36.40.120.2", "36.40.120.3"] {
        assert_eq!(service.anonymous().with_address(address).log_in("新来的", PASSWORD).await.code(), 0);
    }
    assert!(is_locked_for(outcome(&service.anonymous().log_in("新来的", PASSWORD).await), 60));
}

#[tokio::test]
async fn password_set_by_operator_ends_the_lockout() {
    let service = service().await;
    let browser = service.anonymous();
    guess(&browser, "新来的", 6).await;
    let set = json!({"mid": 61, "password": "chang-an-yi-pian-yue"});
    let admin = service.operator(guanxi_types::Role::Admin).await;
    assert_eq!(admin.post("/operator/member/update", set).await.code(), 0);
    assert_eq!(browser.log_in("新来的", "chang-an-yi-pian-yue").await.code(), 0);
}
