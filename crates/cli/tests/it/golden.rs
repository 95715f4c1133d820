//! The demo returns every example body of the contract, field by field.

use crate::program::{Service, http_client, to_mid};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// An example: a request and the expected body.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    request: Request,
    body: Value,
    /// The start time of the demo.
    clock: String,
    /// The value of the setting `login_log_days`.
    login_log_days: Option<u32>,
    /// JSON pointers to values that may be any number.
    #[serde(default)]
    opaque: Vec<String>,
    /// True if `data` contains a part of a longer list.
    #[serde(default)]
    partial: bool,
    /// The JSON pointer to a list in any order.
    any_order: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    method: String,
    path: String,
    #[serde(default)]
    query: BTreeMap<String, String>,
    #[serde(default)]
    form: BTreeMap<String, String>,
    r#as: Option<u64>,
}

const EVENING: &str = "2020-05-19T23:59:00+08:00";
const LOGIN_LOG_TIME: &str = "2025-05-01T12:00:00+08:00";

/// Returns the examples with a start time, reads before writes.
fn examples(clock: &str) -> Vec<(String, Example)> {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden")).unwrap();
    let mut examples: Vec<(String, Example)> = folder
        .map(|file| {
            let file = file.unwrap();
            let name = file.file_name().into_string().unwrap();
            let example = serde_json::from_slice(&std::fs::read(file.path()).unwrap());
            (name.clone(), example.unwrap_or_else(|error| panic!("{name}: {error}")))
        })
        .filter(|(_, example): &(String, Example)| example.clock == clock)
        .collect();
    examples.sort_by_key(|(name, example)| (example.request.method != "GET", name.clone()));
    examples
}

async fn send(service: &Service, request: &Request) -> Value {
    let url = format!("{}{}", service.base, request.path);
    let cookies = request.r#as.map(|mid| &service.cookies[&to_mid(mid)]);
    let encode = |pairs: &BTreeMap<String, String>| {
        guanxi_api::params::encode_form(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
    };
    let http = http_client();
    let mut request_builder = if request.method == "GET" {
        http.get(format!("{url}?{}", encode(&request.query)))
    } else {
        let mut form = request.form.clone();
        form.extend(cookies.map(|cookies| ("csrf".to_owned(), cookies.bili_jct.clone())));
        http.post(url).header("content-type", "application/x-www-form-urlencoded").body(encode(&form))
    };
    if let Some(cookies) = cookies {
        request_builder = request_builder
            .header("cookie", format!("SESSDATA={};DedeUserID={};", cookies.sessdata, cookies.dede_user_id));
    }
    let response = request_builder.send().await.unwrap();
    assert_eq!(response.status(), 200);
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

/// Removes differences that the example permits.
fn normalize(example: &Example, body: &mut Value) {
    for pointer in &example.opaque {
        let value = body.pointer_mut(pointer).unwrap();
        assert!(value.is_u64(), "{pointer} is {value}");
        *value = Value::from(0);
    }
    if let Some(list) = &example.any_order {
        body.pointer_mut(list).unwrap().as_array_mut().unwrap().sort_by_key(Value::to_string);
    }
    if example.partial {
        let listed = example.body["data"].as_array().unwrap();
        body["data"].as_array_mut().unwrap().retain(|entry| listed.contains(entry));
    }
}

async fn compare(service: &Service, clock: &str) -> usize {
    let mut mismatches = Vec::new();
    let examples = examples(clock);
    let count = examples.len();
    for (name, mut example) in examples {
        let mut response = send(service, &example.request).await;
        normalize(&example, &mut response);
        let mut expected = std::mem::take(&mut example.body);
        example.body = expected.clone();
        normalize(&example, &mut expected);
        if response != expected {
            mismatches.push(format!("{name}\n  response {response}\n  expected {expected}"));
        }
    }
    assert!(mismatches.is_empty(), "{}", mismatches.join("\n"));
    count
}

#[tokio::test]
async fn demo_returns_the_examples_of_the_evening() {
    // One example contains the total of 1,365,298 followers of the full demo.
    let service = Service::demo(&["--start-time", EVENING, "--full"], &[]);
    assert_eq!(compare(&service, EVENING).await, 25);
    // The oldest follower is one of the additional ones, and is found by name too.
    let path = "/x/relation/followers?vmid=5818410&order=asc&ps=1";
    let response = http_client().get(format!("{}{path}", service.base)).send().await.unwrap();
    let list: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    let follower = &list["data"]["list"][0];
    let query = guanxi_api::params::encode_form([("who", follower["uname"].as_str().unwrap())]);
    let cookie = format!("SESSDATA={}", service.cookies[&to_mid(293_793_435)].sessdata);
    let find = http_client().get(format!("{}/find?{query}", service.base)).header("cookie", cookie);
    let found = find.send().await.unwrap();
    assert_eq!(found.url().path(), format!("/space/{}", follower["mid"]));
}

#[tokio::test]
async fn demo_returns_the_example_of_the_login_log() {
    let days =
        examples(LOGIN_LOG_TIME).iter().find_map(|(_, example)| example.login_log_days).unwrap().to_string();
    let service = Service::demo(&["--start-time", LOGIN_LOG_TIME], &[("GUANXI_LOGIN_LOG_DAYS", &days)]);
    assert_eq!(compare(&service, LOGIN_LOG_TIME).await, 1);
}

#[test]
fn examples_match_the_openapi_document() {
    let document = guanxi_server::routes::document();
    for (name, example) in examples(EVENING).into_iter().chain(examples(LOGIN_LOG_TIME)) {
        let Request { method, path, .. } = &example.request;
        let (method, path) = (method.to_ascii_lowercase(), path.replace('/', "~1"));
        let mut schema = document.clone();
        schema["$ref"] =
            format!("#/paths/{path}/{method}/responses/200/content/application~1json/schema").into();
        let schema = jsonschema::draft202012::new(&schema).unwrap();
        let mismatches: Vec<String> =
            schema.iter_errors(&example.body).map(|error| error.to_string()).collect();
        assert!(mismatches.is_empty(), "{name}: {}", mismatches.join("; "));
    }
}

#[tokio::test]
async fn demo_without_start_time_has_recent_entries() {
    let service = Service::demo(&[], &[]);
    let get_request = |path: &str| Request {
        method: "GET".to_owned(),
        path: path.to_owned(),
        query: BTreeMap::new(),
        form: BTreeMap::new(),
        r#as: Some(293_793_435),
    };
    let coins = send(&service, &get_request("/x/member/web/coin/log")).await;
    assert_eq!(coins["data"]["count"], 13);
    let reward = send(&service, &get_request("/x/member/web/exp/reward")).await;
    assert_eq!(reward["data"]["coins"], 30);
    let logins = send(&service, &get_request("/x/member/web/login/log")).await;
    assert_eq!(logins["data"]["count"], 1);
    // The cookies contain the device of the latest login.
    let (mut notice, me) =
        (get_request("/x/safecenter/login_notice"), &service.cookies[&to_mid(293_793_435)]);
    notice.query =
        BTreeMap::from([("mid".into(), me.dede_user_id.clone()), ("buvid".into(), me.buvid3.clone())]);
    assert_eq!(send(&service, &notice).await["code"], 0);
}
