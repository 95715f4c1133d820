//! Roles, tokens and request validation of the operators' API, and the separation of the listeners.

use crate::operator_client::OperatorClient;
use crate::service::{Service, TestResponse};
use axum::body::Body;
use guanxi_api::auth::AuthRequirement;
use guanxi_api::endpoint::EndpointInfo;
use guanxi_server::operator;
use guanxi_server::routes::endpoints;
use guanxi_types::Role;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{Method, Request};
use serde_json::{Value, json};

const ADMIN: &[Role] = &[Role::Admin];
const MODERATORS: &[Role] = &[Role::Admin, Role::Moderator];
const INGEST: &[Role] = &[Role::Admin, Role::Ingest];

/// Operations and their roles.
#[rustfmt::skip]
const ROLES: [(&str, &str, &[Role]); 30] = [
    ("GET",  "/operator/member",                 MODERATORS),
    ("GET",  "/operator/members",                MODERATORS),
    ("POST", "/operator/members/batch",          MODERATORS),
    ("POST", "/operator/member/create",          ADMIN),
    ("POST", "/operator/member/update",          ADMIN),
    ("POST", "/operator/member/silence",         MODERATORS),
    ("POST", "/operator/member/verify",          INGEST),
    ("GET",  "/operator/member/coins",           MODERATORS),
    ("POST", "/operator/member/coins",           ADMIN),
    ("POST", "/operator/member/sessions/revoke", MODERATORS),
    ("POST", "/operator/member/factors/remove",  ADMIN),
    ("POST", "/operator/member/face/delete",     MODERATORS),
    ("POST", "/operator/member/delete",          ADMIN),
    ("GET",  "/operator/member/notes",           MODERATORS),
    ("POST", "/operator/member/notes/add",       MODERATORS),
    ("POST", "/operator/member/notes/delete",    ADMIN),
    ("GET",  "/operator/reviews/signs",          MODERATORS),
    ("POST", "/operator/reviews/sign",           MODERATORS),
    ("GET",  "/operator/reviews/names",          MODERATORS),
    ("POST", "/operator/reviews/name",           MODERATORS),
    ("GET",  "/operator/reviews/realnames",      MODERATORS),
    ("POST", "/operator/reviews/realname",       MODERATORS),
    ("POST", "/operator/events",                 INGEST),
    ("GET",  "/operator/audit",                  ADMIN),
    ("GET",  "/operator/messages",               ADMIN),
    ("GET",  "/operator/tokens",                 ADMIN),
    ("POST", "/operator/tokens/create",          ADMIN),
    ("POST", "/operator/tokens/revoke",          ADMIN),
    ("GET",  "/operator/keys",                   ADMIN),
    ("POST", "/operator/keys/rotate",            ADMIN),
];

fn roles(info: &EndpointInfo) -> &'static [Role] {
    match info.auth {
        AuthRequirement::Operator(roles) => roles,
        other => panic!("{} requires {other:?}", info.path),
    }
}

async fn call(client: &OperatorClient<'_>, info: &EndpointInfo) -> TestResponse {
    if info.method == Method::GET {
        client.get(info.path).await
    } else {
        client.post(info.path, json!({})).await
    }
}

#[test]
fn routes_match_the_role_table() {
    let actual: Vec<_> = operator::endpoints()
        .into_iter()
        .map(|info| (info.method.to_string(), info.path, roles(&info)))
        .collect();
    let expected = ROLES.map(|(method, path, roles)| (method.to_owned(), path, roles));
    assert_eq!(actual, expected);
}

#[tokio::test]
async fn role_permits_exactly_its_operations() {
    let service = Service::new().await;
    for role in Role::ALL {
        let client = service.operator(role).await;
        for info in operator::endpoints() {
            let answer = call(&client, &info).await;
            let is_allowed = roles(&info).contains(&role);
            assert_eq!(answer.status == 403, !is_allowed, "{role:?} {}: {}", info.path, answer.text());
            assert!(matches!(answer.status.as_u16(), 200 | 400 | 403), "{role:?} {}", info.path);
            if !is_allowed {
                assert_eq!(answer.text(), r#"{"code":-403,"message":"令牌权限不足","ttl":1}"#);
            }
        }
    }
}

#[tokio::test]
async fn request_without_valid_token_returns_401() {
    let service = Service::new().await;
    let (admin, revoked) = (service.operator(Role::Admin).await, service.operator(Role::Moderator).await);
    assert_eq!(admin.post("/operator/tokens/revoke", json!({"name": "moderator"})).await.code(), 0);
    let member = service.log_in_as(1).await;
    let cut = admin.token.as_ref().map(|token| token[1..].to_owned());
    let tokens = [None, Some(String::new()), Some("x".repeat(64)), cut, revoked.token.clone()];
    let clients = tokens.map(|token| OperatorClient::new(&service, token));
    for info in operator::endpoints() {
        for client in &clients {
            let answer = call(client, &info).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (401, -401), "{}", info.path);
            assert_eq!(answer.headers[WWW_AUTHENTICATE], "Bearer");
        }
        // A member's session does not authorize operators' requests.
        let request = Request::builder().method(info.method.clone()).uri(info.path);
        let request = request.header("cookie", member.cookies()).body(Body::empty()).unwrap();
        assert_eq!(service.send_to_operators(request).await.status, 401, "{}", info.path);
    }
}

