//! Request ids, the span of a request and the access log.

use crate::captured_log::{capture, capture_json};
use crate::client::PASSWORD;
use crate::http::start_server;
use crate::raw_http::RawHttp;
use crate::service::Service;
use axum::body::Body;
use futures_util::FutureExt;
use guanxi_server::net::route_table::RouteTable;
use guanxi_server::{HttpService, Settings};
use http::header::COOKIE;
use http::{Method, Request};
use serde_json::Value;
use tracing::Level;

const HEADER: &str = "x-request-id";

fn is_generated(id: &str) -> bool {
    id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns the fields of the access log lines in a log of JSON.
fn access_lines(log: &str) -> Vec<Value> {
    let events = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let lines = events.filter(|event| event["target"] == "guanxi_server::access");
    lines
        .map(|mut event| {
            assert_eq!((&event["level"], event.get("spans")), (&"INFO".into(), None), "{event}");
            event["fields"].take()
        })
        .collect()
}

#[tokio::test]
async fn request_id_is_echoed_or_generated() {
    let service = Service::new().await;
    let long = "x".repeat(65);
    for path in ["/x/relation/stat?vmid=1", "/x/relation/stat", "/login", "/healthz", "/nowhere"] {
        let ids = [Some("0190-7c2f.B_z"), None, Some(""), Some("a b"), Some("<script>"), Some(&long)];
        for (nth, id) in ids.into_iter().enumerate() {
            let request = || {
                let request = Request::get(path);
                id.into_iter()
                    .fold(request, |request, id| request.header(HEADER, id))
                    .body(Body::empty())
                    .unwrap()
            };
            for answer in [service.send(request()).await, service.send_to_operators(request()).await] {
                let answered = answer.headers[HEADER].to_str().unwrap();
                let expected = if nth == 0 { id == Some(answered) } else { is_generated(answered) };
                assert!(expected, "{path} {id:?}: {answered}");
            }
        }
    }
}

#[tokio::test]
async fn http_errors_have_the_request_id() {
    let service = Service::new().await;
    // One request of an address in flight.
    let settings = Settings { request_limit: 4.try_into().unwrap(), ..Settings::default() };
    let (address, _stop, _serving) = start_server(&service, settings).await;
    let cases = [
        ("GET /nowhere HTTP/1.1\r\nhost: x\r\n", 404),
        ("PUT /x/relation/stat HTTP/1.1\r\nhost: x\r\n", 405),
        ("GET /x/relation/stat HTTP/1.1\r\n", 400),
    ];
    for (head, status) in cases {
        let mut connection = RawHttp::connect(address).await;
        connection.send(format!("{head}x-request-id: abc\r\n\r\n").as_bytes()).await;
        let answer = connection.answer().await.unwrap();
        assert!(answer.status == status && answer.has("x-request-id: abc"), "{answer:?}");
    }
    let mut waiting = RawHttp::connect(address).await;
    let head =
        "POST /passport/login HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n";
    waiting.send(head.as_bytes()).await;
    assert_eq!(waiting.answer().await.unwrap().status, 100, "the request is in flight");
    let mut rejected = RawHttp::connect(address).await;
    rejected.send(b"GET /login HTTP/1.1\r\nhost: x\r\nx-request-id: abc\r\n\r\n").await;
    let answer = rejected.answer().await.unwrap();
    assert!(answer.status == 503 && answer.has("x-request-id: abc"), "{answer:?}");
}

/// Returns a service with one route, `/space/{mid}`, which panics.
fn panicking_service() -> HttpService {
    let panicking = |(), _| async { panic!("requested by the test") };
    let routes = RouteTable::default().route(Method::GET, "/space/{mid}", panicking);
    HttpService::new(routes.with_state(())).with_access_log(true)
}

#[tokio::test]
async fn fault_line_has_the_request_id() {
    let request = Request::get("/space/61?q=secret").header(HEADER, "abc").body(Body::empty()).unwrap();
    let (answer, log) = capture(Level::TRACE, panicking_service().respond(request)).await;
    assert_eq!((answer.status().as_u16(), &answer.headers()[HEADER]), (500, &"abc".parse().unwrap()));
    let fault = log.lines().find(|line| line.contains("handler panicked")).unwrap();
    assert!(fault.contains("request{id=abc method=GET endpoint=/space/{mid}}"), "{log}");
    assert!(!log.contains("secret") && !log.contains("/61"), "{log}");
}

/// All fields of an access log line.
const FIELDS: [&str; 7] = ["id", "method", "endpoint", "status", "code", "bytes", "duration_ms"];

fn names(line: &Value) -> Vec<&str> {
    line.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn access_line_has_its_fields_and_no_private_text() {
    let service = Service::new().await;
    let browser = service.anonymous().with_header(HEADER, "abc");
    browser.set_cookie("SESSDATA", "secret-cookie");
    let requests = async {
        let form = format!("account=secret-name&password={PASSWORD}&csrf=secret-csrf");
        browser.post_raw("/passport/login?account=secret-query", &form).await;
        browser.get("/x/relation/stat?vmid=41").await;
        browser.get("/space/41?q=secret-query").await;
        browser.post_raw("/form/x/relation/modify?fid=41", "back=/space/41").await;
        browser.get("/secret-path").await;
        let request = Request::builder().method("SECRET").uri("/x/relation/stat").body(Body::empty());
        service.send_to_operators(request.unwrap()).await;
    };
    let ((), log) = capture_json(Level::INFO, requests).await;
    let lines = access_lines(&log);
    let expected = [
        ("POST", "/passport/login", 200, Some(30011)),
        ("GET", "/x/relation/stat", 200, Some(0)),
        ("GET", "/space/{mid}", 200, Some(0)),
        ("POST", "/form/x/relation/modify", 303, Some(-101)),
        ("GET", "unknown", 404, None),
        ("other", "unknown", 404, None),
    ];
    assert_eq!(lines.len(), expected.len(), "{log}");
    for (line, (method, endpoint, status, code)) in lines.iter().zip(expected) {
        let known = FIELDS.into_iter().filter(|name| code.is_some() || *name != "code");
        assert_eq!(names(line), known.collect::<Vec<_>>(), "{line}");
        let found = (&line["method"], &line["endpoint"], &line["status"], line["code"].as_i64());
        assert_eq!(found, (&method.into(), &endpoint.into(), &status.into(), code), "{line}");
        assert!(
            line["bytes"].is_u64() && line["duration_ms"].as_f64().is_some_and(|time| time > 0.0),
            "{line}"
        );
    }
    assert!(lines[..5].iter().all(|line| line["id"] == "abc"), "{log}");
    assert!(is_generated(lines[5]["id"].as_str().unwrap()), "{log}");
    for private in ["secret", "SECRET", PASSWORD] {
        assert!(!log.contains(private), "{private}: {log}");
    }
}

#[tokio::test]
async fn access_log_setting_turns_the_lines_off() {
    for (access_log, count) in [(true, 2), (false, 0)] {
        let service = Service::with_settings(|settings| settings.access_log = access_log).await;
        let requests = async {
            service.anonymous().get("/x/relation/stat?vmid=1").await;
            service.send_to_operators(Request::get("/healthz").body(Body::empty()).unwrap()).await;
        };
        let ((), log) = capture_json(Level::TRACE, requests).await;
        assert_eq!(access_lines(&log).len(), count, "{log}");
    }
}

#[tokio::test]
async fn disconnected_request_has_a_line_without_status() {
    let routes = RouteTable::default().route(Method::GET, "/", |(), _| std::future::pending());
    let service = HttpService::new(routes.with_state(())).with_access_log(true);
    let request = Request::get("/").header(HEADER, "abc").header(COOKIE, "a=b").body(Body::empty()).unwrap();
    let (answer, log) = capture_json(Level::INFO, async { service.respond(request).now_or_never() }).await;
    assert!(answer.is_none());
    let lines = access_lines(&log);
    assert_eq!(
        lines.iter().map(names).collect::<Vec<_>>(),
        [["id", "method", "endpoint", "duration_ms"]],
        "{log}"
    );
}
