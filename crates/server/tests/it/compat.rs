//! Compatibility files: further paths and fields, through the service.

use crate::captured_log::capture;
use crate::client::{PASSWORD, TestClient};
use crate::service::Service;
use serde_json::{Value, json};
use std::fs;
use std::num::NonZeroU32;
use tracing::Level;

const GUIDE: &str = include_str!("../../../../docs/guide/compatibility-files.md");

/// Starts a service with a compatibility file.
async fn service_with(file: &str) -> Service {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("compat.toml");
    fs::write(&path, file).unwrap();
    // The file is read when the service starts.
    Service::with_settings(|settings| {
        settings.compat = Some(path);
        settings.login_failures_per_account = NonZeroU32::MIN;
    })
    .await
}

/// Returns the example of the guide.
fn example() -> &'static str {
    GUIDE.split("```toml\n").nth(1).unwrap().split("```").next().unwrap()
}

#[tokio::test]
async fn example_of_the_guide_works() {
    let service = service_with(example()).await;
    let (anonymous, two, three) =
        (service.anonymous(), service.log_in_as(2).await, service.log_in_as(3).await);
    assert_eq!((two.change_relation(1, 7).await, three.change_relation(1, 7).await), (0, 0));

    let counters = anonymous.get("/app/v1/members/7/counters").await;
    let original = anonymous.get("/x/relation/stat?vmid=7").await;
    assert_eq!(counters.json(), original.json());
    assert_eq!(original.data()["follower"], 2);
    assert_eq!(
        (&original.data()["level"], &original.data()["app"]),
        (&json!(6), &json!({ "region": "north" }))
    );
    assert!(original.text().starts_with("{\"code\":0,\"message\":\"0\",\"ttl\":1,"), "{}", original.text());

    let fans = anonymous.get("/app/v1/fans?uid=7&page=2&size=1&ts=1").await.json();
    let since = service.app.now() * 1_000;
    let members = json!([{ "id": 2, "name": "成员2", "since_ms": since }]);
    assert_eq!(fans, json!({ "ok": true, "total": 2, "members": members }));
    let all = anonymous.get("/app/v1/fans?uid=7&size=").await.json();
    assert_eq!(all["members"].as_array().unwrap().len(), 2);
    let unknown = anonymous.get("/app/v1/fans?uid=0").await.json();
    assert_eq!(unknown, json!({ "ok": false, "error": "-400: 请求错误", "id": "0" }));
    assert_eq!(anonymous.get("/app/v1/fans").await.json()["id"], Value::Null);

    let switches = anonymous.get("/app/v1/switches?x=1").await;
    assert_eq!(switches.text(), r#"{"code":0,"data":{"dark":true,"badges":["a","b"]}}"#);
    assert_eq!(switches.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(anonymous.post("/app/v1/switches", &[]).await.status, 405);

    anonymous.sign_up("陈唯恺", &[]).await;
    let client = service.anonymous();
    let login = client.post("/app/v1/login", &[("user", "陈唯恺"), ("password", PASSWORD)]).await;
    assert_eq!(login.code(), 0, "{}", login.text());
    assert!(client.is_logged_in().await);
}

#[tokio::test]
async fn service_without_a_file_has_no_further_paths() {
    let service = Service::new().await;
    assert_eq!(service.anonymous().get("/app/v1/switches").await.status, 404);
    assert_eq!(service.anonymous().get("/x/relation/stat?vmid=7").await.data()["level"], Value::Null);
}

const WRITES: &str = r#"
[[route]]
path = "/app/v1/follow/{id}"
method = "POST"
endpoint = "/x/relation/modify"
rename = { id = "fid", token = "csrf" }
defaults = { act = "1" }

[[route]]
path = "/app/v1/follow/{id}"
endpoint = "/x/relation/modify"
rename = { id = "fid", token = "csrf" }
defaults = { act = "1" }

[[route]]
path = "/app/v1/me"
endpoint = "/x/member/web/account"

[[route]]
path = "/app/v1/login"
method = "PUT"
endpoint = "/passport/login"

[[route]]
path = "/app/v1/relations"
endpoint = "/x/relation"
rename = { of = "fid" }
"#;

#[tokio::test]
async fn rules_of_the_endpoint_hold_for_a_route() {
    let service = service_with(WRITES).await;
    let (anonymous, member) = (service.anonymous(), service.log_in_as(2).await);
    assert_eq!(anonymous.get("/app/v1/me").await.code(), -101);
    assert_eq!(member.get("/app/v1/me").await.data()["mid"], 2);
    assert_eq!(anonymous.post_raw("/app/v1/follow/7", "").await.code(), -101);
    assert_eq!(member.post_raw("/app/v1/follow/7", "").await.code(), -111);
    assert_eq!(member.post_raw("/app/v1/follow/7", "token=x").await.code(), -111);
    let csrf = member.csrf();
    assert_eq!(member.post_raw("/app/v1/follow/7", &format!("token={csrf}")).await.code(), 0);
    // The path takes precedence over a parameter of the same name.
    assert_eq!(member.post_raw("/app/v1/follow/8", &format!("token={csrf}&fid=9&act=")).await.code(), 0);
    assert_eq!(member.get(&format!("/app/v1/follow/10?token={csrf}")).await.code(), 0);
    for (mid, attribute) in [(7, 2), (8, 2), (9, 0), (10, 2)] {
        let relation = member.get(&format!("/app/v1/relations?of={mid}")).await.data();
        assert_eq!(relation["attribute"], attribute, "{mid}");
    }
    assert_eq!(member.post_raw("/app/v1/follow/2", &format!("token={csrf}")).await.code(), 22001);
    assert_eq!(member.post_raw("/app/v1/follow/x", &format!("token={csrf}")).await.code(), -400);
}

/// Sends a PUT, as no client of a page does.
async fn put(client: &TestClient<'_>, path: &str, form: &str) -> (i64, u16) {
    let answer = client.request("PUT", path, form).await;
    (answer.code(), answer.status.as_u16())
}

#[tokio::test]
async fn secret_in_the_query_of_a_route_is_not_read() {
    let service = service_with(WRITES).await;
    service.anonymous().sign_up("陈唯恺", &[]).await;
    let client = service.anonymous();
    let query = guanxi_api::params::encode_form([("account", "陈唯恺"), ("password", PASSWORD)]);
    assert_eq!(put(&client, &format!("/app/v1/login?{query}"), "").await, (-400, 200));
    assert_eq!(put(&client, "/app/v1/login", &query).await, (0, 200));
    assert!(client.is_logged_in().await);
}

#[tokio::test]
async fn login_through_a_route_is_rate_limited() {
    let service = service_with(WRITES).await;
    let client = service.anonymous();
    let form = guanxi_api::params::encode_form([("account", "nobody"), ("password", "a wrong password")]);
    assert_eq!(put(&client, "/app/v1/login", &form).await, (30011, 200));
    let locked = client.request("PUT", "/app/v1/login", &form).await;
    assert_eq!((locked.code(), locked.retry_after()), (30012, Some(60)));
}

#[tokio::test]
async fn malformed_request_of_a_route_is_rejected() {
    let service = service_with(WRITES).await;
    let client = service.anonymous();
    let many = "a&".repeat(1_001);
    assert_eq!(put(&client, "/app/v1/login", &many).await, (-400, 200));
    assert_eq!(client.get(&format!("/app/v1/me?{many}")).await.code(), -400);
    assert_eq!(put(&client, "/app/v1/login", &"a".repeat(65_537)).await, (-413, 413));
}

#[tokio::test]
async fn head_of_a_route_has_no_body() {
    let service = service_with(example()).await;
    let client = service.anonymous();
    for path in ["/app/v1/switches", "/app/v1/fans?uid=7", "/app/v1/members/7/counters"] {
        let (get, head) = (client.get(path).await, client.request("HEAD", path, "").await);
        assert_eq!((head.status, head.bytes.len()), (get.status, 0), "{path}");
        assert_eq!(head.header("content-length"), get.bytes.len().to_string(), "{path}");
    }
}

#[tokio::test]
async fn failed_template_is_500_with_a_hint() {
    let file = "[[route]]\npath = '/app/v1/card/{id}'\nendpoint = '/x/relation/stat'\nrename = { id = 'vmid' }\n\
        template = '''\n{\n  \"a\": {{ data.absent }}\n}'''\n";
    let service = service_with(file).await;
    let client = service.anonymous();
    let (answer, log) = capture(Level::ERROR, client.get("/app/v1/card/7")).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (500, -500));
    assert_eq!(answer.header("guanxi-hint"), "GET /app/v1/card/{id}: template, line 7: undefined value");
    for part in ["template failed", "/app/v1/card/{id}", "line=7", "undefined value"] {
        assert!(log.contains(part), "{part}: {log}");
    }
}

#[tokio::test]
async fn additions_change_successful_answers_only() {
    let merge = |path: &str, keys: &str| format!("[[answer]]\nendpoint = '{path}'\n{keys}\n");
    let file = merge("/x/relation/stat", "merge = { data = { follower = 9, extra = 1 } }")
        + &merge("/x/relation/followers", "override = true\nmerge = { data = { total = 99, more = [1] } }")
        + &merge("/x/relation/modify", "merge = { data = { done = true } }");
    let service = service_with(&file).await;
    let (anonymous, member) = (service.anonymous(), service.log_in_as(2).await);
    let stat = anonymous.get("/x/relation/stat?vmid=7").await.data();
    assert_eq!((&stat["follower"], &stat["extra"]), (&json!(0), &json!(1)));
    // A page of a list is encoded without its type.
    let page = anonymous.get("/x/relation/followers?vmid=7").await.data();
    assert_eq!((&page["total"], &page["more"], &page["list"]), (&json!(99), &json!([1]), &json!([])));
    let rejected = anonymous.get("/x/relation/stat?vmid=0").await;
    assert_eq!((rejected.code(), rejected.json().get("data")), (-400, None));
    assert!(rejected.header("guanxi-hint").starts_with("vmid"), "the headers stay");
    let write = member.post("/x/relation/modify", &[("fid", "7"), ("act", "1")]).await;
    assert_eq!(write.data(), json!({ "done": true }));
}

#[tokio::test]
async fn invalid_file_stops_the_start() {
    let service = Service::new().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("compat.toml");
    fs::write(&file, "[[route]]\npath = '/a'\n").unwrap();
    let error = service.start_error(|settings| settings.compat = Some(file.clone()));
    let expected = "route.endpoint: missing, expected an endpoint or a constant";
    assert_eq!(error, format!("settings: compat: {}:1: {expected}", file.display()));
}
