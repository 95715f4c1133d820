//! The HTTP service of a listener: log, panics, security headers and compression.

use crate::http::response::ApiError;
use crate::http::security_headers;
use crate::net::route_table::{Route, Router};
use crate::request_log::{AccessLog, RequestLog};
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use guanxi_types::HttpError;
use http::HeaderValue;
use http::header::ACCEPT_ENCODING;
use http_body_util::BodyExt;
use hyper::body::Body as _;
use std::any::Any;
use std::convert::Infallible;
use std::fmt;
use std::future::ready;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use tower::{Layer, ServiceExt, service_fn};
use tower_http::compression::predicate::{Predicate, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel};

/// The HTTP service of a listener. Clones share their routes.
#[derive(Clone, Debug)]
pub struct HttpService {
    router: Arc<Router>,
    /// The minimum size of a response that is compressed, or `None` for no compression.
    compression_min_bytes: Option<u64>,
    /// True if responses have `Strict-Transport-Security`.
    hsts: bool,
    access_log: Option<Arc<dyn AccessLog>>,
    filter: Option<Filter>,
}

/// A check of each request before its route. It may change the request, or answer it.
#[derive(Clone)]
struct Filter(Arc<FilterFn>);

type FilterFn = dyn Fn(&mut Request) -> Option<Response> + Send + Sync;

impl fmt::Debug for Filter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Filter")
    }
}

impl HttpService {
    /// Creates a service without compression and without an access log.
    pub fn new(router: Router) -> HttpService {
        HttpService {
            router: Arc::new(router),
            compression_min_bytes: None,
            hsts: false,
            access_log: None,
            filter: None,
        }
    }

    /// Compresses responses of at least `min_bytes` for clients that accept it (D10).
    #[must_use]
    pub fn with_compression(self, min_bytes: u64) -> HttpService {
        HttpService { compression_min_bytes: Some(min_bytes), ..self }
    }

    /// Adds `Strict-Transport-Security` if the public URL is https.
    #[must_use]
    pub fn with_public_url(self, public_url: &str) -> HttpService {
        HttpService { hsts: public_url.starts_with("https:"), ..self }
    }

    /// Sets the access log, which gets a line of each request.
    #[must_use]
    pub fn with_access_log(self, access_log: Option<Arc<dyn AccessLog>>) -> HttpService {
        HttpService { access_log, ..self }
    }

    /// Returns the path of the route of a path, with the names of its parameters.
    pub fn route_path(&self, path: &str) -> Option<&str> {
        self.router.find(path).map(|route| &**route.path())
    }

    /// Checks each request before its handler. A response of the filter replaces the handler's.
    #[must_use]
    pub fn with_filter(
        self,
        filter: impl Fn(&mut Request) -> Option<Response> + Send + Sync + 'static,
    ) -> HttpService {
        HttpService { filter: Some(Filter(Arc::new(filter))), ..self }
    }

    /// Handles a request and logs it.
    pub async fn respond(self, request: Request) -> Response {
        let (route, log) = self.start(&request);
        log.observe(pin!(self.handle(route, request))).await
    }

    /// Finds the route of a request and starts its log, which then observes [`handle`](HttpService::handle).
    pub(crate) fn start<B>(&self, request: &http::Request<B>) -> (Option<&Route>, RequestLog) {
        let route = self.router.find(request.uri().path());
        let (endpoint, access_log) = (route.map(Route::path), self.access_log.as_ref());
        (route, RequestLog::start(request.method(), request.headers(), endpoint, access_log))
    }

    /// Handles a request by its route, without logging it.
    pub(crate) async fn handle(&self, route: Option<&Route>, mut request: Request) -> Response {
        let accepted: Vec<HeaderValue> = request.headers().get_all(ACCEPT_ENCODING).iter().cloned().collect();
        let answered = self.filter.as_ref().and_then(|Filter(filter)| filter(&mut request));
        let mut response = if let Some(response) = answered {
            response
        } else {
            let handled = AssertUnwindSafe(self.router.handle(route, request)).catch_unwind().await;
            handled.unwrap_or_else(|panic| panic_response(&*panic))
        };
        security_headers::add_common_headers(response.headers_mut(), self.hsts);
        // Most responses are too small to compress.
        let size = response.body().size_hint().exact();
        match self.compression_min_bytes {
            Some(min_bytes) if size.is_none_or(|size| size >= min_bytes) => {
                // Boxed, so that the futures of other requests do not contain an encoder.
                Box::pin(compress(response, accepted, min_bytes)).await
            }
            _ => response,
        }
    }
}

