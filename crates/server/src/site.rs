//! What surrounds every request of a listener: a panic is told as a fault, and an answer is compressed where that is worth it
//! and wanted.

use crate::answer::ApiError;
use crate::pages::guard;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use guanxi_types::HttpError;
use http::header::{ACCEPT_ENCODING, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
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

/// Endpoints by their path and method. They are what is asked for most, and a path of theirs has no part that varies, so they
/// are found without the router, which knows them too and answers whatever else is asked of their paths.
#[derive(Default)]
pub struct Direct(HashMap<&'static str, Vec<(Method, Serve)>>);

type Serve = Box<dyn Fn(Request) -> BoxFuture<'static, Response> + Send + Sync>;

impl Direct {
    /// Adds an endpoint.
    pub fn add<F>(
        &mut self,
        method: Method,
        path: &'static str,
        serve: impl Fn(Request) -> F + Send + Sync + 'static,
    ) where
        F: Future<Output = Response> + Send + 'static,
    {
        let serve = Box::new(move |request| serve(request).boxed());
        self.0.entry(path).or_default().push((method, serve));
    }

    fn find(&self, request: &Request) -> Option<&Serve> {
        let methods = self.0.get(request.uri().path())?;
        methods.iter().find(|(method, _)| method == request.method()).map(|(_, serve)| serve)
    }
}

impl fmt::Debug for Direct {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.0.keys()).finish()
    }
}

/// What a listener answers with. Its clones are the same.
#[derive(Clone, Debug)]
pub struct Site {
    direct: Arc<Direct>,
    router: Router,
    /// From how many bytes on answers are compressed; none if never.
    compress_from: Option<u64>,
    /// Whether browsers are to come over https alone from now on.
    https: bool,
}

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// For a year, as is usual; other hosts of the domain are not guanxi's to decide on.
const HTTPS_ALONE: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Protects an answer in browsers: its kind is not guessed, and no other site's page may load it, unless it says otherwise.
fn protect(headers: &mut HeaderMap, https: bool) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(CROSS_ORIGIN_RESOURCE_POLICY).or_insert(HeaderValue::from_static("same-origin"));
    if https {
        headers.insert(STRICT_TRANSPORT_SECURITY, HTTPS_ALONE);
    }
}

impl Site {
    /// A site that compresses nothing.
    pub fn new(router: Router) -> Site {
        Site { direct: Arc::default(), router, compress_from: None, https: false }
    }

    /// The same, where these endpoints are found first.
    #[must_use]
    pub fn with_direct(self, direct: Direct) -> Site {
        Site { direct: Arc::new(direct), ..self }
    }

    /// The same, where answers of at least so many bytes are compressed for clients that ask for it (D10).
    #[must_use]
    pub fn compressing_from(self, bytes: u64) -> Site {
        Site { compress_from: Some(bytes), ..self }
    }

    /// The same, which tells browsers to come over https alone, if that is how members reach it.
    #[must_use]
    pub fn reached_at(self, public_url: &str) -> Site {
        Site { https: public_url.starts_with("https:"), ..self }
    }

    /// Answers a request.
    pub async fn answer(self, request: Request) -> Response {
        let Site { direct, router, compress_from, https } = self;
        let accepted: Vec<HeaderValue> = request.headers().get_all(ACCEPT_ENCODING).iter().cloned().collect();
        let routed = async {
            match direct.find(&request) {
                Some(serve) => serve(request).await,
                None => router.oneshot(request).await.unwrap_or_else(|never| match never {}),
            }
        };
        let routed = AssertUnwindSafe(routed).catch_unwind().await;
        let mut response = routed.unwrap_or_else(|panic| panicked(&*panic));
        protect(response.headers_mut(), https);
        // Most answers are small, and pass the compression by.
        let size = response.body().size_hint().exact();
        match compress_from {
            Some(bytes) if size.is_none_or(|size| size >= bytes) => {
                // Boxed, so that the future of every other request has no room for an encoder.
                Box::pin(compressed(response, accepted, bytes)).await
            }
            _ => response,
        }
    }
}

