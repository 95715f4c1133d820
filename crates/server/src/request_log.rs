//! The log of a request: its id, its span and its access log line.
//!
//! The id is that of the header `X-Request-Id`, or a new one. The span `request` carries the id to every log line
//! of the request, and the access log has one line for it. An endpoint is logged as the path of its route. The
//! path and the query of the request are private, as are addresses, cookies, tokens and names, so none of them is
//! logged.

use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use hyper::body::Body;
use std::cell::Cell;
use std::pin::Pin;
use std::sync::Arc;
use tokio::time::Instant;
use tracing::{Instrument, Level, Span};

/// The header of the request id, of requests and of responses.
const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The maximum length of a request id.
const REQUEST_ID_MAX_BYTES: usize = 64;

/// The target of the access log.
pub const ACCESS_LOG: &str = "guanxi_server::access";

/// The endpoint of a request without a route.
const UNKNOWN: &str = "unknown";

tokio::task_local! {
    /// The access log line of the request that the task handles.
    static LINE: AccessLine;
}

/// The log of a request in flight.
#[derive(Debug)]
pub(crate) struct RequestLog {
    id: HeaderValue,
    span: Span,
    line: Option<AccessLine>,
}

impl RequestLog {
    /// Starts the log of a request. `endpoint` is the path of its route.
    pub(crate) fn start(
        method: &Method,
        headers: &HeaderMap,
        has_access_log: bool,
        endpoint: Option<&Arc<str>>,
    ) -> RequestLog {
        let (id, method) = (request_id(headers), method_name(method));
        let span = tracing::info_span!(
            "request",
            id = %id_text(&id),
            method = %method,
            endpoint = %endpoint.map_or(UNKNOWN, |path| path),
        );
        let is_logged = has_access_log && tracing::event_enabled!(target: ACCESS_LOG, Level::INFO);
        let line = is_logged.then(|| AccessLine {
            id: id.clone(),
            method,
            endpoint: endpoint.cloned(),
            response: Cell::default(),
            code: Cell::default(),
            started: Instant::now(),
        });
        RequestLog { id, span, line }
    }

    /// Handles the request within its span, and adds the id to the response. The access log line is written when
    /// the response is complete except for its transfer, or when the client disconnects before.
    ///
    /// The future is pinned by the caller, since a move would copy the state of the whole request.
    pub(crate) async fn observe<B: Body>(
        self,
        handled: Pin<&mut impl Future<Output = Response<B>>>,
    ) -> Response<B> {
        let RequestLog { id, span, line } = self;
        let handled = handled.instrument(span);
        let mut response = match line {
            Some(line) => LINE.scope(line, record_response(handled)).await,
            None => handled.await,
        };
        response.headers_mut().insert(REQUEST_ID_HEADER, id);
        response
    }
}

async fn record_response<B: Body>(handled: impl Future<Output = Response<B>>) -> Response<B> {
    let response = handled.await;
    LINE.with(|line| line.response.set(Some((response.status(), response.body().size_hint().exact()))));
    response
}

/// Records the code of the envelope.
pub(crate) fn record_code(code: i32) {
    // Without an access log there is no line.
    let _ = LINE.try_with(|line| line.code.set(Some(code)));
}

/// The access log line of a request, written on drop.
#[derive(Debug)]
struct AccessLine {
    id: HeaderValue,
    method: &'static str,
    /// The path of the route.
    endpoint: Option<Arc<str>>,
    /// The status and the size of the body. `None` if the client disconnected before the response.
    response: Cell<Option<(StatusCode, Option<u64>)>>,
    code: Cell<Option<i32>>,
    started: Instant,
}

impl Drop for AccessLine {
    fn drop(&mut self) {
        let (status, bytes) = self.response.get().unzip();
        let microseconds = (self.started.elapsed().as_secs_f64() * 1_000_000.0).round();
        tracing::info!(
            target: ACCESS_LOG,
            parent: None,
            id = %id_text(&self.id),
            method = %self.method,
            endpoint = %self.endpoint.as_deref().unwrap_or(UNKNOWN),
            status = status.map(|status| status.as_u16()),
            code = self.code.get(),
            bytes = bytes.flatten(),
            duration_ms = microseconds / 1_000.0,
        );
    }
}

/// Returns the valid id of the header, or a new one.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let given = headers.get(REQUEST_ID_HEADER).filter(|id| is_request_id(id.as_bytes()));
    given.map_or_else(generate_id, HeaderValue::clone)
}

fn is_request_id(id: &[u8]) -> bool {
    let is_valid = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=REQUEST_ID_MAX_BYTES).contains(&id.len()) && id.iter().all(is_valid)
}

/// Generates an id of 16 hexadecimal digits. An id is no secret, so a fast generator is enough.
fn generate_id() -> HeaderValue {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let number = fastrand::u64(..);
    let digits: [u8; 16] = std::array::from_fn(|index| DIGITS[((number >> (4 * index)) & 15) as usize]);
    HeaderValue::from_bytes(&digits).expect("digits are valid in a header")
}

fn id_text(id: &HeaderValue) -> &str {
    id.to_str().unwrap_or_default()
}

/// Returns the name of a method. All extension methods are `other`, since their names are texts of the client.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::PATCH => "PATCH",
        Method::OPTIONS => "OPTIONS",
        Method::CONNECT => "CONNECT",
        Method::TRACE => "TRACE",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_id_of_a_request_is_its_own() {
        let long = "x".repeat(REQUEST_ID_MAX_BYTES);
        for id in ["a", "0190-7c2f.B_z", &long] {
            let headers = HeaderMap::from_iter([(REQUEST_ID_HEADER, id.parse().unwrap())]);
            assert_eq!(request_id(&headers), id);
        }
    }

    #[test]
    fn absent_or_malformed_id_is_generated() {
        let too_long = "x".repeat(REQUEST_ID_MAX_BYTES + 1);
        for id in [None, Some(""), Some("a b"), Some("a/b"), Some("a\"b"), Some("会员"), Some(&too_long)] {
            let header = id.map(|id| (REQUEST_ID_HEADER, HeaderValue::from_bytes(id.as_bytes()).unwrap()));
            let headers = HeaderMap::from_iter(header);
            let (first, second) = (request_id(&headers), request_id(&headers));
            let is_hexadecimal = id_text(&first).bytes().all(|digit| digit.is_ascii_hexdigit());
            assert!(first.len() == 16 && is_hexadecimal, "{id:?}: {first:?}");
            assert_ne!(first, second, "{id:?}");
        }
    }
}