/// Compresses a response with an encoding that the client accepts.
async fn compress(response: Response, accepted: Vec<HeaderValue>, min_bytes: u64) -> Response {
    let compression = CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(min_bytes).and(security_headers::may_compress));
    let mut request = Request::new(());
    if accepted.first().is_none_or(has_acceptable_encoding) {
        request.headers_mut().extend(accepted.into_iter().map(|encodings| (ACCEPT_ENCODING, encodings)));
    }
    let mut response = Some(response);
    let inner = service_fn(move |_| ready(Ok::<_, Infallible>(response.take().unwrap_or_default())));
    let response = compression.layer(inner).oneshot(request).await;
    let (parts, body) = response.unwrap_or_else(|never| match never {}).into_parts();
    // Compressed at once: an encoder takes more memory than the response, and would live until a slow peer has read
    // it.
    match body.collect().await {
        Ok(collected) => Response::from_parts(parts, Body::from(collected.to_bytes())),
        Err(error) => compression_error(&error),
    }
}

fn compression_error(error: &dyn fmt::Display) -> Response {
    tracing::error!(%error, "response could not be compressed, request answered with 500");
    ApiError::Http(HttpError::InternalError).into_response()
}

/// Returns true if the client accepts an available encoding or none. Other clients get no encoding, since a 406
/// would replace the status of the response.
fn has_acceptable_encoding(accepted: &HeaderValue) -> bool {
    let encodings = accepted.to_str().unwrap_or_default().split(',');
    let encodings = encodings.map(|encoding| encoding.split_once(';').unwrap_or((encoding, "")));
    let is_rejected = |quality: &str| quality.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0));
    let (mut accepts_available, mut accepts_identity) = (false, true);
    for (encoding, quality) in encodings {
        match encoding.trim() {
            "identity" | "*" if is_rejected(quality) => accepts_identity = false,
            "gzip" | "br" | "zstd" if !is_rejected(quality) => accepts_available = true,
            _ => (),
        }
    }
    accepts_identity || accepts_available
}

fn panic_response(panic: &(dyn Any + Send)) -> Response {
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(
        panic = text.unwrap_or("without a message"),
        "handler panicked, request answered with 500"
    );
    ApiError::Http(HttpError::InternalError).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::route_table::RouteTable;
    use http::header::{CONTENT_ENCODING, VARY};
    use http::{Method, StatusCode};

    async fn get_response(path: &str, accepted: Option<&'static str>) -> Response {
        let routes = RouteTable::default()
            .route(Method::GET, "/panic", |(), _| async { panic!("requested by the test") })
            .route(Method::GET, "/small", |(), _| async { "x".repeat(99).into_response() })
            .route(Method::GET, "/large", |(), _| async { "x".repeat(100).into_response() });
        let mut request = Request::get(path).body(Body::empty()).unwrap();
        request.headers_mut().extend(accepted.map(|text| (ACCEPT_ENCODING, HeaderValue::from_static(text))));
        HttpService::new(routes.with_state(())).with_compression(100).respond(request).await
    }

    #[tokio::test]
    async fn panic_of_a_handler_is_500() {
        assert_eq!(get_response("/panic", None).await.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }

    #[tokio::test]
    async fn response_of_the_filter_replaces_the_handlers() {
        let routes =
            RouteTable::default().route(Method::GET, "/", |(), _| async { "served".into_response() });
        let filter = |request: &mut Request| {
            let is_refused = request.uri().query().is_some();
            is_refused.then(|| StatusCode::BAD_GATEWAY.into_response())
        };
        let service = HttpService::new(routes.with_state(())).with_filter(filter);
        for (target, status) in [("/", StatusCode::OK), ("/?refuse", StatusCode::BAD_GATEWAY)] {
            let request = Request::get(target).body(Body::empty()).unwrap();
            let response = service.clone().respond(request).await;
            assert_eq!(response.status(), status, "{target}");
            assert!(response.headers().contains_key("x-request-id"), "{target}");
        }
    }

    #[tokio::test]
    async fn large_responses_are_compressed_if_accepted() {
        // path, Accept-Encoding, Content-Encoding, true if the response has Vary
        let cases = [
            ("/small", Some("gzip"), None, false),
            ("/large", None, None, true),
            ("/large", Some("gzip"), Some("gzip"), true),
            ("/large", Some("gzip;q=0.5, br"), Some("br"), true),
            ("/large", Some("deflate"), None, true),
            ("/large", Some("identity;q=0, deflate"), None, true),
            ("/large", Some("identity;q=0, zstd"), Some("zstd"), true),
        ];
        for (path, accepted, expected, has_vary) in cases {
            let response = get_response(path, accepted).await;
            let headers = response.headers();
            let encoding = headers.get(CONTENT_ENCODING).map(|value| value.to_str().unwrap());
            assert_eq!((response.status(), encoding), (StatusCode::OK, expected), "{path} {accepted:?}");
            assert_eq!(headers.contains_key(VARY), has_vary, "{path} {accepted:?}");
        }
    }
}
