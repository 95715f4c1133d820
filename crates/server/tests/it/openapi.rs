//! The OpenAPI document lists exactly the routes, and requests and responses conform to it.

use crate::client::TestClient;
use crate::endpoints::{VALUES, params};
use crate::openapi_check::{MEMBER_DOCUMENT, OPERATOR_DOCUMENT, operation_pointer};
use crate::service::{Service, TestResponse};
use axum::body::Body;
use guanxi_api::auth::AuthRequirement;
use guanxi_api::endpoint::{EndpointInfo, ParamLocation};
use guanxi_server::operator;
use guanxi_server::routes::endpoints;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, Method};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A login as a dump row.
const LOGIN: &str = r#"{"login":{"mid":1,"time":1768400000,"ip":"36.40.120.15","method":"qr","success":true,"device":"Chrome浏览器","location":"中国陕西渭南","isp":"电信"}}"#;

async fn call(browser: &TestClient<'_>, info: &EndpointInfo, params: &str) -> TestResponse {
    if info.method == Method::GET {
        browser.get(&format!("{}?{params}", info.path)).await
    } else {
        browser.post_raw(info.path, &format!("{params}&csrf={}", browser.csrf())).await
    }
}

#[test]
fn document_lists_exactly_the_routes() {
    let document = &MEMBER_DOCUMENT.json;
    let paths = document["paths"].as_object().unwrap();
    let documented: BTreeSet<(String, String)> = paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(|method| (path.clone(), method.to_ascii_uppercase()))
        })
        .collect();
    let routes =
        endpoints().into_iter().map(|info| (info.path.to_owned(), info.method.to_string())).collect();
    assert_eq!(documented, routes);
}

#[test]
fn document_names_are_unique_and_resolve() {
    let document = &MEMBER_DOCUMENT.json;
    let operations: Vec<&Value> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|item| item.as_object().unwrap().values())
        .collect();
    let ids: BTreeSet<&str> =
        operations.iter().map(|operation| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), operations.len(), "operation ids are unique");
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        // Of two types with one name the second gets a number. `#[schemars(rename)]` prevents this.
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
fn document_schemas_are_valid() {
    let document = &MEMBER_DOCUMENT.json;
    let types = document["components"]["schemas"].as_object().unwrap();
    for (name, schema) in types {
        assert!(jsonschema::draft202012::meta::is_valid(schema), "{name}");
    }
    for info in endpoints() {
        let operation = document.pointer(&operation_pointer(&info.method, info.path)).unwrap();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(jsonschema::draft202012::meta::is_valid(&parameter["schema"]), "{parameter}");
            assert!(parameter["description"].is_string(), "{} {parameter}", info.path);
        }
        assert!(operation["description"].as_str().is_some_and(|text| !text.is_empty()), "{}", info.path);
        assert!(!operation.to_string().contains("seed "), "{}: citations must not appear", info.path);
    }
}

#[test]
fn parameter_schema_matches_its_parser() {
    for info in endpoints() {
        for (at, param) in info.params.iter().enumerate() {
            let pointer = if info.method == Method::GET {
                format!("{}/parameters/{at}/schema", operation_pointer(&info.method, info.path))
            } else {
                let form = "requestBody/content/multipart~1form-data/schema/properties";
                format!("{}/{form}/{}", operation_pointer(&info.method, info.path), param.name)
            };
            let schema = MEMBER_DOCUMENT.schema(&pointer);
            let Some((_, good, bad)) = VALUES.iter().find(|(name, ..)| *name == param.name) else { continue };
            assert!(
                json_values(good).iter().any(|value| schema.is_valid(value)),
                "{} {}={good}",
                info.path,
                param.name
            );
            let bad = bad.iter().filter(|bad| !is_beyond_schema(param.name, bad));
            for bad in bad {
                let is_accepted = json_values(bad).iter().any(|value| schema.is_valid(value));
                assert!(!is_accepted, "{} {}={bad}", info.path, param.name);
            }
        }
    }
}

/// Returns the JSON values that the text may stand for.
fn json_values(text: &str) -> Vec<Value> {
    let number = text.parse().ok().filter(|number: &i64| number.to_string() == text);
    number.map(|number| json!(number)).into_iter().chain([json!(text)]).collect()
}

/// Returns true for rules that the schemas do not express: UTF-8, and names after trimming.
fn is_beyond_schema(name: &str, value: &str) -> bool {
    matches!(name, "tag" | "name") || value == "%ff"
}

// Every response in the tests is validated against the document. This test calls each operation successfully and
// with a rejection.
#[tokio::test]
async fn every_response_is_documented() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    assert_eq!((me.change_relation(1, 2).await, me.change_relation(1, 3).await), (0, 0));
    let tagid = me.post("/x/relation/tag/create", &[("tag", "同事")]).await.data()["tagid"].to_string();
    let grouped = me.post("/x/relation/tags/addUsers", &[("fids", "2"), ("tagids", &tagid)]).await;
    assert_eq!(grouped.code(), 0);
    service.import_rows(&[LOGIN]).await;
    for info in endpoints().into_iter().filter(|info| !info.path.starts_with("/passport/")) {
        // These change a group of the member's own.
        let own = matches!(info.path, "/x/relation/tag/update" | "/x/relation/tag/del");
        let good = params(&info, own.then_some(("tagid", Some(tagid.as_str()))));
        let more = match info.path {
            "/x/relation/tag/update" => "name=朋友&",
            "/x/web-interface/card" => "photo=1&",
            _ => "",
        };
        let done = call(&me, &info, &format!("{more}{good}")).await;
        assert_eq!(done.code(), 0, "{} {good}: {}", info.path, done.text());
        for refused in [call(&service.anonymous(), &info, "").await, call(&me, &info, "").await] {
            assert_eq!(refused.status, 200, "{}", info.path);
        }
    }
}

