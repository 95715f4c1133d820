//! Communities beside each other.

use crate::control_client::TestEmulator;
use futures_util::future::join_all;
use guanxi_emulator::{CommunityName, Limits};
use http::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn communities_are_independent() {
    let test = TestEmulator::start().await;
    let [one, two] = ["one", "two"].map(|name| test.community(name));
    let session = one.session(json!({ "uname": "小甲" })).await;
    one.write(&session, "/x/relation/modify", "fid=1&act=1").await;
    one.post("/emulator/clock", json!({ "time": 1_589_904_000, "frozen": true })).await;
    one.post("/emulator/snapshot", json!({ "name": "mine" })).await;
    one.post("/emulator/fault", json!({ "path": "/x/vip/*", "status": 503 })).await;

    assert_eq!(one.followers().await, two.followers().await + 1);
    assert_eq!(two.read(&session, "/x/member/web/account").await.code(), -101);
    assert_eq!(two.get("/emulator/clock").await["frozen"], false);
    assert_eq!(two.get("/emulator/faults").await["list"], json!([]));
    assert_eq!(two.get("/emulator/snapshots").await["list"].as_array().unwrap().len(), 1);
    let (recorded, other) = (one.get("/emulator/requests").await, two.get("/emulator/requests").await);
    assert_eq!((recorded["latest"].clone(), other["latest"].clone()), (json!(2), json!(2)));
    assert_eq!(one.visit("/x/vip/web/vip_center/combine").await.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_communities_work_in_parallel() {
    let test = TestEmulator::start().await;
    let work = (1..=8_u64).map(|number| {
        let client = test.community(&format!("worker-{number}"));
        async move {
            for _ in 0..2 {
                for follower in 0..number {
                    let session = client.session(json!({ "uname": format!("甲{follower}") })).await;
                    assert_eq!(client.write(&session, "/x/relation/modify", "fid=1&act=1").await.code(), 0);
                }
                let followers = client.followers().await;
                client.post("/emulator/restore", json!({})).await;
                assert_eq!(client.followers().await + number, followers);
            }
        }
    });
    join_all(work).await;
    let list = test.community("worker-1").get("/emulator/communities").await;
    assert_eq!((list["current"].clone(), list["list"].as_array().unwrap().len()), (json!("worker-1"), 8));
}

#[tokio::test]
async fn number_of_communities_is_limited() {
    let limits = Limits { communities: 2, ..Limits::default() };
    let test = TestEmulator::with(3, limits, |_| {}).await;
    let [one, two, three] = ["one", "two", "three"].map(|name| test.community(name));
    one.followers().await;
    two.followers().await;
    let rejected = three.visit("/x/relation/stat?vmid=1").await;
    assert_eq!(rejected.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(rejected.text.contains("2 communities"), "{}", rejected.text);

    let session = one.session(json!({ "uname": "小甲" })).await;
    one.post("/emulator/close", json!({})).await;
    assert_eq!(three.followers().await, 2);
    three.post("/emulator/close", json!({})).await;
    assert_eq!(one.read(&session, "/x/member/web/account").await.code(), -101, "it begins anew");
}

#[tokio::test]
async fn extension_names_the_community_before_the_header() {
    let test = TestEmulator::start().await;
    let header = test.community("header");
    let mut request =
        header.request("GET", "/x/relation/stat?vmid=1").body(axum::body::Body::empty()).unwrap();
    request.extensions_mut().insert("extension".parse::<CommunityName>().unwrap());
    assert_eq!(header.send(request).await.status, StatusCode::OK);
    let list = test.community("header").get("/emulator/communities").await["list"].clone();
    assert_eq!(list, json!(["extension", "header"]), "the call of the control API created the second");
    let malformed = header.request("GET", "/").header(CommunityName::HEADER, "a/b");
    let mut malformed = malformed.body(axum::body::Body::empty()).unwrap();
    malformed.headers_mut().insert(CommunityName::HEADER, "a/b".parse().unwrap());
    assert_eq!(header.send(malformed).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn token_of_the_base_is_valid_in_all_communities() {
    let test = TestEmulator::start().await;
    for name in ["one", "two"] {
        let client = test.community(name);
        assert_eq!(client.get("/operator/member?mid=1").await["mid"], 1);
        assert_eq!(client.call(Method::GET, "/metrics", Value::Null).await.status, StatusCode::OK);
    }
}
