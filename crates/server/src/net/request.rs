//! What is refused before a request reaches the site: a malformed head, and a request for which there is no room.

use super::body::{AnswerBody, RequestBody, no_room};
use super::connection::{RequestGuard, UNCOUNTED_BYTES};
use super::quota::Reservation;
use crate::answer::ApiError;
use crate::site::Site;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use guanxi_types::HttpError;
use http::header::{CONNECTION, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Request, Version};
use hyper::body::{Body as _, Incoming};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

/// The bytes that HTTP/2 counts for a header beside its name and value, as it has a place in a table.
const HEADER_OVERHEAD: usize = 32;

/// The largest head of HTTP/2, where a byte on the wire can name a whole header and a connection holds many heads.
pub(crate) const HTTP2_HEAD_BYTES: u32 = 16_384;

/// The memory that a header of HTTP/2 takes beside its name and value.
const HEADER_COST: usize = 200;

/// Answers a request, or refuses it.
pub(crate) async fn answer_request(
    site: Site,
    request: Request<Incoming>,
    mut guard: RequestGuard,
    head_limit: usize,
) -> Response<AnswerBody> {
    let is_http2 = request.version() == Version::HTTP_2;
    if let Some(response) = refusal(&request, &mut guard, head_limit) {
        if !is_http2 && !request.body().is_end_stream() {
            // The rest of the body is not read before the connection ends.
            guard.connection().lingers.store(true, Ordering::Relaxed);
        }
        return AnswerBody::wrap(response, guard, is_http2);
    }
    let (parts, body) = request.into_parts();
    if body.is_end_stream() {
        let response = site.answer(Request::from_parts(parts, Body::empty())).await;
        return AnswerBody::wrap(response, guard, is_http2);
    }
    let reserved = Reservation::empty(Arc::clone(&guard.connection().client));
    let reserved = Arc::new(Mutex::new(reserved));
    let body = Body::new(RequestBody::new(body, Arc::clone(&reserved)));
    let response = site.answer(Request::from_parts(parts, body)).await;
    drop(reserved);
    AnswerBody::wrap(response, guard, is_http2)
}

/// The answer of a request whose head is malformed, or for which there is no room; `None` for one that is admitted.
fn refusal(request: &Request<Incoming>, guard: &mut RequestGuard, head_limit: usize) -> Option<Response> {
    let refuse = |fault| Some(ApiError::Fault(fault).into_response());
    let headers = request.headers();
    let is_ambiguous = guard.connection().has_ambiguous_length.load(Ordering::Relaxed);
    if is_ambiguous && headers.contains_key(TRANSFER_ENCODING) {
        let mut response = ApiError::Fault(HttpError::BadRequest).into_response();
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        return Some(response);
    }
    if !has_valid_host(request.version(), headers) {
        return refuse(HttpError::BadRequest);
    }
    let uri = request.uri();
    let target = uri.path().len() + uri.query().map_or(0, str::len);
    let names = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>();
    let head_bytes = target + names;
    if request.version() != Version::HTTP_2 {
        return (!guard.admit(head_bytes, UNCOUNTED_BYTES)).then(no_room);
    }
    if head_bytes + headers.len() * HEADER_OVERHEAD > head_limit.min(HTTP2_HEAD_BYTES as usize) {
        return refuse(HttpError::HeadTooLarge);
    }
    (!guard.admit(head_bytes + headers.len() * HEADER_COST, 0)).then(no_room)
}

/// Returns true if HTTP/1.1 names one host, and other versions at most one.
fn has_valid_host(version: Version, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => version != Version::HTTP_11,
        (Some(host), None) => host.as_bytes().iter().all(|byte| is_of_host(*byte)),
        (Some(_), Some(_)) => false,
    }
}

/// Returns true if a byte may stand in a host with its port (RFC 3986, `host [":" port]`).
const fn is_of_host(byte: u8) -> bool {
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
    fn host_is_one_in_http_1_1_and_well_formed() {
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
