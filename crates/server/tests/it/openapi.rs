//! The document: it names every route and no other, and real requests and answers are as it says.

use crate::browser::Browser;
use crate::document::{FOR_MEMBERS, FOR_OPERATORS, place};
use crate::every_endpoint::{VALUES, params};
use crate::service::{Answer, Service};
use axum::body::Body;
use guanxi_server::operator::operations;
use guanxi_server::routes::{Info, endpoints};
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, Method};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A login, to be told of.
const LOGIN: &str = r#"{"login":{"mid":1,"time":1768400000,"ip":"36.40.120.15","how":"qr","ok":true,"device":"Chrome浏览器","place":"中国陕西渭南","carrier":"电信"}}"#;

async fn ask(browser: &Browser<'_>, info: &Info, params: &str) -> Answer {
    if info.method == Method::GET {
        browser.get(&format!("{}?{params}", info.path)).await
    } else {
        browser.post_bare(info.path, &format!("{params}&csrf={}", browser.csrf())).await
    }
}

#[test]
fn it_names_every_route_and_no_other() {
    let document = &FOR_MEMBERS.json;
    let paths = document["paths"].as_object().unwrap();
    let told: BTreeSet<(String, String)> = paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(|method| (path.clone(), method.to_ascii_uppercase()))
        })
        .collect();
    let routes =
        endpoints().into_iter().map(|info| (info.path.to_owned(), info.method.to_string())).collect();
    assert_eq!(told, routes);
}

#[test]
fn its_names_are_names() {
    let document = &FOR_MEMBERS.json;
    let operations: Vec<&Value> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|item| item.as_object().unwrap().values())
        .collect();
    let ids: BTreeSet<&str> = operations.iter().map(|told| told["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), operations.len(), "an operation's name is its own");
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        // Of two types of one name the second is given a number: `#[schemars(rename)]` tells them apart.
        assert!(
            !name.ends_with(|last: char| last.is_ascii_digit()) && name != "Data" && name != "Entry",
            "{name}"
        );
    }
    for tag in document["tags"].as_array().unwrap() {
        assert_ne!(tag["description"], "", "{tag}");
    }
    references(document, &mut |name| {
        assert!(document.pointer(name.trim_start_matches('#')).is_some(), "{name}");
    });
}

fn references(value: &Value, seen: &mut impl FnMut(&str)) {
    match value {
        Value::Object(fields) => {
            if let Some(name) = value["$ref"].as_str() {
                seen(name);
            }
            fields.values().for_each(|field| references(field, seen));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, seen)),
        _ => (),
    }
}

#[test]
fn its_schemas_are_schemas() {
    let document = &FOR_MEMBERS.json;
    let types = document["components"]["schemas"].as_object().unwrap();
    for (name, schema) in types {
        assert!(jsonschema::draft202012::meta::is_valid(schema), "{name}");
    }
    for info in endpoints() {
        let told = document.pointer(&place(&info.method, info.path)).unwrap();
        for parameter in told["parameters"].as_array().into_iter().flatten() {
            assert!(jsonschema::draft202012::meta::is_valid(&parameter["schema"]), "{parameter}");
            assert!(parameter["description"].is_string(), "{} {parameter}", info.path);
        }
        assert!(told["description"].as_str().is_some_and(|text| !text.is_empty()), "{}", info.path);
        assert!(
            !told.to_string().contains("seed "),
            "{}: citations are for those who read the code",
            info.path
        );
    }
}

#[test]
fn a_parameter_is_what_its_parser_takes() {
    for info in endpoints() {
        for (at, param) in info.params.iter().enumerate() {
            let told = if info.method == Method::GET {
                format!("{}/parameters/{at}/schema", place(&info.method, info.path))
            } else {
                let form = "requestBody/content/multipart~1form-data/schema/properties";
                format!("{}/{form}/{}", place(&info.method, info.path), param.name)
            };
            let schema = FOR_MEMBERS.schema(&told);
            let Some((_, good, bad)) = VALUES.iter().find(|(name, ..)| *name == param.name) else { continue };
            assert!(
                meant(good).iter().any(|value| schema.is_valid(value)),
                "{} {}={good}",
                info.path,
                param.name
            );
            let bad = bad.iter().filter(|bad| !about_the_text(param.name, bad));
            for bad in bad {
                let taken = meant(bad).iter().any(|value| schema.is_valid(value));
                assert!(!taken, "{} {}={bad}", info.path, param.name);
            }
        }
    }
}

/// The values that are written so.
fn meant(text: &str) -> Vec<Value> {
    let number = text.parse().ok().filter(|number: &i64| number.to_string() == text);
    number.map(|number| json!(number)).into_iter().chain([json!(text)]).collect()
}

/// No schema tells that bytes are UTF-8, nor, here, what a name is once the blanks about it are gone.
fn about_the_text(name: &str, value: &str) -> bool {
    matches!(name, "tag" | "name") || value == "%ff"
}

