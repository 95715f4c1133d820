//! The document: it names every route and no other, and real requests and answers are as it says.

use crate::every_endpoint::{VALUES, params};
use crate::service::{Answer, Browser, Service};
use guanxi_server::routes::document;
use guanxi_server::routes::{Info, endpoints};
use http::Method;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use jsonschema::Validator;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A login, to be told of.
const LOGIN: &str = r#"{"login":{"mid":1,"time":1768400000,"ip":"36.40.120.15","how":"qr","ok":true,"device":"Chrome浏览器","place":"中国陕西渭南","carrier":"电信"}}"#;

/// The schema at a place in the document.
fn schema(document: &Value, place: &str) -> Validator {
    let mut schema = document.clone();
    schema["$ref"] = format!("#{place}").into();
    jsonschema::draft202012::new(&schema).unwrap_or_else(|error| panic!("{place}: {error}"))
}

fn place(info: &Info) -> String {
    format!("/paths/{}/{}", info.path.replace('/', "~1"), info.method.as_str().to_ascii_lowercase())
}

/// Fails unless an answer is one that the document has for the operation.
fn documented(document: &Value, info: &Info, answer: &Answer) {
    let status = answer.status.as_u16();
    let mut told = format!("{}/responses/{status}", place(info));
    if let Some(shared) = document.pointer(&told).unwrap()["$ref"].as_str() {
        told = shared.trim_start_matches('#').to_owned();
    }
    let schema = schema(document, &format!("{told}/content/application~1json/schema"));
    let wrong: Vec<String> = schema.iter_errors(&answer.json()).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{} {}: {}", info.path, answer.text(), wrong.join("; "));
}

async fn ask(browser: &Browser<'_>, info: &Info, params: &str) -> Answer {
    if info.method == Method::GET {
        browser.get(&format!("{}?{params}", info.path)).await
    } else {
        browser.post_bare(info.path, &format!("{params}&csrf={}", browser.csrf())).await
    }
}

#[test]
fn it_names_every_route_and_no_other() {
    let document = document();
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
    let document = document();
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
    references(&document, &mut |name| {
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
    let document = document();
    let types = document["components"]["schemas"].as_object().unwrap();
    for (name, schema) in types {
        assert!(jsonschema::draft202012::meta::is_valid(schema), "{name}");
    }
    for info in endpoints() {
        let told = document.pointer(&place(&info)).unwrap();
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
    let document = document();
    for info in endpoints() {
        for (at, param) in info.params.iter().enumerate() {
            let told = if info.method == Method::GET {
                format!("{}/parameters/{at}/schema", place(&info))
            } else {
                let form = "requestBody/content/multipart~1form-data/schema/properties";
                format!("{}/{form}/{}", place(&info), param.name)
            };
            let schema = schema(&document, &told);
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

#[tokio::test]
async fn every_answer_is_documented() {
    let document = document();
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
        documented(&document, &info, &done);
        for refused in [ask(&service.anyone(), &info, "").await, ask(&me, &info, "").await] {
            documented(&document, &info, &refused);
        }
    }
}

#[tokio::test]
async fn a_fault_is_documented() {
    let document = document();
    let service = Service::with(|settings| settings.body_limit_bytes = 10).await;
    let info = endpoints().into_iter().find(|info| info.method == Method::POST).unwrap();
    let answer = ask(&service.member(1).await, &info, "user_sign=0123456789").await;
    assert_eq!(answer.status, 413);
    documented(&document, &info, &answer);
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
