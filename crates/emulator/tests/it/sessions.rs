//! Sessions without a password.

use crate::control_client::TestEmulator;
use http::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn session_of_a_member_reads_and_writes() {
    let test = TestEmulator::start().await;
    let client = test.community("default");
    let session = client.session(json!({ "mid": 7 })).await;
    assert!(!session.created);
    assert_eq!(session.cookies.dede_user_id, "7");
    assert_eq!(client.read(&session, "/x/member/web/account").await.json()["data"]["uname"], "成员7");
    assert_eq!(client.write(&session, "/x/relation/modify", "fid=2&act=1").await.code(), 0);
}

#[tokio::test]
async fn absent_member_is_created_once() {
    let test = TestEmulator::start().await;
    let client = test.community("default");
    // Request, mid if it is known, true if the member is new.
    let cases = [
        (json!({ "mid": 5_000 }), Some(5_000), true),
        (json!({ "mid": 5_000 }), Some(5_000), false),
        (json!({ "mid": 5_001, "uname": "小甲" }), Some(5_001), true),
        (json!({ "uname": "小甲" }), Some(5_001), false),
        (json!({ "uname": "小乙" }), None, true),
        (json!({}), None, true),
        (json!({}), None, true),
    ];
    for (request, mid, is_new) in cases {
        let session = client.session(request.clone()).await;
        assert_eq!(session.created, is_new, "{request}");
        assert!(mid.is_none_or(|mid| session.mid == mid), "{request} {session:?}");
    }
}

#[tokio::test]
async fn invalid_session_requests_are_rejected() {
    let test = TestEmulator::start().await;
    let client = test.community("default");
    for (body, status) in [
        (json!({ "mid": 0 }), StatusCode::BAD_REQUEST),
        (json!({ "name": "小甲" }), StatusCode::BAD_REQUEST),
        (json!({ "uname": "" }), StatusCode::CONFLICT),
        (json!({ "mid": 9_999, "uname": "成员1" }), StatusCode::CONFLICT),
    ] {
        let response = client.call(Method::POST, "/emulator/session", body.clone()).await;
        assert_eq!(response.status, status, "{body} {}", response.text);
    }
}

#[tokio::test]
async fn control_api_requires_an_admin_token() {
    let test = TestEmulator::start().await;
    let client = test.community("default");
    let moderator = json!({ "name": "moderator", "role": "moderator" });
    let token = client.post("/operator/tokens/create", moderator).await["token"].as_str().unwrap().to_owned();
    for (token, status) in [(token, StatusCode::FORBIDDEN), (String::new(), StatusCode::UNAUTHORIZED)] {
        let client = client.clone().with_token(token);
        for path in ["/emulator/clock", "/emulator/faults", "/emulator/requests", "/emulator/gaps"] {
            assert_eq!(client.call(Method::GET, path, Value::Null).await.status, status, "{path}");
        }
    }
}

#[tokio::test]
async fn document_has_operators_and_control_endpoints() {
    let test = TestEmulator::start().await;
    let document = test.community("default").call(Method::GET, "/openapi.json", Value::Null).await.json();
    for path in ["/operator/member", "/emulator/session", "/emulator/restore"] {
        assert!(document["paths"].get(path).is_some(), "{path}");
    }
    let control = guanxi_emulator::control::document();
    assert!(control["paths"].get("/emulator/session").is_some());
    assert!(control["paths"].get("/operator/member").is_none());
}