#[tokio::test]
async fn http_errors_are_documented() {
    let service = Service::with_settings(|settings| settings.body_limit_bytes = 10).await;
    let info = endpoints().into_iter().find(|info| info.method == Method::POST).unwrap();
    assert_eq!(call(&service.log_in_as(1).await, &info, "user_sign=0123456789").await.status, 413);
}

#[test]
fn undocumented_response_is_detected() {
    let answer = |status: u16, body: &str| TestResponse {
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
    for (status, body, is_valid) in cases {
        let check =
            || MEMBER_DOCUMENT.assert_valid(&Method::GET, "/x/member/realname/status", &answer(status, body));
        assert_eq!(std::panic::catch_unwind(check).is_ok(), is_valid, "{status} {body}");
    }
}

#[test]
fn operators_document_lists_their_operations() {
    for info in operator::endpoints() {
        let operation = OPERATOR_DOCUMENT.json.pointer(&operation_pointer(&info.method, info.path)).unwrap();
        assert!(
            operation["description"].as_str().is_some_and(|text| text.contains("For tokens of: admin")),
            "{operation}"
        );
    }
    let paths = OPERATOR_DOCUMENT.json["paths"].as_object().unwrap().values();
    let count = paths.map(|item| item.as_object().unwrap().len()).sum::<usize>();
    assert_eq!(count, operator::endpoints().len());
}

#[tokio::test]
async fn document_is_served_with_an_html_page() {
    let service = Service::new().await;
    for (path, kind, begin) in [
        ("/openapi.json", "application/json; charset=utf-8", r#"{"openapi":"3.1.0","#),
        ("/openapi", "text/html; charset=utf-8", "<!doctype html>"),
        ("/openapi.css", "text/css; charset=utf-8", ":root {"),
        ("/openapi.js", "text/javascript; charset=utf-8", "// Progressive"),
    ] {
        let answer = service.anonymous().get(path).await;
        assert_eq!((answer.status.as_u16(), &answer.headers[CONTENT_TYPE]), (200, &kind.parse().unwrap()));
        assert!(answer.text().starts_with(begin), "{path}");
        assert_eq!(answer.headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(
            answer.headers[CONTENT_SECURITY_POLICY],
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; \
             base-uri 'none'; frame-ancestors 'none'"
        );
    }
    let page = service.anonymous().get("/openapi").await;
    for info in endpoints() {
        assert!(page.text().contains(&format!("</b> {}</a>", info.path)), "{}", info.path);
    }
    let text = page.text().replace("<script src=\"openapi.js\" defer></script>", "");
    for markup in ["<script", "style=", "http:", "https:"] {
        assert!(!text.contains(markup), "{markup}");
    }
}

#[tokio::test]
async fn html_page_has_a_form_for_every_operation() {
    let service = Service::new().await;
    let request = http::Request::get("/openapi").body(Body::empty()).unwrap();
    let operators_page = service.send_to_operators(request).await;
    let pages =
        [(service.anonymous().get("/openapi").await, endpoints()), (operators_page, operator::endpoints())];
    for (page, endpoints) in pages {
        let forms: Vec<&str> = page.text().split("<form ").skip(1).collect();
        assert_eq!(forms.len(), endpoints.len());
        for info in endpoints {
            let method = info.method.as_str().to_ascii_lowercase();
            let target = format!("action=\"{}\" method=\"{method}\"", info.path);
            let form = forms.iter().find(|form| form.starts_with(&target)).unwrap();
            let form = form.split("</form>").next().unwrap();
            for param in info.params {
                let count = form.matches(&format!(" name=\"{}\"", param.name)).count();
                assert_eq!(count, 1, "{} {}", info.path, param.name);
            }
            let has_csrf = info.auth == AuthRequirement::SessionWithCsrf;
            assert!(!has_csrf || form.contains(" name=\"csrf\""), "{}", info.path);
            let is_json = info.param_location == ParamLocation::Json;
            assert_eq!(form.contains(" data-json>"), is_json, "{}", info.path);
        }
    }
}

#[tokio::test]
async fn html_page_shows_the_data_of_every_operation() {
    let service = Service::new().await;
    let request = http::Request::get("/openapi?language=en").body(Body::empty()).unwrap();
    let pages =
        [service.anonymous().get("/openapi?language=en").await, service.send_to_operators(request).await];
    let shown = pages.map(|page| page.text().matches("<h4>Data</h4>\n<p>None.</p>").count());
    let members = endpoints().iter().filter(|info| info.data_schema.is_none()).count();
    let operators = operator::endpoints().iter().filter(|info| info.data_schema.is_none()).count();
    assert_eq!(shown, [members, operators]);
}
