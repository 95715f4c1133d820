//! The log of a request: its id, the request of each log line, and its access log line.
//!
//! The id is that of the header `X-Request-Id`, or a new one. Each log line of a request has its id, method and
//! endpoint, and the access log has one line for it. An endpoint is logged as the path of its route. The path and
//! the query of the request are private, as are addresses, cookies, tokens and names, so none of them is logged.
//!
//! The request is a value of its task. A span of `tracing` would cost a tenth of a small request, as it is
//! formatted and stored even when no line needs it.

use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use hyper::body::Body;
use std::cell::Cell;
use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The header of the request id, of requests and of responses.
const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The maximum length of a request id.
const REQUEST_ID_MAX_BYTES: usize = 64;

/// The endpoint of a request without a route.
const UNKNOWN: &str = "unknown";

tokio::task_local! {
    /// The log of the request that the task handles.
    static CURRENT: RequestLog;
}

/// An access log.
pub trait AccessLog: Debug + Send + Sync {
    /// Writes the line of a request.
    fn write(&self, line: &AccessLine<'_>);
}

/// The line of a request in the access log.
#[derive(Clone, Copy, Debug)]
pub struct AccessLine<'r> {
    /// The request.
    pub request: &'r LoggedRequest,
    /// The status. `None` if the client disconnected before the response.
    pub status: Option<StatusCode>,
    /// The code of the envelope. `None` if no endpoint handled the request.
    pub code: Option<i32>,
    /// The size of the body.
    pub bytes: Option<u64>,
    /// The time until the response was ready to send.
    pub duration: Duration,
}

/// The request of a log line.
#[derive(Clone, Debug)]
pub struct LoggedRequest {
    id: RequestId,
    method: &'static str,
    /// The path of the route.
    endpoint: Option<Arc<str>>,
}

impl LoggedRequest {
    /// Returns the request that the current task handles.
    pub fn current() -> Option<LoggedRequest> {
        CURRENT.try_with(|log| log.request.clone()).ok()
    }

    /// Returns the names and values of the request's fields. None of them is private.
    pub fn fields(&self) -> [(&'static str, &str); 3] {
        let endpoint = self.endpoint.as_deref().unwrap_or(UNKNOWN);
        [("id", self.id.as_str()), ("method", self.method), ("endpoint", endpoint)]
    }
}

/// Runs a future on another task as a part of the current request, for its log lines.
pub(crate) fn in_current_request<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let request = LoggedRequest::current();
    async move {
        match request {
            Some(request) => CURRENT.scope(RequestLog { request, access: None }, future).await,
            None => future.await,
        }
    }
}

/// Records the code of the envelope.
pub(crate) fn record_code(code: i32) {
    let record = |log: &RequestLog| log.access.as_ref().map(|access| access.code.set(Some(code)));
    // Without a request there is no line.
    let _ = CURRENT.try_with(record);
}

/// The log of a request in flight. Its access log line is written on drop.
#[derive(Debug)]
pub(crate) struct RequestLog {
    request: LoggedRequest,
    access: Option<PendingLine>,
}

/// The access log line of a request in flight.
#[derive(Debug)]
struct PendingLine {
    log: Arc<dyn AccessLog>,
    /// The status and the size of the body.
    response: Cell<Option<(StatusCode, Option<u64>)>>,
    code: Cell<Option<i32>>,
    started: Instant,
}

impl RequestLog {
    /// Starts the log of a request. `endpoint` is the path of its route.
    pub(crate) fn start(
        method: &Method,
        headers: &HeaderMap,
        endpoint: Option<&Arc<str>>,
        access_log: Option<&Arc<dyn AccessLog>>,
    ) -> RequestLog {
        let access = access_log.map(|log| PendingLine {
            log: Arc::clone(log),
            response: Cell::default(),
            code: Cell::default(),
            started: Instant::now(),
        });
        let (id, method) = (RequestId::of(headers), method_name(method));
        RequestLog { request: LoggedRequest { id, method, endpoint: endpoint.cloned() }, access }
    }

