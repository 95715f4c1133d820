//! Permits for password hashing: overload, and attempts that need none.

use crate::client::PASSWORD;
use crate::service::Service;

/// Acquires all permits of a service.
fn acquire_all_permits(service: &Service) -> Vec<impl Sized> {
    std::iter::from_fn(|| service.app.password_hasher.acquire(None).ok()).collect()
}

#[tokio::test]
async fn overload_does_not_count_attempts() {
    let service = Service::with_settings(|settings| settings.argon2_queue = 1.try_into().unwrap()).await;
    service.anonymous().sign_up("新来的", &[]).await;
    let browser = service.anonymous().with_address("36.40.120.1");
    let permits = acquire_all_permits(&service);
    for _ in 0..20 {
        let busy = browser.log_in("新来的", PASSWORD).await;
        assert_eq!((busy.status.as_u16(), busy.code()), (503, -503));
    }
    drop(permits);
    assert_eq!(browser.log_in("新来的", PASSWORD).await.code(), 0);
}

/// Paths and forms of all rate-limited attempts.
const RATE_LIMITED_FORMS: [(&str, &[(&str, &str)]); 7] = [
    ("/passport/login", &[("account", "新来的"), ("password", PASSWORD)]),
    ("/passport/signup", &[("uname", "后来的"), ("password", PASSWORD)]),
    ("/passport/qrcode", &[]),
    ("/passport/password", &[("old", PASSWORD), ("new", "chang-an-yi-pian-yue")]),
    ("/passport/tel", &[("tel", "15312345056"), ("password", PASSWORD)]),
    ("/passport/mail", &[("mail", "a@b.cn"), ("password", PASSWORD)]),
    ("/passport/question", &[("question", "问"), ("answer", "答"), ("password", PASSWORD)]),
];

#[tokio::test]
async fn locked_bucket_needs_no_hashing_permit_and_no_write() {
    let one = 1.try_into().unwrap();
    let service = Service::with_settings(|settings| {
        settings.login_failures_per_address = one;
        settings.registrations_per_address = one;
        settings.contact_changes_per_address = one;
        settings.qrcodes_per_address = one;
    })
    .await;
    let (stranger, me) =
        (service.anonymous().with_address("36.40.120.1"), service.anonymous().with_address("36.40.120.1"));
    me.sign_up("新来的", &[]).await;
    assert_eq!(stranger.post("/passport/qrcode", &[]).await.code(), 0);
    assert_eq!(stranger.log_in("不存在", "guess").await.code(), 30011);
    // Each bucket is full, and one more attempt starts its lockout.
    for (path, form) in RATE_LIMITED_FORMS {
        assert_eq!(me.post(path, form).await.code(), 30012, "{path}");
    }
    let commands = service.command_count();
    let _permits = acquire_all_permits(&service);
    for (path, form) in RATE_LIMITED_FORMS {
        for _ in 0..20 {
            let answer = me.post(path, form).await;
            assert!(answer.code() == 30012 && answer.retry_after().is_some(), "{path}: {}", answer.text());
        }
    }
    assert_eq!(service.command_count(), commands, "rate-limited requests write nothing");
}

#[tokio::test]
async fn locked_account_needs_no_hashing_permit_and_no_write() {
    let service =
        Service::with_settings(|settings| settings.logins_per_account = 1.try_into().unwrap()).await;
    service.anonymous().sign_up("新来的", &[]).await;
    for (address, code) in [("36.40.120.1", 0), ("36.40.120.2", 30012)] {
        assert_eq!(service.anonymous().with_address(address).log_in("新来的", PASSWORD).await.code(), code);
    }
    for _ in 0..6 {
        service.anonymous().with_address("36.40.120.3").log_in("不存在", "guess").await;
    }
    let commands = service.command_count();
    let _permits = acquire_all_permits(&service);
    for address in 10..30 {
        let browser = service.anonymous().with_address(&format!("36.40.120.{address}"));
        for account in ["新来的", "不存在"] {
            assert_eq!(browser.log_in(account, PASSWORD).await.code(), 30012, "{account}");
        }
    }
    assert_eq!(service.command_count(), commands);
}

#[tokio::test]
async fn hashing_permits_per_address_are_limited() {
    let service =
        Service::with_settings(|settings| settings.argon2_queue_per_address = 1.try_into().unwrap()).await;
    let me = service.anonymous().with_address("240e:3b7:1:2::1");
    me.sign_up("新来的", &[]).await;
    let permit = service.app.password_hasher.acquire(Some("240e:3b7:1:2:ffff::9".parse().unwrap())).unwrap();
    for _ in 0..20 {
        let busy = me.log_in("新来的", PASSWORD).await;
        assert_eq!((busy.status.as_u16(), busy.retry_after()), (503, Some(1)));
    }
    let elsewhere = service.anonymous().with_address("240e:3b7:1:3::1");
    assert_eq!(elsewhere.log_in("新来的", PASSWORD).await.code(), 0, "overload was not counted");
    drop(permit);
    // One permit is enough to verify the old password and hash the new one.
    let change = [("old", PASSWORD), ("new", "chang-an-yi-pian-yue")];
    assert_eq!(me.post("/passport/password", &change).await.code(), 0);
    let question = [("question", "问"), ("answer", "答"), ("password", "chang-an-yi-pian-yue")];
    assert_eq!(me.post("/passport/question", &question).await.code(), 0);
}
