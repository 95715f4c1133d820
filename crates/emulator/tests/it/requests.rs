//! The recorded requests of a community.

use crate::control_client::TestEmulator;
use axum::body::Body;
use guanxi_emulator::Limits;
use http::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn request_is_recorded_with_its_response() {
    let test = TestEmulator::start().await;
    let client = test.community("default");
    client.post("/emulator/clock", json!({ "time": 1_589_904_000, "frozen": true })).await;
    let session = client.session(json!({ "mid": 2 })).await;
    client.write(&session, "/x/relation/modify?x=1", "fid=3&act=1").await;
    let list = client.get("/emulator/requests").await;
    assert_eq!(list["latest"], 1);
    let recorded = &list["list"][0];
    let expected = json!({
        "id": 1, "time": 1_589_904_000, "method": "POST", "host": "api.example.cn", "path": "/x/relation/modify",
        "query": "x=1", "endpoint": "/x/relation/modify", "mid": 2, "status": 200, "code": 0, "fault": null,
        "body": format!("fid=3&act=1&csrf={}", session.cookies.bili_jct),
        "response_body": r#"{"code":0,"message":"0","ttl":1}"#,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&recorded[name], value, "{name}");
    }
    let cookie = |list: &Value| {
        let headers = list["list"][0]["headers"].as_array().unwrap();
        headers.iter().find(|header| header["name"] == "cookie").unwrap()["value"].clone()
    };
    assert_eq!(cookie(&list), "SESSDATA=***; bili_jct=***; DedeUserID=***; buvid3=***");
    let with_secrets = client.get("/emulator/requests?include_secrets=true").await;
    assert_eq!(cookie(&with_secrets), session.cookie);
    assert_eq!(client.post("/emulator/requests/clear", json!({})).await["removed"], 1);
    assert_eq!(client.get("/emulator/requests").await, json!({ "list": [], "latest": 1 }));
}

#[tokio::test]
async fn filter_selects_requests() {
    let test = TestEmulator::start().await;
    let client = test.community("default");
    let session = client.session(json!({ "mid": 2 })).await;
    client.visit("/x/relation/stat?vmid=1").await;
    client.read(&session, "/x/member/web/account").await;
    client.visit("/x/member/web/account").await;
    client.visit("/x/unknown").await;
    let cases = [
        ("", vec![1, 2, 3, 4]),
        ("?path=/x/member/*", vec![2, 3]),
        ("?code=-101", vec![3]),
        ("?status=404", vec![4]),
        ("?mid=2", vec![2]),
        ("?after=2", vec![3, 4]),
        ("?limit=1&after=1", vec![2]),
    ];
    for (query, expected) in cases {
        let list = client.get(&format!("/emulator/requests{query}")).await["list"].clone();
        let ids: Vec<u64> =
            list.as_array().unwrap().iter().map(|request| request["id"].as_u64().unwrap()).collect();
        assert_eq!(ids, expected, "{query}");
    }
    for query in ["?limit=0", "?limit=1001", "?wait_ms=30001", "?unknown=1"] {
        let response = client.call(Method::GET, &format!("/emulator/requests{query}"), Value::Null).await;
        assert_eq!(response.status, StatusCode::BAD_REQUEST, "{query}");
    }
}

#[tokio::test]
async fn wait_ends_when_the_request_comes() {
    let test = TestEmulator::start().await;
    let client = test.community("default");
    client.visit("/x/relation/stat?vmid=1").await;
    let waiting = client.get("/emulator/requests?path=/x/relation/stat&after=1&wait_ms=30000");
    let sending = async {
        client.visit("/x/space/acc/info?mid=1").await;
        client.visit("/x/relation/stat?vmid=2").await;
    };
    let (found, ()) = tokio::join!(waiting, sending);
    assert_eq!(found["list"][0]["query"], "vmid=2");
    let none = client.get("/emulator/requests?after=3&wait_ms=1").await;
    assert_eq!(none, json!({ "list": [], "latest": 3 }));
}

#[tokio::test]
async fn large_body_reaches_the_service_unrecorded() {
    let test = TestEmulator::start().await;
    let client = test.community("default");
    let request = client.request("POST", "/x/relation/modify").body(Body::from(vec![b'x'; 70_000])).unwrap();
    assert_eq!(client.send(request).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let recorded = client.get("/emulator/requests").await["list"][0].clone();
    assert_eq!((recorded["status"].clone(), recorded["body"].clone()), (json!(413), Value::Null));
}

#[tokio::test]
async fn compressed_response_is_recorded_as_text() {
    let test = TestEmulator::start().await;
    let client = test.community("default");
    let session = client.session(json!({ "mid": 2 })).await;
    let path = "/x/relation/followers?vmid=1&ps=50";
    let request =
        client.request("GET", path).header("accept-encoding", "gzip").header("cookie", session.cookie);
    let response = test.emulator.members_service().respond(request.body(Body::empty()).unwrap()).await;
    let headers = response.headers();
    assert_eq!(
        (&headers["content-encoding"], headers.get_all("vary").iter().count()),
        (&"gzip".parse().unwrap(), 1)
    );
    let recorded = client.get("/emulator/requests").await["list"][0].clone();
    let body: Value = serde_json::from_str(recorded["response_body"].as_str().unwrap()).unwrap();
    assert_eq!(body["data"]["list"].as_array().unwrap().len(), 50);
}

#[tokio::test]
async fn abandoned_request_is_recorded_without_a_response() {
    let test = TestEmulator::start().await;
    let client = test.community("default");
    client.post("/emulator/fault", json!({ "delay_ms": 600_000 })).await;
    tokio::select! {
        biased;
        _ = client.visit("/x/relation/stat?vmid=1") => panic!("the response is delayed"),
        () = async { while client.get("/emulator/faults").await["list"][0]["applied"] != 1 {} } => (),
    }
    let recorded = client.get("/emulator/requests?wait_ms=30000").await["list"][0].clone();
    assert_eq!((recorded["status"].clone(), recorded["fault"].clone()), (Value::Null, json!(1)));
}

#[tokio::test]
async fn number_of_recorded_requests_is_limited() {
    let limits = Limits { journal_requests: 2, ..Limits::default() };
    let test = TestEmulator::with(3, limits, |_| {}).await;
    let client = test.community("default");
    for _ in 0..3 {
        client.followers().await;
    }
    let list = client.get("/emulator/requests").await["list"].clone();
    let ids: Vec<_> = list.as_array().unwrap().iter().map(|request| request["id"].clone()).collect();
    assert_eq!(ids, [2, 3]);
}