    /// Handles the request, and adds the id to the response. The access log line is written when the response is
    /// complete except for its transfer, or when the client disconnects before.
    ///
    /// The future is pinned by the caller, since a move would copy the state of the whole request.
    pub(crate) async fn observe<B: Body>(
        self,
        handled: Pin<&mut impl Future<Output = Response<B>>>,
    ) -> Response<B> {
        let observed = async {
            let mut response = handled.await;
            CURRENT.with(|log| log.record_response(&mut response));
            response
        };
        CURRENT.scope(self, observed).await
    }

    fn record_response<B: Body>(&self, response: &mut Response<B>) {
        response.headers_mut().insert(REQUEST_ID_HEADER, self.request.id.to_header());
        if let Some(access) = &self.access {
            access.response.set(Some((response.status(), response.body().size_hint().exact())));
        }
    }
}

impl Drop for RequestLog {
    fn drop(&mut self) {
        if let Some(PendingLine { log, response, code, started }) = &self.access {
            let (status, bytes) = response.get().unzip();
            let (code, bytes, duration) = (code.get(), bytes.flatten(), started.elapsed());
            log.write(&AccessLine { request: &self.request, status, code, bytes, duration });
        }
    }
}

/// A request id: letters, digits, `.`, `_` and `-`.
#[derive(Clone, Copy, Debug)]
struct RequestId {
    bytes: [u8; REQUEST_ID_MAX_BYTES],
    length: usize,
}

impl RequestId {
    /// Returns the valid id of the header, or a new one.
    fn of(headers: &HeaderMap) -> RequestId {
        let given = headers.get(REQUEST_ID_HEADER).and_then(|id| RequestId::new(id.as_bytes()));
        given.unwrap_or_else(RequestId::generate)
    }

    fn new(text: &[u8]) -> Option<RequestId> {
        let is_valid = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let mut bytes = [0; REQUEST_ID_MAX_BYTES];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        (!text.is_empty() && text.iter().all(is_valid)).then_some(RequestId { bytes, length: text.len() })
    }

    /// Generates an id of 16 hexadecimal digits. An id is no secret, so a fast generator is enough.
    fn generate() -> RequestId {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let (number, length) = (fastrand::u64(..), 16);
        let mut bytes = [0; REQUEST_ID_MAX_BYTES];
        for (index, byte) in bytes[..length].iter_mut().enumerate() {
            *byte = DIGITS[((number >> (4 * index)) & 15) as usize];
        }
        RequestId { bytes, length }
    }

    fn as_str(&self) -> &str {
        str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }

    fn to_header(self) -> HeaderValue {
        HeaderValue::from_bytes(&self.bytes[..self.length]).expect("an id is valid in a header")
    }
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

    fn request_id(value: Option<&str>) -> String {
        let header = value.map(|id| (REQUEST_ID_HEADER, HeaderValue::from_bytes(id.as_bytes()).unwrap()));
        RequestId::of(&HeaderMap::from_iter(header)).as_str().to_owned()
    }

    #[test]
    fn valid_id_of_a_request_is_its_own() {
        let long = "x".repeat(REQUEST_ID_MAX_BYTES);
        for id in ["a", "0190-7c2f.B_z", &long] {
            assert_eq!(request_id(Some(id)), id);
        }
    }

    #[test]
    fn absent_or_malformed_id_is_generated() {
        let too_long = "x".repeat(REQUEST_ID_MAX_BYTES + 1);
        for id in [None, Some(""), Some("a b"), Some("a/b"), Some("a\"b"), Some("会员"), Some(&too_long)] {
            let (first, second) = (request_id(id), request_id(id));
            let is_hexadecimal = first.bytes().all(|digit| digit.is_ascii_hexdigit());
            assert!(first.len() == 16 && is_hexadecimal, "{id:?}: {first:?}");
            assert_ne!(first, second, "{id:?}");
        }
    }
}
