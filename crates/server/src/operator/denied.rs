//! How an operator's request is denied. Programs of people read this: the status tells it too, and the message says what is
//! wrong.

use crate::answer::{self, ApiError};
use axum::response::{IntoResponse, Response};
use guanxi_api::Envelope;
use guanxi_domain::value::Invalid;
use guanxi_types::{ErrorCode, HttpError};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};
use std::borrow::Cow;

/// Why a request was not done.
#[derive(Debug)]
pub enum OperatorError {
    /// It is none, and why: 400.
    Wrong(String),
    /// As to members: a refusal is 404 for nobody, else 409.
    Reject(ApiError),
}

impl OperatorError {
    /// A value of a field that breaks its rule.
    pub fn invalid(invalid: Invalid) -> OperatorError {
        OperatorError::Wrong(invalid.to_string())
    }

    /// The code of the envelope.
    pub fn number(&self) -> i32 {
        match self {
            OperatorError::Wrong(_) => HttpError::BadRequest.number(),
            OperatorError::Reject(reject) => reject.number(),
        }
    }
}

impl<T: Into<ApiError>> From<T> for OperatorError {
    fn from(reject: T) -> OperatorError {
        OperatorError::Reject(reject.into())
    }
}

impl IntoResponse for OperatorError {
    fn into_response(self) -> Response {
        match self {
            OperatorError::Wrong(why) => {
                let message = Cow::Owned(format!("{}: {why}", HttpError::BadRequest.message()));
                let envelope = Envelope::<()> { message, ..Envelope::from(HttpError::BadRequest) };
                answer::body(StatusCode::BAD_REQUEST, &envelope)
            }
            OperatorError::Reject(ApiError::Code(code)) => answer::body(status(code), &Envelope::from(code)),
            OperatorError::Reject(ApiError::BadParam(bad)) => {
                OperatorError::Wrong(bad.to_string()).into_response()
            }
            OperatorError::Reject(reject) => {
                let unknown = matches!(reject, ApiError::Fault(HttpError::Unauthorized));
                let mut response = reject.into_response();
                if unknown {
                    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
                }
                response
            }
        }
    }
}

fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::NoMember => StatusCode::NOT_FOUND,
        ErrorCode::BadRequest => StatusCode::BAD_REQUEST,
        _ => StatusCode::CONFLICT,
    }
}
