//! Refusals: the answers to requests that the emulator does not serve.

use crate::community_name::CommunityName;
use axum::body::Body;
use axum::response::Response;
use guanxi_api::Envelope;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use std::fmt;

/// A refusal of a host that is not served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The step that named the host.
    pub at: RefusedAt,
    /// The host as it was named, with its port if it had one.
    pub host: String,
    /// The community of the client.
    pub community: CommunityName,
}

/// A step of a connection that names a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedAt {
    /// The target of a `CONNECT`.
    Connect,
    /// The server name of a TLS handshake.
    Tls,
    /// The URL or the `Host` of a request.
    Request,
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "the emulator does not serve {} and opens no connections, see its option --host",
            self.host
        )
    }
}

/// The answer to a request that is not served.
#[derive(Debug)]
pub(super) struct Rejection {
    pub(super) status: StatusCode,
    /// The reason, without control characters.
    pub(super) reason: String,
}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Rejection {
        Rejection { status: StatusCode::BAD_GATEWAY, reason: refusal.to_string() }
    }
}

impl Rejection {
    pub(super) fn bad_request(reason: impl Into<String>) -> Rejection {
        Rejection { status: StatusCode::BAD_REQUEST, reason: reason.into() }
    }

    /// Returns the envelope with the reason. Its code is minus the status, as of all errors of HTTP (D2).
    fn envelope(&self) -> String {
        let message = self.reason.clone().into();
        let envelope = Envelope { code: -i32::from(self.status.as_u16()), message, ttl: 1, data: None::<()> };
        serde_json::to_string(&envelope).unwrap_or_default()
    }

    pub(super) fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.envelope()));
        *response.status_mut() = self.status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
        response
    }

    /// Returns the response to a `CONNECT`. Its status line has the reason too, since clients of a proxy show nothing
    /// else.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let (status, reason, body) = (self.status.as_u16(), &self.reason, self.envelope());
        let length = body.len();
        format!(
            "HTTP/1.1 {status} {reason}\r\ncontent-type: {JSON}\r\ncontent-length: {length}\r\n\
             connection: close\r\n\r\n{body}"
        )
        .into_bytes()
    }
}

const JSON: &str = "application/json; charset=utf-8";