#[tokio::test]
async fn token_is_accepted_as_bearer_only() {
    let service = Service::new().await;
    let token = service.operator(Role::Admin).await.token.unwrap();
    let cases = [
        (format!("Bearer {token}"), 200),
        (format!("bearer {token}"), 200),
        (format!("Bearer  {token} "), 200),
        (token.clone(), 401),
        (format!("Basic {token}"), 401),
        (format!("Bearer {}", token.to_uppercase()), 401),
        ("Bearer".to_owned(), 401),
        (String::new(), 401),
    ];
    for (header, status) in cases {
        let request =
            Request::get("/operator/keys").header(AUTHORIZATION, &header).body(Body::empty()).unwrap();
        assert_eq!(service.send_to_operators(request).await.status, status, "{header}");
    }
    let request = Request::get(format!("/operator/keys?token={token}")).body(Body::empty()).unwrap();
    assert_eq!(service.send_to_operators(request).await.status, 401, "URLs are logged");
}

#[tokio::test]
async fn invalid_field_is_named() {
    let service = Service::new().await;
    let admin = service.operator(Role::Admin).await;
    let cases: [(&str, Value, &str); 25] = [
        ("/operator/member/silence", json!({"mid": 1}), "silence"),
        ("/operator/member/silence", json!({"silence": true}), "mid"),
        ("/operator/member/silence", json!({"mid": 1, "silence": "yes"}), "silence: "),
        ("/operator/member/silence", json!({"mid": 0, "silence": true}), "mid: "),
        ("/operator/member/silence", json!([1, true]), "object"),
        ("/operator/member/update", json!({"mid": 1, "card": []}), "card: "),
        ("/operator/member/silence", json!({"mid": 1, "silence": true, "loud": 1}), "`loud`"),
        ("/operator/member/verify", json!({"mid": 1, "what": "fax"}), "`fax`"),
        ("/operator/member/coins", json!({"mid": 1, "delta": 0.25, "reason": "x"}), "delta: "),
        ("/operator/member/coins", json!({"mid": 1, "delta": 0, "reason": "x"}), "delta"),
        ("/operator/member/coins", json!({"mid": 1, "delta": 1_000_001, "reason": "x"}), "delta"),
        ("/operator/member/coins", json!({"mid": 1, "delta": 1, "reason": ""}), "reason"),
        ("/operator/tokens/create", json!({"name": "x", "role": "king"}), "`king`"),
        ("/operator/tokens/create", json!({"name": "", "role": "admin"}), "name"),
        ("/operator/events", json!([[]]), "object"),
        ("/operator/events", json!({}), "events"),
        ("/operator/events", json!({"events": {}}), "events: "),
        ("/operator/reviews/sign", json!({"mid": 1, "approve": false}), "remark"),
        ("/operator/reviews/sign", json!({"mid": 1, "approve": true, "remark": "好"}), "remark"),
        ("/operator/reviews/sign", json!({"mid": 1, "approve": false, "remark": "a\u{202e}"}), "remark"),
        ("/operator/member/coins", json!({"mid": 1, "delta": 1, "reason": "a\u{202e}"}), "reason"),
        ("/operator/member/create", json!({"uname": "甲", "mid": 9_007_199_254_740_991_u64}), "mid"),
        ("/operator/member/update", json!({"mid": 1, "card": {"face": "x"}}), "card.face"),
        ("/operator/member/update", json!({"mid": 1, "card": {"vip": {"kind": 3}}}), "card.vip.kind"),
        ("/operator/tokens/create", json!({"name": "a\u{202e}", "role": "admin"}), "name"),
    ];
    for (path, body, named) in cases {
        let answer = admin.post(path, body.clone()).await;
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert_eq!((answer.status.as_u16(), answer.code()), (400, -400), "{path} {body}");
        assert!(message.starts_with("请求错误: ") && message.contains(named), "{path} {body}: {message}");
    }
    for (path, named) in [
        ("/operator/member", "mid, uname, userid, tel and mail"),
        ("/operator/member?mid=1&uname=x", "mid, uname, userid, tel and mail"),
        ("/operator/member?mid=x", "mid: "),
        ("/operator/member?phone=1", "`phone`"),
        ("/operator/audit?limit=0", "limit"),
        ("/operator/audit?limit=1001", "limit"),
        ("/operator/audit?limit=x", "limit: "),
        ("/operator/audit?page=2", "`page`"),
        ("/operator/reviews/signs?limit=0", "limit"),
        ("/operator/keys?x=1", "`x`"),
    ] {
        let answer = admin.get(path).await;
        assert_eq!(answer.status, 400, "{path}");
        assert!(answer.text().contains(named), "{path}: {}", answer.text());
    }
    for malformed in ["{", "{}{}", "{} x", "null", "\u{feff}{}"] {
        let answer = admin.send(Request::post("/operator/keys/rotate"), Body::from(malformed)).await;
        assert_eq!(answer.status, 400, "{malformed}: {}", answer.text());
    }
    let large = admin.send(Request::post("/operator/events"), Body::from(vec![b' '; 1 << 21])).await;
    assert_eq!((large.status.as_u16(), large.code()), (413, -413));
}

