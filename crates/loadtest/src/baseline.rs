//! Fixed bodies over the HTTP stack of the service. They are the upper bound of its throughput, so every
//! measurement can be given as a share of this baseline.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use guanxi_server::net::route_table::RouteTable;
use guanxi_server::net::service::HttpService;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// The largest body length in bytes.
pub const MAX_LENGTH: usize = 16 << 20;

/// The length of an envelope without data.
const ENVELOPE_LENGTH: usize = ENVELOPE.0.len() + ENVELOPE.1.len();
const ENVELOPE: (&str, &str) = (r#"{"code":0,"message":"0","ttl":1,"data":""#, r#""}"#);

/// A cache of the bodies by length.
type Bodies = Arc<RwLock<HashMap<usize, Bytes>>>;

/// Returns a service with `GET /limit/N`: a body of N bytes, with the headers and middleware of the real service.
pub fn service(compression_min_bytes: u64) -> HttpService {
    let routes = RouteTable::default().route(Method::GET, "/limit/{length}", fixed_body);
    HttpService::new(routes.with_state(Bodies::default())).with_compression(compression_min_bytes)
}

async fn fixed_body(bodies: Bodies, request: Request) -> Response {
    let length = request.uri().path().rsplit('/').next().and_then(|length| length.parse().ok());
    let Some(length) = length.filter(|length| *length <= MAX_LENGTH) else {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    };
    let cached = bodies.read().unwrap_or_else(PoisonError::into_inner).get(&length).cloned();
    let body = cached.unwrap_or_else(|| {
        let mut bodies = bodies.write().unwrap_or_else(PoisonError::into_inner);
        bodies.entry(length).or_insert_with(|| Bytes::from(body(length))).clone()
    });
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Returns an envelope of `length` bytes, or blanks if it would be longer.
fn body(length: usize) -> String {
    match length.checked_sub(ENVELOPE_LENGTH) {
        Some(padding) => [ENVELOPE.0, &"x".repeat(padding), ENVELOPE.1].concat(),
        None => " ".repeat(length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_have_the_requested_length_and_are_json() {
        for length in [0, 1, ENVELOPE_LENGTH - 1, ENVELOPE_LENGTH, ENVELOPE_LENGTH + 1, 22_000] {
            let body = body(length);
            assert_eq!(body.len(), length);
            let parsed = serde_json::from_str::<serde_json::Value>(&body);
            assert_eq!(parsed.is_ok_and(|body| body["code"] == 0), length >= ENVELOPE_LENGTH, "{length}");
        }
    }
}
