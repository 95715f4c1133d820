//! Sessions, and the cookies that name them.

use crate::browser::{Browser, PASSWORD};
use crate::service::{Service, member};
use axum::body::Body;
use guanxi_storage::Store;
use guanxi_storage::command::RevokeSessions;
use http::Request;
use http::header::COOKIE;

const ACCOUNT: &str = "/x/member/web/account";

#[tokio::test]
async fn a_session_ends_when_its_time_is_over_or_it_is_revoked() {
    let service = Service::new().await;
    let cookies = service.member(1).await.cookies();
    let ask = async |service: &Service| {
        let request = Request::get(ACCOUNT).header(COOKIE, &cookies).body(Body::empty()).unwrap();
        service.send(request).await.code()
    };
    assert_eq!(ask(&service).await, 0);
    let service = service.at("2026-02-14T11:59:00+08:00");
    assert_eq!(ask(&service).await, 0);
    let service = service.at("2026-02-14T12:01:00+08:00");
    assert_eq!(ask(&service).await, -101);
    let service = service.at("2026-01-15T12:00:00+08:00");
    assert_eq!(ask(&service).await, 0);
    service.app.store.run(RevokeSessions { me: member(1) }).await.unwrap();
    assert_eq!(ask(&service).await, -101);
}

#[tokio::test]
async fn login_over_a_session_ends_the_session() {
    let service = Service::new().await;
    service.anyone().sign_up("小甲", &[]).await;
    service.anyone().sign_up("小乙", &[]).await;
    let browser = service.anyone();
    assert_eq!(browser.log_in("小甲", PASSWORD).await.code(), 0);
    let ended = async |before: Browser<'_>, how: &str| {
        assert!(browser.is_logged_in().await, "{how}");
        assert_ne!(before.token(), browser.token(), "{how}");
        assert!(!before.is_logged_in().await, "{how}");
    };
    let before = browser.at(&service);
    assert_eq!(browser.log_in("小甲", "guess").await.code(), 30011);
    assert!(before.is_logged_in().await, "who is not logged in anew stays as they were");
    assert_eq!(browser.log_in("小甲", PASSWORD).await.code(), 0);
    ended(before, "by password").await;
    let before = browser.at(&service);
    assert_eq!(browser.log_in("小乙", PASSWORD).await.code(), 0);
    ended(before, "as somebody else").await;
    let before = browser.at(&service);
    browser.sign_up("小丙", &[]).await;
    ended(before, "by signing up").await;
    let before = browser.at(&service);
    let key = browser.post("/passport/qrcode", &[]).await.data()["key"].as_str().unwrap().to_owned();
    let phone = service.member(7).await;
    assert_eq!(phone.get(&format!("/passport/qrcode/confirm?key={key}")).await.code(), 0);
    assert_eq!(phone.post("/passport/qrcode/confirm", &[("key", &key)]).await.code(), 0);
    assert_eq!(browser.get(&format!("/passport/qrcode?key={key}")).await.data()["mid"], 7);
    ended(before, "by QR code").await;
    assert!(phone.is_logged_in().await, "the one that said yes is another");
}

#[tokio::test]
async fn cookies_as_clients_send_them() {
    let service = Service::new().await;
    let me = service.member(1).await;
    let token = me.token();
    let secret = token.secret();
    let encoded = secret.replace('a', "%61").replace('7', "%37");
    let cases = [
        (format!("SESSDATA={secret}"), 0),
        (format!("buvid3=x;SESSDATA={secret};"), 0),
        (format!("; nameless; =x; SESSDATA={secret}; SESSDATA=other"), 0),
        (format!("SESSDATA={encoded}"), 0),
        (format!("SESSDATA=other; SESSDATA={secret}"), -101),
        (format!("sessdata={secret}"), -101),
        ("SESSDATA=".to_owned(), -101),
        ("SESSDATA=xxx%2C1700000000%2Cabcd*11".to_owned(), -101),
    ];
    for (cookies, code) in cases {
        let request = Request::get(ACCOUNT).header(COOKIE, &cookies).body(Body::empty()).unwrap();
        assert_eq!(service.send(request).await.code(), code, "{cookies}");
    }
}

#[tokio::test]
async fn the_site_asks_for_a_dede_user_id_too() {
    let service = Service::new().await;
    let me = service.member(1).await;
    let token = me.token();
    for (named, code) in [
        ("; DedeUserID=1", 0),
        // Whose it is does not matter (D9).
        ("; DedeUserID=2", 0),
        ("; DedeUserID=x", 0),
        ("", -101),
        ("; DedeUserID=", -101),
        ("; DedeUserID=0", -101),
        ("; DedeUserID=00", -101),
        ("; DedeUserID=0; DedeUserID=1", -101),
    ] {
        let cookies = format!("SESSDATA={}{named}", token.secret());
        let request =
            Request::get("/web/site/user/info").header(COOKIE, cookies).body(Body::empty()).unwrap();
        assert_eq!(service.send(request).await.code(), code, "{named}");
    }
}

#[tokio::test]
async fn a_dead_session_on_an_open_endpoint_is_as_none() {
    let service = Service::new().await;
    let request = Request::get("/x/relation/stat?vmid=1").header(COOKIE, "SESSDATA=dead");
    assert_eq!(service.send(request.body(Body::empty()).unwrap()).await.code(), 0);
}
