//! The HTTP service of a listener: routing, panics, security headers and compression.

use crate::http::response::ApiError;
use crate::http::security_headers;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use guanxi_types::HttpError;
use http::header::ACCEPT_ENCODING;
use http::{HeaderValue, Method};
use http_body_util::BodyExt;
use hyper::body::Body as _;
use std::any::Any;
use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::future::ready;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tower::{Layer, ServiceExt, service_fn};
use tower_http::compression::predicate::{Predicate, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel};

/// Routes by exact path and method.
///
/// Endpoints are requested most and their paths have no parameters, so a hash map finds them faster than the
/// router. The router has the same endpoints, and handles other methods of their paths.
#[derive(Default)]
pub struct StaticRoutes(HashMap<&'static str, Vec<(Method, Handler)>>);

type Handler = Box<dyn Fn(Request) -> BoxFuture<'static, Response> + Send + Sync>;

impl StaticRoutes {
    /// Adds a route.
    pub fn insert<F>(
        &mut self,
        method: Method,
        path: &'static str,
        handler: impl Fn(Request) -> F + Send + Sync + 'static,
    ) where
        F: Future<Output = Response> + Send + 'static,
    {
        let handler = Box::new(move |request| handler(request).boxed());
        self.0.entry(path).or_default().push((method, handler));
    }

    fn find(&self, request: &Request) -> Option<&Handler> {
        let methods = self.0.get(request.uri().path())?;
        methods.iter().find(|(method, _)| method == request.method()).map(|(_, handler)| handler)
    }
}

impl fmt::Debug for StaticRoutes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.0.keys()).finish()
    }
}

/// The HTTP service of a listener. Clones share their routes.
#[derive(Clone, Debug)]
pub struct HttpService {
    static_routes: Arc<StaticRoutes>,
    router: Router,
    /// The minimum size of a response that is compressed, or `None` for no compression.
    compression_min_bytes: Option<u64>,
    /// True if responses have `Strict-Transport-Security`.
    hsts: bool,
}

impl HttpService {
    /// Creates a service without compression.
    pub fn new(router: Router) -> HttpService {
        HttpService { static_routes: Arc::default(), router, compression_min_bytes: None, hsts: false }
    }

    /// Adds routes that take precedence over the router.
    #[must_use]
    pub fn with_static_routes(self, static_routes: StaticRoutes) -> HttpService {
        HttpService { static_routes: Arc::new(static_routes), ..self }
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

    /// Handles a request.
    pub async fn respond(self, request: Request) -> Response {
        let HttpService { static_routes, router, compression_min_bytes, hsts } = self;
        let accepted: Vec<HeaderValue> = request.headers().get_all(ACCEPT_ENCODING).iter().cloned().collect();
        let handled = async {
            match static_routes.find(&request) {
                Some(handler) => handler(request).await,
                None => router.oneshot(request).await.unwrap_or_else(|never| match never {}),
            }
        };
        let handled = AssertUnwindSafe(handled).catch_unwind().await;
        let mut response = handled.unwrap_or_else(|panic| panic_response(&*panic));
        security_headers::add_common_headers(response.headers_mut(), hsts);
        // Most responses are too small to compress.
        let size = response.body().size_hint().exact();
        match compression_min_bytes {
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
    use axum::routing::{get, post};
    use http::StatusCode;
    use http::header::{CONTENT_ENCODING, VARY};

    async fn get_response(path: &str, accepted: Option<&'static str>) -> Response {
        send(Method::GET, path, accepted).await
    }

    async fn send(method: Method, path: &str, accepted: Option<&'static str>) -> Response {
        let router = Router::new()
            .route("/panic", get(|| async { panic!("requested by the test") as () }))
            .route("/static", post(|| async { StatusCode::ACCEPTED }))
            .route("/small", get(|| async { "x".repeat(99) }))
            .route("/large", get(|| async { "x".repeat(100) }));
        let mut request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        request.headers_mut().extend(accepted.map(|text| (ACCEPT_ENCODING, HeaderValue::from_static(text))));
        let mut static_routes = StaticRoutes::default();
        static_routes.insert(Method::GET, "/static", |_| async { "static".into_response() });
        static_routes.insert(Method::GET, "/static/panic", |_| async { panic!("requested by the test") });
        HttpService::new(router)
            .with_static_routes(static_routes)
            .with_compression(100)
            .respond(request)
            .await
    }

    #[tokio::test]
    async fn static_routes_match_path_and_method() {
        let cases = [
            (Method::GET, "/static", StatusCode::OK),
            (Method::GET, "/static?a=b", StatusCode::OK),
            (Method::POST, "/static", StatusCode::ACCEPTED),
            (Method::PUT, "/static", StatusCode::METHOD_NOT_ALLOWED),
            (Method::GET, "/static/", StatusCode::NOT_FOUND),
        ];
        for (method, path, status) in cases {
            assert_eq!(send(method.clone(), path, None).await.status(), status, "{method} {path}");
        }
    }

    #[tokio::test]
    async fn panic_of_a_handler_is_500() {
        for path in ["/panic", "/static/panic"] {
            let status = get_response(path, None).await.status();
            assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
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
