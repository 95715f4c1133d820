//! Errors of operators' requests. Their clients are programs of developers: the status states the error too, and
//! the message names the invalid field.

use crate::http::response::{self, ApiError};
use axum::response::{IntoResponse, Response};
use guanxi_api::Envelope;
use guanxi_domain::value::InvalidValue;
use guanxi_types::{ErrorCode, HttpError};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};
use std::borrow::Cow;

/// The error of an operators' request.
#[derive(Debug)]
pub enum OperatorError {
    /// The request is invalid, with the reason: 400.
    InvalidRequest(String),
    /// An error of the API. A rejection is 404 for an unknown member, else 409.
    Api(ApiError),
}

impl OperatorError {
    /// Returns the error of a field with an invalid value.
    pub fn from_invalid_value(invalid: InvalidValue) -> OperatorError {
        OperatorError::InvalidRequest(invalid.to_string())
    }

    /// Returns the code of the envelope.
    pub fn code(&self) -> i32 {
        match self {
            OperatorError::InvalidRequest(_) => HttpError::BadRequest.number(),
            OperatorError::Api(error) => error.code(),
        }
    }
}

impl<T: Into<ApiError>> From<T> for OperatorError {
    fn from(error: T) -> OperatorError {
        OperatorError::Api(error.into())
    }
}

impl IntoResponse for OperatorError {
    fn into_response(self) -> Response {
        match self {
            OperatorError::InvalidRequest(reason) => {
                let message = Cow::Owned(format!("{}: {reason}", HttpError::BadRequest.message()));
                let envelope = Envelope::<()> { message, ..Envelope::from(HttpError::BadRequest) };
                response::envelope_response(StatusCode::BAD_REQUEST, &envelope)
            }
            OperatorError::Api(ApiError::Code(code)) => {
                response::envelope_response(rejection_status(code), &Envelope::from(code))
            }
            OperatorError::Api(ApiError::BadParam(param)) => {
                OperatorError::InvalidRequest(param.to_string()).into_response()
            }
            OperatorError::Api(error) => {
                let is_unauthorized = matches!(error, ApiError::Http(HttpError::Unauthorized));
                let mut response = error.into_response();
                if is_unauthorized {
                    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
                }
                response
            }
        }
    }
}

fn rejection_status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::MemberNotFound => StatusCode::NOT_FOUND,
        ErrorCode::BadRequest => StatusCode::BAD_REQUEST,
        _ => StatusCode::CONFLICT,
    }
}
