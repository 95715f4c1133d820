//! The clock of a community.

use crate::control_client::TestEmulator;
use guanxi_emulator::Limits;
use http::{Method, StatusCode};
use serde_json::json;

#[tokio::test]
async fn clock_is_set_advanced_frozen_and_resumed() {
    let test = TestEmulator::start().await;
    let client = test.community("default");
    let noon = 1_589_904_000;
    let cases = [
        (json!({ "time": noon, "frozen": true }), noon, true),
        (json!({ "advance": 60 }), noon + 60, true),
        (json!({ "advance": -120 }), noon - 60, true),
        (json!({ "time": noon, "advance": 5 }), noon + 5, true),
    ];
    for (body, time, frozen) in cases {
        let expected = json!({ "time": time, "frozen": frozen });
        assert_eq!(client.post("/emulator/clock", body.clone()).await, expected, "{body}");
        assert_eq!(client.get("/emulator/clock").await, expected);
    }
    let resumed = client.post("/emulator/clock", json!({ "frozen": false })).await;
    let elapsed = resumed["time"].as_i64().unwrap() - noon;
    assert!(resumed["frozen"] == false && (5..60).contains(&elapsed), "{resumed}");
    let invalid = client.call(Method::POST, "/emulator/clock", json!({ "time": -1 })).await;
    assert_eq!(invalid.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn due_work_is_done_before_the_response() {
    let test = TestEmulator::with(3, Limits::default(), |settings| settings.sign_delay_seconds = 3_600).await;
    let client = test.community("default");
    let session = client.session(json!({ "mid": 2 })).await;
    assert_eq!(client.write(&session, "/x/member/web/sign/update", "user_sign=新签名").await.code(), 0);
    let sign = async || client.visit("/x/space/acc/info?mid=2").await.json()["data"]["sign"].clone();
    assert_eq!(sign().await, "");
    client.post("/emulator/clock", json!({ "advance": 3_599, "frozen": true })).await;
    assert_eq!(sign().await, "");
    client.post("/emulator/clock", json!({ "advance": 2 })).await;
    assert_eq!(sign().await, "新签名");
}

#[tokio::test]
async fn session_expires_with_the_clock() {
    let test = TestEmulator::start().await;
    let client = test.community("default");
    let session = client.session(json!({ "mid": 2 })).await;
    assert_eq!(client.read(&session, "/x/member/web/account").await.code(), 0);
    client.post("/emulator/clock", json!({ "advance": 31 * 86_400 })).await;
    assert_eq!(client.read(&session, "/x/member/web/account").await.code(), -101);
}
