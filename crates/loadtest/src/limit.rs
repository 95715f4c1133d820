//! Fixed bodies by the service's own HTTP loop: no service of this kind is faster, so every figure of one can be told as a
//! share of this.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use guanxi_server::site::Site;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// The largest body.
pub const MOST: usize = 16 << 20;

/// What an envelope around so many bytes takes.
const LEAST: usize = EMPTY.0.len() + EMPTY.1.len();
const EMPTY: (&str, &str) = (r#"{"code":0,"message":"0","ttl":1,"data":""#, r#""}"#);

/// The bodies that were asked for. Each is made once.
type Bodies = Arc<RwLock<HashMap<usize, Bytes>>>;

/// `GET /limit/N`: a body of N bytes, with the headers and within the layers that the service's answers have.
pub fn site(compress_from: u64) -> Site {
    let router = Router::new().route("/limit/{length}", get(fixed)).with_state(Bodies::default());
    Site::new(router).compressing_from(compress_from)
}

async fn fixed(State(bodies): State<Bodies>, Path(length): Path<usize>) -> Response {
    if length > MOST {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    }
    let kept = bodies.read().unwrap_or_else(PoisonError::into_inner).get(&length).cloned();
    let body = kept.unwrap_or_else(|| {
        let mut bodies = bodies.write().unwrap_or_else(PoisonError::into_inner);
        bodies.entry(length).or_insert_with(|| Bytes::from(body(length))).clone()
    });
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// An envelope of so many bytes; blanks where there is no room for one.
fn body(length: usize) -> String {
    match length.checked_sub(LEAST) {
        Some(room) => [EMPTY.0, &"x".repeat(room), EMPTY.1].concat(),
        None => " ".repeat(length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_as_long_as_asked_and_json() {
        for length in [0, 1, LEAST - 1, LEAST, LEAST + 1, 22_000] {
            let body = body(length);
            assert_eq!(body.len(), length);
            let read = serde_json::from_str::<serde_json::Value>(&body);
            assert_eq!(read.is_ok_and(|body| body["code"] == 0), length >= LEAST, "{length}");
        }
    }
}
