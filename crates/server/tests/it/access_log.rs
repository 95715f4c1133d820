//! Request ids, the request of a log line and the access log.

use crate::captured_log::capture;
use crate::client::PASSWORD;
use crate::http::start_server;
use crate::raw_http::RawHttp;
use crate::service::Service;
use axum::body::Body;
use axum::response::IntoResponse;
use futures_util::FutureExt;
use guanxi_server::net::route_table::RouteTable;
use guanxi_server::request_log::{AccessLine, AccessLog};
use guanxi_server::{App, HttpService, Settings};
use guanxi_storage::commands::Command;
use guanxi_storage::transaction::Transaction;
use guanxi_storage::{CommandError, StorageError, Store};
use http::header::COOKIE;
use http::{Method, Request, StatusCode};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tracing::Level;

const HEADER: &str = "x-request-id";

fn is_generated(id: &str) -> bool {
    id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A command that fails.
struct Fail;

impl Command for Fail {
    type Output = ();

    async fn apply<T: Transaction>(&self, _: &mut T) -> Result<(), CommandError> {
        Err(StorageError::engine("on purpose").into())
    }
}

#[tokio::test]
async fn failed_write_is_logged_with_its_request() {
    let write = |app: App, _| async move { app.store.run(Fail).await.is_ok().to_string().into_response() };
    let routes = RouteTable::default().route(Method::POST, "/write", write);
    let service = Service::on_embedded().await;
    let request = Request::post("/write").header(HEADER, "abc").body(Body::empty()).unwrap();
    let respond = HttpService::new(routes.with_state(service.app.clone())).respond(request);
    let (_, log) = capture(Level::ERROR, respond).await;
    let line = log.lines().find(|line| line.contains("write failed")).unwrap();
    assert!(line.starts_with("id=abc method=POST endpoint=/write "), "{log}");
    assert!(line.contains("Fail error=") && line.contains("on purpose"), "{log}");
}

/// A line of the access log.
#[derive(Clone, Debug)]
struct Line {
    request: [(&'static str, String); 3],
    status: Option<StatusCode>,
    code: Option<i32>,
    bytes: Option<u64>,
    duration: Duration,
}

/// An access log in memory.
#[derive(Debug, Default)]
struct Lines(Mutex<Vec<Line>>);

impl AccessLog for Lines {
    fn write(&self, line: &AccessLine<'_>) {
        let request = line.request.fields().map(|(name, value)| (name, value.to_owned()));
        let AccessLine { status, code, bytes, duration, .. } = *line;
        self.0.lock().unwrap().push(Line { request, status, code, bytes, duration });
    }
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
    HttpService::new(routes.with_state(()))
}

#[tokio::test]
async fn fault_line_has_the_request() {
    let request = Request::get("/space/61?q=secret").header(HEADER, "abc").body(Body::empty()).unwrap();
    let (answer, log) = capture(Level::TRACE, panicking_service().respond(request)).await;
    assert_eq!((answer.status().as_u16(), &answer.headers()[HEADER]), (500, &"abc".parse().unwrap()));
    let fault = log.lines().find(|line| line.contains("handler panicked")).unwrap();
    assert!(fault.starts_with("id=abc method=GET endpoint=/space/{mid} "), "{log}");
    assert!(!log.contains("secret") && !log.contains("/61"), "{log}");
}

#[tokio::test]
async fn access_line_has_its_facts_and_no_private_text() {
    let access_log = Arc::new(Lines::default());
    let service = Service::new().await.with_access_log(access_log.clone());
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
    requests.await;
    let lines = access_log.0.lock().unwrap().clone();
    let expected = [
        ("POST", "/passport/login", 200, Some(30011)),
        ("GET", "/x/relation/stat", 200, Some(0)),
        ("GET", "/space/{mid}", 200, Some(0)),
        ("POST", "/form/x/relation/modify", 303, Some(-101)),
        ("GET", "unknown", 404, None),
        ("other", "unknown", 404, None),
    ];
    assert_eq!(lines.len(), expected.len(), "{lines:?}");
    for (line, (method, endpoint, status, code)) in lines.iter().zip(expected) {
        let [(_, id), request @ ..] = &line.request;
        assert!(if method == "other" { is_generated(id) } else { id == "abc" }, "{line:?}");
        assert_eq!(*request, [("method", method.to_owned()), ("endpoint", endpoint.to_owned())]);
        let status = StatusCode::from_u16(status).ok();
        assert_eq!((line.status, line.code), (status, code), "{line:?}");
        assert!(line.bytes.is_some() && !line.duration.is_zero(), "{line:?}");
    }
    for private in ["secret", "SECRET", PASSWORD] {
        assert!(!format!("{lines:?}").contains(private), "{private}: {lines:?}");
    }
}

#[tokio::test]
async fn disconnected_request_has_a_line_without_status() {
    let routes = RouteTable::default().route(Method::GET, "/", |(), _| std::future::pending());
    let access_log = Arc::new(Lines::default());
    let service = HttpService::new(routes.with_state(())).with_access_log(Some(access_log.clone()));
    let request = Request::get("/").header(HEADER, "abc").header(COOKIE, "a=b").body(Body::empty()).unwrap();
    assert!(service.respond(request).now_or_never().is_none());
    let lines = access_log.0.lock().unwrap().clone();
    assert!(matches!(lines[..], [Line { status: None, code: None, bytes: None, .. }]), "{lines:?}");
}