#[tokio::test]
async fn forbidden_request_is_not_validated() {
    let service = Service::new().await;
    let ingest = service.operator(Role::Ingest).await;
    assert_eq!(ingest.get("/operator/member?mid=1").await.status, 403);
    assert_eq!(ingest.get("/operator/member?mid=99999").await.status, 403);
    assert_eq!(ingest.post("/operator/member/delete", json!({"nonsense": 1})).await.status, 403);
}

#[tokio::test]
async fn listeners_have_separate_paths() {
    let service = Service::new().await;
    let admin = service.operator(Role::Admin).await;
    let me = service.log_in_as(1).await;
    for info in operator::endpoints() {
        let answers = [me.get(info.path).await, me.post(info.path, &[]).await];
        assert!(answers.iter().all(|answer| answer.status == 404), "{}", info.path);
    }
    for path in ["/metrics", "/healthz", "/readyz"] {
        assert_eq!(me.get(path).await.status, 404, "{path}");
    }
    for info in endpoints() {
        let answers = [admin.get(info.path).await, admin.post(info.path, json!({})).await];
        assert!(answers.iter().all(|answer| answer.status == 404), "{}", info.path);
    }
    let other = admin.send(Request::delete("/operator/keys"), Body::empty()).await;
    assert_eq!((other.status.as_u16(), other.code()), (405, -405));
    for path in ["/openapi", "/openapi.json", "/openapi.css", "/openapi.js"] {
        let answer = OperatorClient::new(&service, None).get(path).await;
        assert_eq!(answer.status, 200, "{path}");
    }
}

#[tokio::test]
async fn tokens_are_created_listed_and_revoked() {
    let service = Service::new().await;
    let admin = service.operator(Role::Admin).await;
    let create = async |name: &str| {
        admin.post("/operator/tokens/create", json!({"name": name, "role": "ingest"})).await
    };
    let made = create("gateway").await;
    let token = made.data()["token"].as_str().unwrap().to_owned();
    assert_eq!(token.len(), 64);
    let again = create("gateway").await;
    assert_eq!((again.status.as_u16(), again.code()), (409, 30062));
    for name in ["", "a\nb", &"长".repeat(65)] {
        assert_eq!(create(name).await.status, 400, "{name}");
    }
    let list = admin.get("/operator/tokens").await;
    let names: Vec<(Value, Value)> = list.data()["list"]
        .as_array()
        .unwrap()
        .iter()
        .map(|token| (token["name"].clone(), token["role"].clone()))
        .collect();
    assert_eq!(names, [(json!("admin"), json!("admin")), (json!("gateway"), json!("ingest"))]);
    assert!(!list.text().contains(&token));

    let gateway = OperatorClient::new(&service, Some(token.clone()));
    assert_eq!(gateway.post("/operator/events", json!({"events": []})).await.data()["results"], json!([]));
    let revoke = async || admin.post("/operator/tokens/revoke", json!({"name": "gateway"})).await;
    assert_eq!(revoke().await.code(), 0);
    let none = revoke().await;
    assert_eq!((none.status.as_u16(), none.code()), (409, 30060));
    assert_eq!(gateway.post("/operator/events", json!({"events": []})).await.status, 401);
    // A recreated name has a new token.
    let recreated = create("gateway").await.data()["token"].as_str().unwrap().to_owned();
    assert_ne!(recreated, token);
    assert!(!admin.get("/operator/audit").await.text().contains(&recreated));
}
