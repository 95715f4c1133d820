//! Rejection of requests before the service: malformed heads, and requests over a quota.

use super::body::{RequestBody, ResponseBody, overload_response};
use super::connection::{RequestGuard, UNCOUNTED_BYTES};
use super::quota::Reservation;
use crate::http::response::ApiError;
use crate::net::route_table::Route;
use crate::net::service::HttpService;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use guanxi_types::HttpError;
use http::header::{CONNECTION, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Request, Version};
use hyper::body::{Body as _, Incoming};
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

/// The overhead that HTTP/2 counts for each header (RFC 9113, 6.5.2), in bytes.
const HTTP2_HEADER_OVERHEAD: usize = 32;

/// The maximum size of an HTTP/2 head. With header compression one byte can stand for a whole header, and a
/// connection has many heads.
pub(crate) const HTTP2_HEAD_BYTES: u32 = 16_384;

/// The memory of an HTTP/2 header beside its name and value, in bytes.
const HTTP2_HEADER_MEMORY: usize = 200;

/// Serves a request or rejects it, and logs it.
pub(crate) async fn serve_request(
    service: HttpService,
    request: Request<Incoming>,
    guard: RequestGuard,
    head_limit: usize,
) -> Response<ResponseBody> {
    let (route, log) = service.start(&request);
    log.observe(pin!(serve_or_reject(&service, route, request, guard, head_limit))).await
}

async fn serve_or_reject(
    service: &HttpService,
    route: Option<&Route>,
    request: Request<Incoming>,
    mut guard: RequestGuard,
    head_limit: usize,
) -> Response<ResponseBody> {
    let is_http2 = request.version() == Version::HTTP_2;
    if let Some(response) = rejection(&request, &mut guard, head_limit) {
        if !is_http2 && !request.body().is_end_stream() {
            // The connection closes before the rest of the body is read.
            guard.connection().lingers.store(true, Ordering::Relaxed);
        }
        return ResponseBody::wrap(response, guard, is_http2);
    }
    let client = &guard.connection().client;
    let reserve = || Arc::new(Mutex::new(Reservation::empty(Arc::clone(client))));
    let reserved = (!request.body().is_end_stream()).then(reserve);
    let request = request.map(|body| match &reserved {
        Some(reserved) => Body::new(RequestBody::new(body, Arc::clone(reserved))),
        None => Body::empty(),
    });
    let response = service.handle(route, request).await;
    drop(reserved);
    ResponseBody::wrap(response, guard, is_http2)
}

/// Returns the response of a malformed request or one over a quota, or `None` for an admitted request.
fn rejection(request: &Request<Incoming>, guard: &mut RequestGuard, head_limit: usize) -> Option<Response> {
    let reject = |error| Some(ApiError::Http(error).into_response());
    let headers = request.headers();
    let is_ambiguous = guard.connection().has_ambiguous_length.load(Ordering::Relaxed);
    if is_ambiguous && headers.contains_key(TRANSFER_ENCODING) {
        let mut response = ApiError::Http(HttpError::BadRequest).into_response();
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        return Some(response);
    }
    if !has_valid_host(request.version(), headers) {
        return reject(HttpError::BadRequest);
    }
    let uri = request.uri();
    let target_bytes = uri.path().len() + uri.query().map_or(0, str::len);
    let header_bytes = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>();
    let head_bytes = target_bytes + header_bytes;
    if request.version() != Version::HTTP_2 {
        return (!guard.admit(head_bytes, UNCOUNTED_BYTES)).then(overload_response);
    }
    if head_bytes + headers.len() * HTTP2_HEADER_OVERHEAD > head_limit.min(HTTP2_HEAD_BYTES as usize) {
        return reject(HttpError::HeadersTooLarge);
    }
    (!guard.admit(head_bytes + headers.len() * HTTP2_HEADER_MEMORY, 0)).then(overload_response)
}

/// Returns true if the request has one valid host. It is optional except in HTTP/1.1.
fn has_valid_host(version: Version, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => version != Version::HTTP_11,
        (Some(host), None) => host.as_bytes().iter().all(|byte| is_host_byte(*byte)),
        (Some(_), Some(_)) => false,
    }
}

/// Returns true if a byte is valid in a host with a port (RFC 3986, `host [":" port]`).
const fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.'
                | b'_'
                | b'~'
                | b'%'
                | b':'
                | b'['
                | b']'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b';'
                | b'='
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_is_unique_and_well_formed() {
        let cases: [(Version, &[&str], bool); 13] = [
            (Version::HTTP_11, &["members.example.cn"], true),
            (Version::HTTP_11, &["[240e::1]:8080"], true),
            (Version::HTTP_11, &[""], true),
            (Version::HTTP_11, &[], false),
            (Version::HTTP_11, &["a.cn", "b.cn"], false),
            (Version::HTTP_11, &["a.cn", "a.cn"], false),
            (Version::HTTP_11, &["a.cn, b.cn"], false),
            (Version::HTTP_11, &["a.cn/x"], false),
            (Version::HTTP_11, &["me@a.cn"], false),
            (Version::HTTP_10, &[], true),
            (Version::HTTP_10, &["a.cn", "b.cn"], false),
            (Version::HTTP_2, &[], true),
            (Version::HTTP_2, &["a.cn", "b.cn"], false),
        ];
        for (version, hosts, valid) in cases {
            let hosts_of = hosts.iter().map(|host| (HOST, HeaderValue::from_str(host).unwrap()));
            assert_eq!(has_valid_host(version, &hosts_of.collect()), valid, "{version:?} {hosts:?}");
        }
    }
}
