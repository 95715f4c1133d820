//! Security headers of responses.

use crate::image_policy::ImageOrigins;
use axum::response::Response;
use http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Version};

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// An HSTS period of one year. Other hosts of the domain are not included.
const HSTS_ONE_YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Adds the headers of every response: browsers do not guess its type, and pages of other sites cannot load it
/// unless it has its own `Cross-Origin-Resource-Policy`. With `hsts`, browsers use https only from now on.
pub fn add_common_headers(headers: &mut HeaderMap, hsts: bool) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(CROSS_ORIGIN_RESOURCE_POLICY).or_insert(HeaderValue::from_static("same-origin"));
    if hsts {
        headers.insert(STRICT_TRANSPORT_SECURITY, HSTS_ONE_YEAR);
    }
}

/// Returns true if the client accepts HTML.
pub fn accepts_html(headers: &HeaderMap) -> bool {
    headers
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accepted| accepted.contains("text/html"))
}

/// Adds the security headers of a page. It loads only assets of the service and pictures of allowed origins, other
/// sites cannot frame it, and caches do not store it, since it contains personal data.
pub fn with_security_headers(response: Response, images: &ImageOrigins) -> Response {
    let mut response = with_no_compression(response);
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, images.content_security_policy());
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    response
}

/// Keeps a response from being compressed: a page with both a secret and request data, whose length would leak the
/// secret (BREACH), or a file that is compressed already.
pub fn with_no_compression(mut response: Response) -> Response {
    response.extensions_mut().insert(NoCompression);
    response
}

/// Marks a response that is not compressed.
#[derive(Clone, Copy, Debug)]
struct NoCompression;

/// Returns true if the response may be compressed.
pub fn may_compress(_: StatusCode, _: Version, _: &HeaderMap, extensions: &Extensions) -> bool {
    extensions.get::<NoCompression>().is_none()
}