// Every answer that a test is given is compared with the document; here each operation is done once, and refused.
#[tokio::test]
async fn every_answer_is_documented() {
    let service = Service::new().await;
    let me = service.member(1).await;
    assert_eq!((me.act(1, 2).await, me.act(1, 3).await), (0, 0));
    let tagid = me.post("/x/relation/tag/create", &[("tag", "同事")]).await.data()["tagid"].to_string();
    let grouped = me.post("/x/relation/tags/addUsers", &[("fids", "2"), ("tagids", &tagid)]).await;
    assert_eq!(grouped.code(), 0);
    service.load(&[LOGIN]).await;
    for info in endpoints().into_iter().filter(|info| !info.path.starts_with("/passport/")) {
        // What is done here is done upon a group of one's own.
        let own = matches!(info.path, "/x/relation/tag/update" | "/x/relation/tag/del");
        let good = params(&info, own.then_some(("tagid", Some(tagid.as_str()))));
        let more = match info.path {
            "/x/relation/tag/update" => "name=朋友&",
            "/x/web-interface/card" => "photo=1&",
            _ => "",
        };
        let done = ask(&me, &info, &format!("{more}{good}")).await;
        assert_eq!(done.code(), 0, "{} {good}: {}", info.path, done.text());
        for refused in [ask(&service.anyone(), &info, "").await, ask(&me, &info, "").await] {
            assert_eq!(refused.status, 200, "{}", info.path);
        }
    }
}

#[tokio::test]
async fn a_fault_is_documented() {
    let service = Service::with(|settings| settings.body_limit_bytes = 10).await;
    let info = endpoints().into_iter().find(|info| info.method == Method::POST).unwrap();
    assert_eq!(ask(&service.member(1).await, &info, "user_sign=0123456789").await.status, 413);
}

#[test]
fn what_is_not_as_the_document_says_is_found() {
    let answer = |status: u16, body: &str| Answer {
        status: status.try_into().unwrap(),
        headers: HeaderMap::new(),
        bytes: body.as_bytes().to_vec(),
    };
    let cases = [
        (200, r#"{"code":0,"message":"0","ttl":1,"data":{"status":1}}"#, true),
        (200, r#"{"code":-101,"message":"账号未登录","ttl":1}"#, true),
        (200, r#"{"code":-102,"message":"账号未登录","ttl":1}"#, false),
        (200, r#"{"code":0,"message":"0","ttl":1,"data":{"status":1,"card":"1"}}"#, false),
        (200, r#"{"code":0,"message":"0","ttl":1,"data":{"status":"1"}}"#, false),
        (200, r#"{"code":0,"message":"0","ttl":1}"#, false),
        (500, r#"{"code":-500,"message":"服务器错误","ttl":1}"#, true),
        (409, r#"{"code":-409,"message":"","ttl":1}"#, false),
    ];
    for (status, body, holds) in cases {
        let look = || FOR_MEMBERS.holds(&Method::GET, "/x/member/realname/status", &answer(status, body));
        assert_eq!(std::panic::catch_unwind(look).is_ok(), holds, "{status} {body}");
    }
}

#[test]
fn operators_have_theirs() {
    for info in operations() {
        let told = FOR_OPERATORS.json.pointer(&place(&info.method, info.path)).unwrap();
        assert!(
            told["description"].as_str().is_some_and(|text| text.contains("For tokens of: admin")),
            "{told}"
        );
    }
    let paths = FOR_OPERATORS.json["paths"].as_object().unwrap().values();
    let told = paths.map(|item| item.as_object().unwrap().len()).sum::<usize>();
    assert_eq!(told, operations().len());
}

#[tokio::test]
async fn it_is_served_with_a_page_for_people() {
    let service = Service::new().await;
    for (path, kind, begin) in [
        ("/openapi.json", "application/json; charset=utf-8", r#"{"openapi":"3.1.0","#),
        ("/openapi", "text/html; charset=utf-8", "<!doctype html>"),
        ("/openapi.css", "text/css; charset=utf-8", ":root {"),
    ] {
        let answer = service.anyone().get(path).await;
        assert_eq!((answer.status.as_u16(), &answer.headers[CONTENT_TYPE]), (200, &kind.parse().unwrap()));
        assert!(answer.text().starts_with(begin), "{path}");
        assert_eq!(answer.headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
        let policy = answer.headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'self';"), "{policy}");
    }
    let page = service.anyone().get("/openapi").await;
    for info in endpoints() {
        assert!(page.text().contains(&format!("</b> {}</a>", info.path)), "{}", info.path);
    }
    for markup in ["<script", "style=", "http:", "https:"] {
        assert!(!page.text().contains(markup), "{markup}");
    }
}

#[tokio::test]
async fn the_pages_tell_the_data_of_every_operation() {
    let service = Service::new().await;
    let asked = http::Request::get("/openapi").body(Body::empty()).unwrap();
    let pages = [service.anyone().get("/openapi").await, service.operate(asked).await];
    let shown = pages.map(|page| page.text().matches("<h4>Data</h4>\n<p>None.</p>").count());
    let members = endpoints().iter().filter(|info| info.operation.data.is_none()).count();
    let operators = operations().iter().filter(|info| info.operation.data.is_none()).count();
    assert_eq!(shown, [members, operators]);
}
