//! Sessions, and the cookies that carry them.

use crate::client::{PASSWORD, TestClient};
use crate::service::{Service, mid_of};
use axum::body::Body;
use guanxi_server::session_token::to_hex;
use guanxi_storage::Store;
use guanxi_storage::commands::RevokeSessions;
use http::Request;
use http::header::COOKIE;
use serde_json::json;

const ACCOUNT: &str = "/x/member/web/account";

#[tokio::test]
async fn session_ends_by_expiry_or_revocation() {
    let service = Service::new().await;
    let cookies = service.log_in_as(1).await.cookies();
    let account_code = async |service: &Service| {
        let request = Request::get(ACCOUNT).header(COOKIE, &cookies).body(Body::empty()).unwrap();
        service.send(request).await.code()
    };
    assert_eq!(account_code(&service).await, 0);
    let service = service.at_time("2026-02-14T11:59:00+08:00");
    assert_eq!(account_code(&service).await, 0);
    let service = service.at_time("2026-02-14T12:01:00+08:00");
    assert_eq!(account_code(&service).await, -101);
    let service = service.at_time("2026-01-15T12:00:00+08:00");
    assert_eq!(account_code(&service).await, 0);
    service.app.store.run(RevokeSessions { me: mid_of(1) }).await.unwrap();
    assert_eq!(account_code(&service).await, -101);
}

#[tokio::test]
async fn login_ends_the_previous_session() {
    let service = Service::new().await;
    service.anonymous().sign_up("小甲", &[]).await;
    service.anonymous().sign_up("小乙", &[]).await;
    let browser = service.anonymous();
    assert_eq!(browser.log_in("小甲", PASSWORD).await.code(), 0);
    let assert_ended = async |before: TestClient<'_>, case: &str| {
        assert!(browser.is_logged_in().await, "{case}");
        assert_ne!(before.token(), browser.token(), "{case}");
        assert!(!before.is_logged_in().await, "{case}");
    };
    let before = browser.with_service(&service);
    assert_eq!(browser.log_in("小甲", "guess").await.code(), 30011);
    assert!(before.is_logged_in().await, "a failed login keeps the session");
    assert_eq!(browser.log_in("小甲", PASSWORD).await.code(), 0);
    assert_ended(before, "by password").await;
    let before = browser.with_service(&service);
    assert_eq!(browser.log_in("小乙", PASSWORD).await.code(), 0);
    assert_ended(before, "as somebody else").await;
    let before = browser.with_service(&service);
    browser.sign_up("小丙", &[]).await;
    assert_ended(before, "by signing up").await;
    let before = browser.with_service(&service);
    let key = browser.post("/passport/qrcode", &[]).await.data()["key"].as_str().unwrap().to_owned();
    let phone = service.log_in_as(7).await;
    assert_eq!(phone.get(&format!("/passport/qrcode/confirm?key={key}")).await.code(), 0);
    assert_eq!(phone.post("/passport/qrcode/confirm", &[("key", &key)]).await.code(), 0);
    assert_eq!(browser.get(&format!("/passport/qrcode?key={key}")).await.data()["mid"], 7);
    assert_ended(before, "by QR code").await;
    assert!(phone.is_logged_in().await, "the confirming session stays");
}

#[tokio::test]
async fn session_cookie_is_parsed_as_clients_send_it() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    let token = me.token();
    let secret = token.as_str();
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
async fn site_info_needs_the_dede_user_id_cookie() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    let token = me.token();
    for (named, code) in [
        ("; DedeUserID=1", 0),
        // Its value is not compared with the session (D9).
        ("; DedeUserID=2", 0),
        ("; DedeUserID=x", 0),
        ("", -101),
        ("; DedeUserID=", -101),
        ("; DedeUserID=0", -101),
        ("; DedeUserID=00", -101),
        ("; DedeUserID=0; DedeUserID=1", -101),
    ] {
        let cookies = format!("SESSDATA={}{named}", token.as_str());
        let request =
            Request::get("/web/site/user/info").header(COOKIE, cookies).body(Body::empty()).unwrap();
        assert_eq!(service.send(request).await.code(), code, "{named}");
    }
}

