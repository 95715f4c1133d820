//! The gaps of a community.

use crate::control_client::TestEmulator;
use guanxi_emulator::CommunityName;
use serde_json::json;

#[tokio::test]
async fn gaps_are_counted() {
    let test = TestEmulator::start().await;
    let client = test.community("default");
    client.visit("/app/v1/info?mid=1").await;
    client.visit("/app/v1/info?mid=2").await;
    client.visit("/x/relation/stat?vmid=1&w_rid=1&wts=2").await;
    client.send(client.request("PUT", "/x/relation/stat").body(axum::body::Body::empty()).unwrap()).await;
    test.emulator.record_refused_host(&CommunityName::default(), "tracker.example.cn");
    let path = |method, path, count| json!({ "method": method, "host": "api.example.cn", "path": path, "count": count });
    let parameter =
        |path, name, count| json!({ "method": "GET", "path": path, "name": name, "count": count });
    let (unknown, stat) = ("/app/v1/info", "/x/relation/stat");
    let expected = json!({
        "paths": [path("GET", "/app/v1/info", 2), path("PUT", "/x/relation/stat", 1)],
        "parameters": [parameter(unknown, "mid", 2), parameter(stat, "w_rid", 1), parameter(stat, "wts", 1)],
        "hosts": [{ "host": "tracker.example.cn", "count": 1 }],
    });
    assert_eq!(client.get("/emulator/gaps").await, expected);
    client.post("/emulator/requests/clear", json!({ "gaps": true })).await;
    let none = json!({ "paths": [], "parameters": [], "hosts": [] });
    assert_eq!(client.get("/emulator/gaps").await, none);
}

#[tokio::test]
async fn unknown_member_and_fault_are_no_gap() {
    let test = TestEmulator::start().await;
    let client = test.community("default");
    client.visit("/space/999").await;
    client.post("/emulator/fault", json!({ "status": 404 })).await;
    client.visit("/x/unknown").await;
    assert_eq!(client.get("/emulator/gaps").await["paths"], json!([]));
}
