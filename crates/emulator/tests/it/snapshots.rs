//! Snapshots of a community.

use crate::control_client::TestEmulator;
use guanxi_emulator::Limits;
use http::{Method, StatusCode};
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;

#[tokio::test]
async fn restore_undoes_writes_and_the_clock() {
    let test = TestEmulator::start().await;
    let client = test.community("default");
    let before = client.followers().await;
    let newcomer = client.session(json!({ "uname": "小甲" })).await;
    assert_eq!(client.write(&newcomer, "/x/relation/modify", "fid=1&act=1").await.code(), 0);
    client.post("/emulator/clock", json!({ "time": 1_589_904_000, "frozen": true })).await;
    let taken = client.post("/emulator/snapshot", json!({ "name": "followed" })).await;
    assert_eq!(taken, json!({ "name": "followed", "time": 1_589_904_000 }));

    client.post("/emulator/fault", json!({ "status": 503 })).await;
    client.post("/emulator/restore", json!({})).await;
    assert_eq!(client.followers().await, before, "faults are removed too");
    assert_eq!(client.read(&newcomer, "/x/member/web/account").await.code(), -101);
    assert_eq!(client.get("/emulator/clock").await["frozen"], false);

    client.post("/emulator/restore", json!({ "name": "followed" })).await;
    assert_eq!(client.followers().await, before + 1);
    assert_eq!(client.read(&newcomer, "/x/member/web/account").await.code(), 0);
    let clock = client.get("/emulator/clock").await;
    assert_eq!(clock, json!({ "time": 1_589_904_000, "frozen": true }));
}

#[tokio::test]
async fn snapshot_of_a_name_is_replaced() {
    let test = TestEmulator::start().await;
    let client = test.community("default");
    let session = client.session(json!({ "mid": 2 })).await;
    for act in [2, 1] {
        client.write(&session, "/x/relation/modify", &format!("fid=1&act={act}")).await;
        client.post("/emulator/snapshot", json!({ "name": "now" })).await;
    }
    let list = client.get("/emulator/snapshots").await["list"].clone();
    let names: Vec<_> = list.as_array().unwrap().iter().map(|snapshot| snapshot["name"].clone()).collect();
    assert_eq!(names, ["start", "now"]);
    let followers = client.followers().await;
    client.write(&session, "/x/relation/modify", "fid=1&act=2").await;
    client.post("/emulator/restore", json!({ "name": "now" })).await;
    assert_eq!(client.followers().await, followers);
}

#[tokio::test]
async fn invalid_snapshot_names_are_rejected() {
    let test = TestEmulator::start().await;
    let client = test.community("default");
    for (path, name) in [
        ("/emulator/snapshot", "start"),
        ("/emulator/snapshot", ""),
        ("/emulator/snapshot", &*"x".repeat(65)),
        ("/emulator/restore", "other"),
    ] {
        let response = client.call(Method::POST, path, json!({ "name": name })).await;
        assert_eq!(response.status, StatusCode::BAD_REQUEST, "{path} {name}");
    }
}

/// Prints the time of a restore of 1,000 members, as a request takes it.
#[tokio::test]
async fn restore_of_a_thousand_members_is_measured() {
    let test = TestEmulator::with(1_000, Limits::default(), |_| {}).await;
    let client = test.community("default");
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..20 {
        let session = client.session(json!({ "uname": "小甲" })).await;
        client.write(&session, "/x/relation/modify", "fid=1&act=1").await;
        let started = Instant::now();
        client.post("/emulator/restore", json!({})).await;
        times.push(started.elapsed());
        assert_eq!(client.followers().await, 999);
    }
    times.sort();
    println!("restore of 1,000 members: median {:?}, longest {:?}", times[10], times[19]);
}
