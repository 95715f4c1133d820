//! The faults of a community.

use crate::control_client::{ControlClient, TestEmulator};
use guanxi_server::Settings;
use guanxi_server::net::connection::ConnectionHandle;
use guanxi_server::net::listener::{self, Handshake};
use http::{Extensions, Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const STAT: &str = "/x/relation/stat?vmid=1";

#[tokio::test]
async fn effects_replace_the_response() {
    let test = TestEmulator::start().await;
    let client = test.community("default");
    let session = client.session(json!({ "mid": 2 })).await;
    // Fault, status, body.
    let cases = [
        (json!({ "code": 22009 }), 200, r#"{"code":22009,"message":"关注数已达上限","ttl":1}"#),
        (json!({ "status": 502 }), 502, r#"{"code":-502,"message":"Bad Gateway","ttl":1}"#),
        (json!({ "malformed": true }), 200, r#"{"code":0,"message":"0","ttl":1,"data":{"#),
        (json!({ "delay_ms": 1, "code": -101 }), 200, r#"{"code":-101,"message":"账号未登录","ttl":1}"#),
        // Without a connection there is none to close.
        (json!({ "cut": true }), 503, r#"{"code":-503,"message":"服务暂不可用","ttl":1}"#),
    ];
    let followers = client.followers().await;
    for (fault, status, text) in cases {
        let id = client.post("/emulator/fault", fault.clone()).await["id"].clone();
        let response = client.write(&session, "/x/relation/modify", "fid=1&act=2").await;
        assert_eq!((response.status.as_u16(), &*response.text), (status, text), "{fault}");
        client.post("/emulator/faults/clear", json!({ "id": id })).await;
    }
    assert_eq!(client.followers().await, followers, "no write happened");
}

#[tokio::test]
async fn fault_after_the_write_replaces_its_response() {
    let test = TestEmulator::start().await;
    let client = test.community("default");
    let session = client.session(json!({ "mid": 2 })).await;
    let followers = client.followers().await;
    for (fault, act) in
        [(json!({ "status": 504, "after": true }), 2), (json!({ "cut": true, "after": true }), 1)]
    {
        client.post("/emulator/fault", fault).await;
        let response = client.write(&session, "/x/relation/modify", &format!("fid=1&act={act}")).await;
        assert!(response.status.is_server_error());
        client.post("/emulator/faults/clear", json!({})).await;
        assert_eq!(client.followers().await, followers - u64::from(act == 2));
    }
    client.post("/emulator/fault", json!({ "malformed": true, "after": true })).await;
    let half = client.visit(STAT).await.text;
    assert!(half.starts_with(r#"{"code":0"#) && serde_json::from_str::<Value>(&half).is_err(), "{half}");
}

#[tokio::test]
async fn rule_selects_by_path_member_and_count() {
    let test = TestEmulator::start().await;
    let client = test.community("default");
    let [two, three] = [json!({ "mid": 2 }), json!({ "mid": 3 })];
    let (two, three) = (client.session(two).await, client.session(three).await);
    let rule = json!({ "path": "/x/relation/*", "mid": 2, "count": 1, "code": -101 });
    client.post("/emulator/fault", rule).await;
    assert_eq!(client.read(&three, STAT).await.code(), 0);
    assert_eq!(client.read(&two, "/x/member/web/account").await.code(), 0);
    assert_eq!(client.read(&two, STAT).await.code(), -101);
    assert_eq!(client.read(&two, STAT).await.code(), 0);
    let list = client.get("/emulator/faults").await["list"].clone();
    assert_eq!((list[0]["matched"].clone(), list[0]["applied"].clone()), (json!(2), json!(1)));
}

#[tokio::test]
async fn share_is_repeatable_by_its_seed() {
    let test = TestEmulator::start().await;
    let codes = async |client: ControlClient, seed: u64| {
        client.post("/emulator/fault", json!({ "share": 0.5, "seed": seed, "code": -101 })).await;
        let mut codes = Vec::new();
        for _ in 0..32 {
            codes.push(client.visit(STAT).await.code());
        }
        codes
    };
    let first = codes(test.community("one"), 7).await;
    assert_eq!(first, codes(test.community("two"), 7).await);
    assert_ne!(first, codes(test.community("three"), 8).await);
    assert!(first.contains(&0) && first.contains(&-101));
}

#[tokio::test]
async fn invalid_rule_is_rejected() {
    let test = TestEmulator::start().await;
    let client = test.community("default");
    for rule in
        [json!({}), json!({ "code": 1 }), json!({ "code": -101, "cut": true }), json!({ "kind": "cut" })]
    {
        let response = client.call(Method::POST, "/emulator/fault", rule.clone()).await;
        assert_eq!(response.status, StatusCode::BAD_REQUEST, "{rule}");
    }
}

/// TCP whose requests carry the handle of their connection, as those of the proxy do.
struct WithHandle;

impl Handshake for WithHandle {
    type Stream = TcpStream;

    async fn accept(&self, stream: TcpStream, handle: ConnectionHandle) -> Option<(TcpStream, Extensions)> {
        let mut extensions = Extensions::new();
        extensions.insert(handle);
        Some((stream, extensions))
    }
}

#[tokio::test]
async fn cut_closes_the_connection_without_a_response() {
    let test = TestEmulator::start().await;
    let client = test.community("default");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = test.emulator.members_service();
    tokio::spawn(async move {
        let settings = Settings::default();
        let never = std::future::pending();
        listener::serve_with_handshake(listener, WithHandle, service, &settings, never).await;
    });
    for (is_cut, expected) in [(false, "HTTP/1.1 200"), (true, "")] {
        if is_cut {
            client.post("/emulator/fault", json!({ "cut": true })).await;
        }
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET {STAT} HTTP/1.1
host: a.cn
connection: close

"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut response = Vec::new();
        // A closed connection may also be reported as reset.
        let _ = stream.read_to_end(&mut response).await;
        let text = String::from_utf8(response).unwrap();
        assert!(text.starts_with(expected) && text.is_empty() == is_cut, "{text}");
    }
    let recorded = client.get("/emulator/requests?wait_ms=30000&after=1").await["list"][0].clone();
    assert_eq!((recorded["status"].clone(), recorded["fault"].clone()), (Value::Null, json!(1)));
}
