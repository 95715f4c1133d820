//! Every example body of the contract comes back from the demo, each field and value.

use crate::program::{Service, http, member};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// An example: a request, and the body that answers it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    request: Request,
    body: Value,
    /// The instant at which the demo starts.
    clock: String,
    /// The setting of that name.
    login_log_days: Option<u32>,
    /// Values that may be any number.
    #[serde(default)]
    opaque: Vec<String>,
    /// Whether `data` shows some of a longer list.
    #[serde(default)]
    partial: bool,
    /// A list whose order the example does not tell.
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

const TODAY: &str = "2020-05-19T23:59:00+08:00";
const LOGINS: &str = "2025-05-01T12:00:00+08:00";

/// The examples of a clock: those that only read first.
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

async fn answer(service: &Service, request: &Request) -> Value {
    let url = format!("{}{}", service.base, request.path);
    let cookies = request.r#as.map(|mid| &service.cookies[&member(mid)]);
    let encode = |pairs: &BTreeMap<String, String>| {
        guanxi_api::params::encode(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
    };
    let http = http();
    let mut sent = if request.method == "GET" {
        http.get(format!("{url}?{}", encode(&request.query)))
    } else {
        let mut form = request.form.clone();
        form.extend(cookies.map(|cookies| ("csrf".to_owned(), cookies.bili_jct.clone())));
        http.post(url).header("content-type", "application/x-www-form-urlencoded").body(encode(&form))
    };
    if let Some(cookies) = cookies {
        sent = sent
            .header("cookie", format!("SESSDATA={};DedeUserID={};", cookies.sessdata, cookies.dede_user_id));
    }
    let answer = sent.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

/// Makes an answer and its example alike in what the example does not tell.
fn leave_out(example: &Example, body: &mut Value) {
    for pointer in &example.opaque {
        let value = body.pointer_mut(pointer).unwrap();
        assert!(value.is_u64(), "{pointer} is {value}");
        *value = Value::from(0);
    }
    if let Some(list) = &example.any_order {
        body.pointer_mut(list).unwrap().as_array_mut().unwrap().sort_by_key(Value::to_string);
    }
    if example.partial {
        let shown = example.body["data"].as_array().unwrap();
        body["data"].as_array_mut().unwrap().retain(|entry| shown.contains(entry));
    }
}

async fn compare(service: &Service, clock: &str) -> usize {
    let mut wrong = Vec::new();
    let examples = examples(clock);
    let count = examples.len();
    for (name, mut example) in examples {
        let mut answer = answer(service, &example.request).await;
        leave_out(&example, &mut answer);
        let mut expected = std::mem::take(&mut example.body);
        example.body = expected.clone();
        leave_out(&example, &mut expected);
        if answer != expected {
            wrong.push(format!("{name}\n  answered {answer}\n  expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    count
}

#[tokio::test]
async fn the_examples_of_one_evening() {
    // In full: one example tells of 1,365,298 fans.
    let service = Service::demo(&["--clock", TODAY, "--full"], &[]);
    assert_eq!(compare(&service, TODAY).await, 25);
}

#[tokio::test]
async fn the_example_of_a_login_log() {
    let days = examples(LOGINS).iter().find_map(|(_, example)| example.login_log_days).unwrap().to_string();
    let service = Service::demo(&["--clock", LOGINS], &[("GUANXI_LOGIN_LOG_DAYS", &days)]);
    assert_eq!(compare(&service, LOGINS).await, 1);
}

#[test]
fn every_example_is_as_the_document_says() {
    let document = guanxi_server::routes::document();
    for (name, example) in examples(TODAY).into_iter().chain(examples(LOGINS)) {
        let Request { method, path, .. } = &example.request;
        let (method, path) = (method.to_ascii_lowercase(), path.replace('/', "~1"));
        let mut schema = document.clone();
        schema["$ref"] =
            format!("#/paths/{path}/{method}/responses/200/content/application~1json/schema").into();
        let schema = jsonschema::draft202012::new(&schema).unwrap();
        let wrong: Vec<String> = schema.iter_errors(&example.body).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{name}: {}", wrong.join("; "));
    }
}

#[tokio::test]
async fn without_a_clock_what_is_shown_for_some_days_is_of_these_days() {
    let service = Service::demo(&[], &[]);
    let of = |path: &str| Request {
        method: "GET".to_owned(),
        path: path.to_owned(),
        query: BTreeMap::new(),
        form: BTreeMap::new(),
        r#as: Some(293_793_435),
    };
    let coins = answer(&service, &of("/x/member/web/coin/log")).await;
    assert_eq!(coins["data"]["count"], 13);
    let reward = answer(&service, &of("/x/member/web/exp/reward")).await;
    assert_eq!(reward["data"]["coins"], 30);
    let logins = answer(&service, &of("/x/member/web/login/log")).await;
    assert_eq!(logins["data"]["count"], 1);
    // The cookies are those of the device of the latest login.
    let (mut notice, me) = (of("/x/safecenter/login_notice"), &service.cookies[&member(293_793_435)]);
    notice.query =
        BTreeMap::from([("mid".into(), me.dede_user_id.clone()), ("buvid".into(), me.buvid3.clone())]);
    assert_eq!(answer(&service, &notice).await["code"], 0);
}
