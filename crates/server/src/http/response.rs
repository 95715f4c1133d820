//! Responses: every response is an envelope with `code`, `message` and `data`.

use crate::log_throttle::LogThrottle;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use guanxi_api::Envelope;
use guanxi_api::auth::AuthError;
use guanxi_api::endpoint::InvalidRequest;
use guanxi_api::param::BadParam;
use guanxi_domain::relation_csv::InvalidCsv;
use guanxi_domain::value::InvalidValue;
use guanxi_storage::{CommandError, StorageError};
use guanxi_types::{ErrorCode, HttpError};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, SET_COOKIE, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use std::borrow::Cow;
use std::marker::PhantomData;

/// The header that names the invalid parameter. The contract leaves no place for it in the body.
pub const HINT_HEADER: HeaderName = HeaderName::from_static("guanxi-hint");

/// The `Retry-After` of a 503, in seconds.
pub const RETRY_AFTER_SECS: HeaderValue = HeaderValue::from_static("1");

/// The rejection or failure of a request. It has two renderings: for members it is [`IntoResponse`], for operators
/// [`into_operator_response`](ApiError::into_operator_response).
#[derive(Debug)]
pub enum ApiError {
    /// A rejection by the rules. For members HTTP 200 (D2), for operators 404 for an unknown member, else 409.
    Code(ErrorCode),
    /// A rejection that sets cookies.
    WithCookies(ErrorCode, Vec<HeaderValue>),
    /// An invalid parameter: -400. Members get its name in a header, operators in the message with HTTP 400.
    BadParam(BadParam),
    /// An invalid request of an operator, with the reason: -400. The reason may contain private parameters.
    InvalidRequest(String),
    /// An invalid line of a CSV file: 30122. Members get the line and the reason in a header.
    InvalidCsv(InvalidCsv),
    /// A rejection with the number of seconds after which a retry may succeed.
    RetryAfter(ErrorCode, i64),
    /// An error of HTTP or of the service.
    Http(HttpError),
}

impl ApiError {
    /// Returns the error of a field with an invalid value.
    pub fn from_invalid_value(invalid: InvalidValue) -> ApiError {
        ApiError::InvalidRequest(invalid.to_string())
    }

    /// Returns the code of the envelope.
    pub fn code(&self) -> i32 {
        match self {
            ApiError::Code(code) | ApiError::WithCookies(code, _) | ApiError::RetryAfter(code, _) => {
                code.number()
            }
            ApiError::BadParam(_) | ApiError::InvalidRequest(_) => ErrorCode::BadRequest.number(),
            ApiError::InvalidCsv(_) => ErrorCode::InvalidCsv.number(),
            ApiError::Http(error) => error.number(),
        }
    }

    /// Returns the message of the envelope.
    pub fn message(&self) -> &'static str {
        match self {
            ApiError::Code(code) | ApiError::WithCookies(code, _) | ApiError::RetryAfter(code, _) => {
                code.message()
            }
            ApiError::BadParam(_) | ApiError::InvalidRequest(_) => ErrorCode::BadRequest.message(),
            ApiError::InvalidCsv(_) => ErrorCode::InvalidCsv.message(),
            ApiError::Http(error) => error.message(),
        }
    }

    /// Returns the response to an operator. Its clients are programs of developers: the status states the error too,
    /// and the message names the invalid field.
    pub fn into_operator_response(self) -> Response {
        match self {
            ApiError::Code(code) => envelope_response(operator_rejection_status(code), &Envelope::from(code)),
            ApiError::BadParam(param) => ApiError::InvalidRequest(param.to_string()).into_operator_response(),
            ApiError::InvalidRequest(reason) => {
                let message = Cow::Owned(format!("{}: {reason}", HttpError::BadRequest.message()));
                let envelope = Envelope::<()> { message, ..Envelope::from(HttpError::BadRequest) };
                envelope_response(StatusCode::BAD_REQUEST, &envelope)
            }
            ApiError::Http(HttpError::Unauthorized) => {
                let mut response = self.into_response();
                response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
                response
            }
            ApiError::InvalidCsv(_)
            | ApiError::WithCookies(..)
            | ApiError::RetryAfter(..)
            | ApiError::Http(_) => self.into_response(),
        }
    }
}

