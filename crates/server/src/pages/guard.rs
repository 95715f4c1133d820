//! What every page goes out with, and how forms come in.

use super::act::see;
use crate::app::App;
use crate::images::ImageOrigins;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Version};

/// Whether who asks reads pages.
pub fn are_wanted(headers: &HeaderMap) -> bool {
    headers
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accepted| accepted.contains("text/html"))
}

/// A page may load what is the service's own, and the pictures that the operator allows; nobody may put it into theirs; and
/// no cache keeps it, as it is somebody's.
pub fn secured(mut response: Response, images: &ImageOrigins) -> Response {
    response.extensions_mut().insert(HasSecret);
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, images.policy());
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    response
}

/// Marks an answer in which a secret stands beside what was asked: compressed, its length would tell of the secret.
#[derive(Clone, Copy, Debug)]
struct HasSecret;

/// Whether an answer may be compressed.
pub fn has_no_secret(_: StatusCode, _: Version, _: &HeaderMap, extensions: &Extensions) -> bool {
    extensions.get::<HasSecret>().is_none()
}

/// A form's route.
pub fn form<H, F>(handler: H) -> MethodRouter<App>
where
    H: Fn(App, Request) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response> + Send + 'static,
{
    // Who asks for the address of a form that was refused has lost what they typed.
    let nothing = || async { see("/", Vec::new()) };
    get(nothing).post(move |State(app): State<App>, request: Request| {
        let handler = handler.clone();
        async move {
            let images = app.images.clone();
            secured(handler(app, request).await, &images)
        }
    })
}
