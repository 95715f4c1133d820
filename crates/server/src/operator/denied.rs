//! How an operator's request is denied. Programs of people read this: the status tells it too, and the message says what is
//! wrong.

use crate::answer::{self, Reject};
use axum::response::{IntoResponse, Response};
use guanxi_api::Envelope;
use guanxi_domain::value::Invalid;
use guanxi_types::{Code, Fault};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};
use std::borrow::Cow;

/// Why a request was not done.
#[derive(Debug)]
pub enum Denied {
    /// It is none, and why: 400.
    Wrong(String),
    /// As to members: a refusal is 404 for nobody, else 409.
    Reject(Reject),
}

impl Denied {
    /// A value of a field that breaks its rule.
    pub fn invalid(invalid: Invalid) -> Denied {
        Denied::Wrong(invalid.to_string())
    }

    /// The code of the envelope.
    pub fn number(&self) -> i32 {
        match self {
            Denied::Wrong(_) => Fault::BadRequest.number(),
            Denied::Reject(reject) => reject.number(),
        }
    }
}

impl<T: Into<Reject>> From<T> for Denied {
    fn from(reject: T) -> Denied {
        Denied::Reject(reject.into())
    }
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        match self {
            Denied::Wrong(why) => {
                let message = Cow::Owned(format!("{}: {why}", Fault::BadRequest.message()));
                let envelope = Envelope::<()> { message, ..Envelope::from(Fault::BadRequest) };
                answer::body(StatusCode::BAD_REQUEST, &envelope)
            }
            Denied::Reject(Reject::Code(code)) => answer::body(status(code), &Envelope::from(code)),
            Denied::Reject(Reject::BadParam(bad)) => Denied::Wrong(bad.to_string()).into_response(),
            Denied::Reject(reject) => {
                let unknown = matches!(reject, Reject::Fault(Fault::Unauthorized));
                let mut response = reject.into_response();
                if unknown {
                    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
                }
                response
            }
        }
    }
}

fn status(code: Code) -> StatusCode {
    match code {
        Code::NoMember => StatusCode::NOT_FOUND,
        Code::BadRequest => StatusCode::BAD_REQUEST,
        _ => StatusCode::CONFLICT,
    }
}