fn operator_rejection_status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::MemberNotFound => StatusCode::NOT_FOUND,
        ErrorCode::BadRequest => StatusCode::BAD_REQUEST,
        _ => StatusCode::CONFLICT,
    }
}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> ApiError {
        ApiError::Code(code)
    }
}

impl From<BadParam> for ApiError {
    fn from(bad_param: BadParam) -> ApiError {
        ApiError::BadParam(bad_param)
    }
}

impl From<InvalidRequest> for ApiError {
    fn from(invalid: InvalidRequest) -> ApiError {
        match invalid {
            InvalidRequest::BadParam(bad_param) => ApiError::BadParam(bad_param),
            InvalidRequest::Reason(reason) => ApiError::InvalidRequest(reason),
        }
    }
}

impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> ApiError {
        match error {
            AuthError::Code(code) => code.into(),
            AuthError::Http(error) => error.into(),
        }
    }
}

impl From<HttpError> for ApiError {
    fn from(error: HttpError) -> ApiError {
        ApiError::Http(error)
    }
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> ApiError {
        match error {
            StorageError::Io(_)
            | StorageError::Closed
            | StorageError::NeedsReopen(_)
            | StorageError::Unavailable(_)
            | StorageError::Timeout(_)
            | StorageError::Conflict(_) => {
                static THROTTLE: LogThrottle = LogThrottle::new();
                if let Some(occurrences) = THROTTLE.count() {
                    tracing::error!(%error, occurrences, "storage unavailable, request rejected with 503");
                }
                ApiError::Http(HttpError::Unavailable)
            }
            StorageError::Busy(_) => {
                static THROTTLE: LogThrottle = LogThrottle::new();
                if let Some(occurrences) = THROTTLE.count() {
                    tracing::warn!(%error, occurrences, "storage queue full, request rejected with 503");
                }
                ApiError::Http(HttpError::Unavailable)
            }
            _ => {
                static THROTTLE: LogThrottle = LogThrottle::new();
                if let Some(occurrences) = THROTTLE.count() {
                    tracing::error!(%error, occurrences, "storage failed, request answered with 500");
                }
                ApiError::Http(HttpError::InternalError)
            }
        }
    }
}

impl From<CommandError> for ApiError {
    fn from(error: CommandError) -> ApiError {
        match error {
            CommandError::Rejected(code) => code.into(),
            CommandError::Fault(error) => error.into(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            ApiError::Code(code) => envelope_response(StatusCode::OK, &Envelope::from(code)),
            ApiError::BadParam(bad_param) => ApiError::InvalidRequest(bad_param.to_string()).into_response(),
            ApiError::InvalidRequest(reason) => {
                let mut response = ApiError::Code(ErrorCode::BadRequest).into_response();
                response.headers_mut().extend(HeaderValue::try_from(reason).map(|hint| (HINT_HEADER, hint)));
                response
            }
            ApiError::InvalidCsv(InvalidCsv { line, problem }) => {
                let mut response = ApiError::Code(ErrorCode::InvalidCsv).into_response();
                let hint = HeaderValue::try_from(format!("line {line} {}", problem.reason()));
                response.headers_mut().extend(hint.map(|hint| (HINT_HEADER, hint)));
                response
            }
            ApiError::WithCookies(code, cookies) => {
                let mut response = ApiError::Code(code).into_response();
                response.headers_mut().extend(cookies.into_iter().map(|cookie| (SET_COOKIE, cookie)));
                response
            }
            ApiError::RetryAfter(code, seconds) => {
                let mut response = ApiError::Code(code).into_response();
                response.headers_mut().insert(RETRY_AFTER, seconds.into());
                response
            }
            ApiError::Http(error) => {
                let mut response = envelope_response(error.status(), &Envelope::from(error));
                if error == HttpError::Unavailable {
                    response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_SECS);
                }
                response
            }
        }
    }
}

/// An encoded success response with data of type `T`. Long lists are encoded into it directly.
#[derive(Debug)]
pub struct PreEncoded<T> {
    bytes: Vec<u8>,
    data_type: PhantomData<fn() -> T>,
}

impl<T> PreEncoded<T> {
    /// The bytes of the envelope before the data.
    const PREFIX: &[u8] = br#"{"code":0,"message":"0","ttl":1,"data":"#;
    /// The bytes of the envelope after the data.
    const SUFFIX: &[u8] = b"}";