#[tokio::test]
async fn expired_session_on_public_endpoint_is_anonymous() {
    let service = Service::new().await;
    let request = Request::get("/x/relation/stat?vmid=1").header(COOKIE, "SESSDATA=dead");
    assert_eq!(service.send(request.body(Body::empty()).unwrap()).await.code(), 0);
}

#[tokio::test]
async fn sessions_are_listed_and_revoked() {
    let service = Service::new().await;
    let old = service.anonymous().with_address("36.40.120.1");
    let mid = old.sign_up("新来的", &[]).await;
    let service = service.at_time("2026-01-15T12:10:00+08:00");
    let here = service.anonymous().with_address("240e:3b7::1").with_header("user-agent", "curl/8.5.0");
    assert_eq!(here.log_in("新来的", PASSWORD).await.data()["mid"], mid);
    let list = here.get("/passport/sessions").await.data()["list"].take();
    let [new, first] = list.as_array().unwrap().as_slice() else { panic!("{list}") };
    assert_eq!(
        (&new["current"], &new["device"], &new["ip"], &new["type"]),
        (&json!(true), &json!("curl"), &json!("240e:*:*:*:*:*:*:*"), &json!(0))
    );
    assert_eq!(
        (&first["current"], &first["ip"], &first["place"]),
        (&json!(false), &json!("36.40.*.*"), &json!("中国陕西渭南"))
    );
    assert_eq!(new["expires"].as_i64().unwrap() - new["created"].as_i64().unwrap(), 30 * 86_400);

    let id = first["id"].as_str().unwrap();
    let revoke = async |browser: &TestClient<'_>, id: &str| {
        browser.post("/passport/sessions/revoke", &[("id", id)]).await.code()
    };
    // Another member cannot revoke it, and learns nothing.
    let stranger = service.log_in_as(1).await;
    assert_eq!(revoke(&stranger, id).await, 30013);
    for none in ["", "0", "zz", &format!("{id}00"), "0000000000000000"] {
        assert_eq!(revoke(&here, none).await, 30013, "{none}");
    }
    let old = old.with_service(&service);
    assert!(old.is_logged_in().await);
    assert_eq!((revoke(&here, id).await, revoke(&here, id).await), (0, 30013));
    assert!(!old.is_logged_in().await && here.is_logged_in().await);
    assert_eq!(here.get("/passport/sessions").await.data()["list"].as_array().unwrap().len(), 1);
    // The current session may be revoked too.
    assert_eq!(revoke(&here, new["id"].as_str().unwrap()).await, 0);
    assert_eq!(here.get("/passport/sessions").await.code(), -101);
}

#[tokio::test]
async fn session_id_accepts_hex_digits_only() {
    let service = Service::new().await;
    let (me, other) = loop {
        let (me, other) = (service.log_in_as(1).await, service.log_in_as(1).await);
        if other.token().id()[0] < 0x10 {
            break (me, other);
        }
    };
    let id = to_hex(&other.token().id());
    let revoke = async |id: &str| me.post("/passport/sessions/revoke", &[("id", id)]).await.code();
    assert_eq!(revoke(&id.replacen('0', "+", 1)).await, 30013);
    assert!(other.is_logged_in().await);
    assert_eq!(revoke(&id).await, 0);
}

#[tokio::test]
async fn session_limit_revokes_the_oldest() {
    let service = Service::with_settings(|settings| settings.session_limit = 2.try_into().unwrap()).await;
    let first = service.anonymous();
    first.sign_up("新来的", &[]).await;
    let service = service.at_time("2026-01-15T12:10:00+08:00");
    let second = service.anonymous();
    assert_eq!(second.log_in("新来的", PASSWORD).await.code(), 0);
    let service = service.at_time("2026-01-15T12:20:00+08:00");
    let third = service.anonymous();
    assert_eq!(third.log_in("新来的", PASSWORD).await.code(), 0);
    assert!(!first.with_service(&service).is_logged_in().await);
    assert!(second.with_service(&service).is_logged_in().await && third.is_logged_in().await);
}