/// The response as who asked takes it.
async fn compressed(response: Response, accepted: Vec<HeaderValue>, bytes: u64) -> Response {
    let compression = CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(bytes).and(guard::has_no_secret));
    let mut request = Request::new(());
    if accepted.first().is_none_or(is_acceptable) {
        request.headers_mut().extend(accepted.into_iter().map(|encodings| (ACCEPT_ENCODING, encodings)));
    }
    let mut response = Some(response);
    let answer = service_fn(move |_| ready(Ok::<_, Infallible>(response.take().unwrap_or_default())));
    let response = compression.layer(answer).oneshot(request).await;
    let (parts, body) = response.unwrap_or_else(|never| match never {}).into_parts();
    // Compressed at once: an encoder takes more memory than the answer, and would live until a slow peer has it all.
    match body.collect().await {
        Ok(whole) => Response::from_parts(parts, Body::from(whole.to_bytes())),
        Err(error) => broken(&error),
    }
}

fn broken(error: &dyn fmt::Display) -> Response {
    tracing::error!(%error, "an answer could not be compressed");
    ApiError::Fault(HttpError::Broken).into_response()
}

/// Whether there is an encoding that is accepted, be it none. Who accepts none that there is, is told without one: a 406 would
/// hide the answer's own status.
fn is_acceptable(accepted: &HeaderValue) -> bool {
    let encodings = accepted.to_str().unwrap_or_default().split(',');
    let encodings = encodings.map(|encoding| encoding.split_once(';').unwrap_or((encoding, "")));
    let refused = |quality: &str| quality.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0));
    let (mut known, mut none) = (false, true);
    for (encoding, quality) in encodings {
        match encoding.trim() {
            "identity" | "*" if refused(quality) => none = false,
            "gzip" | "br" | "zstd" if !refused(quality) => known = true,
            _ => (),
        }
    }
    none || known
}

fn panicked(panic: &(dyn Any + Send)) -> Response {
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = text.unwrap_or("of no text"), "a handler panicked");
    ApiError::Fault(HttpError::Broken).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::{get, post};
    use http::StatusCode;
    use http::header::{CONTENT_ENCODING, VARY};

    async fn ask(path: &str, accepted: Option<&'static str>) -> Response {
        send(Method::GET, path, accepted).await
    }

    async fn send(method: Method, path: &str, accepted: Option<&'static str>) -> Response {
        let router = Router::new()
            .route("/panic", get(|| async { panic!("as the test wants") as () }))
            .route("/direct", post(|| async { StatusCode::ACCEPTED }))
            .route("/small", get(|| async { "x".repeat(99) }))
            .route("/large", get(|| async { "x".repeat(100) }));
        let mut request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        request.headers_mut().extend(accepted.map(|text| (ACCEPT_ENCODING, HeaderValue::from_static(text))));
        let mut direct = Direct::default();
        direct.add(Method::GET, "/direct", |_| async { "direct".into_response() });
        direct.add(Method::GET, "/direct/panic", |_| async { panic!("as the test wants") });
        Site::new(router).with_direct(direct).compressing_from(100).answer(request).await
    }

    #[tokio::test]
    async fn an_endpoint_is_found_by_path_and_method_and_the_rest_by_the_router() {
        let cases = [
            (Method::GET, "/direct", StatusCode::OK),
            (Method::GET, "/direct?a=b", StatusCode::OK),
            (Method::POST, "/direct", StatusCode::ACCEPTED),
            (Method::PUT, "/direct", StatusCode::METHOD_NOT_ALLOWED),
            (Method::GET, "/direct/", StatusCode::NOT_FOUND),
        ];
        for (method, path, status) in cases {
            assert_eq!(send(method.clone(), path, None).await.status(), status, "{method} {path}");
        }
    }

    #[tokio::test]
    async fn a_panic_is_a_fault() {
        for path in ["/panic", "/direct/panic"] {
            assert_eq!(ask(path, None).await.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        }
    }

    #[tokio::test]
    async fn what_is_large_is_compressed_for_who_takes_that() {
        // path, accepted, encoding, whether the answer depends on what is accepted
        let cases = [
            ("/small", Some("gzip"), None, false),
            ("/large", None, None, true),
            ("/large", Some("gzip"), Some("gzip"), true),
            ("/large", Some("gzip;q=0.5, br"), Some("br"), true),
            ("/large", Some("deflate"), None, true),
            ("/large", Some("identity;q=0, deflate"), None, true),
            ("/large", Some("identity;q=0, zstd"), Some("zstd"), true),
        ];
        for (path, accepted, encoding, depends) in cases {
            let response = ask(path, accepted).await;
            let headers = response.headers();
            let told = headers.get(CONTENT_ENCODING).map(|value| value.to_str().unwrap());
            assert_eq!((response.status(), told), (StatusCode::OK, encoding), "{path} {accepted:?}");
            assert_eq!(headers.contains_key(VARY), depends, "{path} {accepted:?}");
        }
    }
}