    /// Returns the bytes before the data, with room for `capacity` bytes of data.
    pub fn start(capacity: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Self::PREFIX.len() + capacity + Self::SUFFIX.len());
        bytes.extend_from_slice(Self::PREFIX);
        bytes
    }

    /// Creates a response from the bytes of [`start`](PreEncoded::start) and the data.
    pub fn finish(mut bytes: Vec<u8>) -> PreEncoded<T> {
        bytes.extend_from_slice(Self::SUFFIX);
        PreEncoded { bytes, data_type: PhantomData }
    }

    /// Returns the bytes of the response body.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Appends a number to JSON, behind its name or a separator.
#[inline]
pub(crate) fn write_number(out: &mut Vec<u8>, prefix: &[u8], number: impl itoa::Integer) {
    out.extend_from_slice(prefix);
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Logs an error of the JSON of a response.
pub(crate) fn encoding_error(error: &serde_json::Error) -> ApiError {
    tracing::error!(%error, "response could not be encoded");
    ApiError::Http(HttpError::InternalError)
}

/// Data, and cookies to set.
#[derive(Debug)]
pub struct ApiResponse<T> {
    /// The data.
    pub data: T,
    /// The values of the `Set-Cookie` headers.
    pub cookies: Vec<HeaderValue>,
}

impl<T> ApiResponse<T> {
    /// Creates a response with `Set-Cookie` headers.
    pub fn new(data: T, cookies: Vec<HeaderValue>) -> ApiResponse<T> {
        ApiResponse { data, cookies }
    }
}

impl<T> From<T> for ApiResponse<T> {
    fn from(data: T) -> ApiResponse<T> {
        ApiResponse { data, cookies: Vec::new() }
    }
}

/// The result of a handler, from any of its forms.
#[derive(Debug)]
pub enum Success<T> {
    /// Data that its type encodes.
    Typed(ApiResponse<T>),
    /// Encoded data.
    Encoded(PreEncoded<T>),
}

impl<T> From<T> for Success<T> {
    fn from(data: T) -> Success<T> {
        Success::Typed(data.into())
    }
}

impl<T> From<ApiResponse<T>> for Success<T> {
    fn from(response: ApiResponse<T>) -> Success<T> {
        Success::Typed(response)
    }
}

impl<T> From<PreEncoded<T>> for Success<T> {
    fn from(json: PreEncoded<T>) -> Success<T> {
        Success::Encoded(json)
    }
}

impl<T: Serialize> IntoResponse for Success<T> {
    fn into_response(self) -> Response {
        match self {
            Success::Typed(ApiResponse { data, cookies }) => {
                let mut response = envelope_response(StatusCode::OK, &Envelope::success(data));
                response.headers_mut().extend(cookies.into_iter().map(|cookie| (SET_COOKIE, cookie)));
                response
            }
            Success::Encoded(json) => json_response(StatusCode::OK, json.into_bytes()),
        }
    }
}

/// The initial capacity of a response body. Most responses fit, a member's card included.
const TYPICAL_RESPONSE_BYTES: usize = 2_048;

/// Encodes an envelope as a response.
pub(crate) fn envelope_response<T: Serialize>(status: StatusCode, envelope: &Envelope<T>) -> Response {
    let mut json = Vec::with_capacity(TYPICAL_RESPONSE_BYTES);
    match serde_json::to_writer(&mut json, envelope) {
        Ok(()) => json_response(status, json),
        Err(error) => encoding_error(&error).into_response(),
    }
}

/// Returns a response of encoded JSON.
pub(crate) fn json_response(status: StatusCode, json: Vec<u8>) -> Response {
    // Most responses depend on the session. The others are cheap to request again.
    let mut response = Response::new(Body::from(json));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pre_encoded_response_has_the_bytes_of_its_envelope() {
        let mut json = PreEncoded::<Vec<u8>>::start(5);
        json.extend_from_slice(b"[1,2]");
        let json: PreEncoded<Vec<u8>> = PreEncoded::finish(json);
        assert_eq!(json.into_bytes(), serde_json::to_vec(&Envelope::success([1, 2])).unwrap());
    }
}
