//! How a request is answered: every answer is an envelope.

use crate::log_throttle::LogThrottle;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use guanxi_api::Envelope;
use guanxi_api::param::BadParam;
use guanxi_storage as store;
use guanxi_types::{ErrorCode, HttpError};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, SET_COOKIE};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;

/// Tells people which parameter was wrong, as the body may not.
pub const HINT: HeaderName = HeaderName::from_static("guanxi-hint");

/// After how many seconds a client may try again when the service was unavailable.
pub const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("1");

/// Why a request was not done.
#[derive(Debug)]
pub enum ApiError {
    /// The contract refuses it: HTTP 200 (D2).
    Code(ErrorCode),
    /// A parameter is malformed: -400, and which.
    BadParam(BadParam),
    /// The contract refuses it for so many seconds.
    Later(ErrorCode, i64),
    /// HTTP's or ours.
    Fault(HttpError),
}

impl ApiError {
    /// The code of the envelope.
    pub fn number(&self) -> i32 {
        match self {
            ApiError::Code(code) | ApiError::Later(code, _) => code.number(),
            ApiError::BadParam(_) => ErrorCode::BadRequest.number(),
            ApiError::Fault(fault) => fault.number(),
        }
    }
}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> ApiError {
        ApiError::Code(code)
    }
}

impl From<BadParam> for ApiError {
    fn from(bad: BadParam) -> ApiError {
        ApiError::BadParam(bad)
    }
}

impl From<HttpError> for ApiError {
    fn from(fault: HttpError) -> ApiError {
        ApiError::Fault(fault)
    }
}

impl From<store::StorageError> for ApiError {
    fn from(fault: store::StorageError) -> ApiError {
        match fault {
            store::StorageError::Io(_)
            | store::StorageError::Closed
            | store::StorageError::Unavailable(_)
            | store::StorageError::Timeout(_)
            | store::StorageError::Conflict(_) => {
                static THROTTLE: LogThrottle = LogThrottle::new();
                if let Some(occurrences) = THROTTLE.count() {
                    tracing::error!(%fault, occurrences, "the store is unavailable");
                }
                ApiError::Fault(HttpError::Unavailable)
            }
            store::StorageError::Busy(_) => {
                static THROTTLE: LogThrottle = LogThrottle::new();
                if let Some(occurrences) = THROTTLE.count() {
                    tracing::warn!(%fault, occurrences, "requests are rejected: there are more than can be done");
                }
                ApiError::Fault(HttpError::Unavailable)
            }
            _ => {
                static THROTTLE: LogThrottle = LogThrottle::new();
                if let Some(occurrences) = THROTTLE.count() {
                    tracing::error!(%fault, occurrences, "the store failed");
                }
                ApiError::Fault(HttpError::Broken)
            }
        }
    }
}

impl From<store::CommandError> for ApiError {
    fn from(error: store::CommandError) -> ApiError {
        match error {
            store::CommandError::Rejected(code) => code.into(),
            store::CommandError::Fault(fault) => fault.into(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            ApiError::Code(code) => body(StatusCode::OK, &Envelope::from(code)),
            ApiError::BadParam(bad) => {
                let mut response = ApiError::Code(ErrorCode::BadRequest).into_response();
                response
                    .headers_mut()
                    .extend(HeaderValue::try_from(bad.to_string()).map(|hint| (HINT, hint)));
                response
            }
            ApiError::Later(code, seconds) => {
                let mut response = ApiError::Code(code).into_response();
                response.headers_mut().insert(RETRY_AFTER, seconds.into());
                response
            }
            ApiError::Fault(fault) => {
                let mut response = body(fault.status(), &Envelope::from(fault));
                if fault == HttpError::Unavailable {
                    response.headers_mut().insert(RETRY_AFTER, RETRY_SECONDS);
                }
                response
            }
        }
    }
}

/// The answer of a request that was done, already written: the bytes of the envelope around a `T`. What is long is written
/// so, in one go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreEncoded<T> {
    bytes: Vec<u8>,
    of: PhantomData<fn() -> T>,
}

impl<T> PreEncoded<T> {
    /// What stands before the data.
    const HEAD: &[u8] = br#"{"code":0,"message":"0","ttl":1,"data":"#;
    /// What stands behind them.
    const TAIL: &[u8] = b"}";

    /// An answer whose data `write` appends, in so many bytes or not many more.
    pub fn written(
        bytes: usize,
        write: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>,
    ) -> Result<PreEncoded<T>, ApiError> {
        let mut body = Vec::with_capacity(Self::HEAD.len() + bytes + Self::TAIL.len());
        body.extend_from_slice(Self::HEAD);
        write(&mut body).map_err(|error| broken(&error))?;
        body.extend_from_slice(Self::TAIL);
        Ok(PreEncoded { bytes: body, of: PhantomData })
    }

    /// The data.
    pub fn read(&self) -> Result<T, ApiError>
    where
        T: DeserializeOwned,
    {
        let data = &self.bytes[Self::HEAD.len()..self.bytes.len() - Self::TAIL.len()];
        serde_json::from_slice(data).map_err(|error| broken(&error))
    }

    /// The whole answer.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

fn broken(error: &serde_json::Error) -> ApiError {
    tracing::error!(%error, "an answer could not be written");
    ApiError::Fault(HttpError::Broken)
}

/// What a handler tells when it is done: data, and cookies where it has some to set.
#[derive(Debug)]
pub struct ApiResponse<T> {
    data: Data<T>,
    cookies: Vec<HeaderValue>,
}

#[derive(Debug)]
enum Data<T> {
    Typed(T),
    Written(PreEncoded<T>),
}

impl<T> ApiResponse<T> {
    /// Data, and cookies.
    pub fn with(data: T, cookies: Vec<HeaderValue>) -> ApiResponse<T> {
        ApiResponse { data: Data::Typed(data), cookies }
    }

    /// Data, and cookies.
    pub fn apart(self) -> Result<(T, Vec<HeaderValue>), ApiError>
    where
        T: DeserializeOwned,
    {
        let data = match self.data {
            Data::Typed(data) => data,
            Data::Written(json) => json.read()?,
        };
        Ok((data, self.cookies))
    }

    /// The cookies alone.
    pub fn into_cookies(self) -> Vec<HeaderValue> {
        self.cookies
    }
}

impl<T> From<T> for ApiResponse<T> {
    fn from(data: T) -> ApiResponse<T> {
        ApiResponse { data: Data::Typed(data), cookies: Vec::new() }
    }
}

impl<T> From<PreEncoded<T>> for ApiResponse<T> {
    fn from(json: PreEncoded<T>) -> ApiResponse<T> {
        ApiResponse { data: Data::Written(json), cookies: Vec::new() }
    }
}

/// The answer of a request that was done.
pub fn done<T: Serialize>(ApiResponse { data, cookies }: ApiResponse<T>) -> Response {
    let mut response = match data {
        Data::Typed(data) => body(StatusCode::OK, &Envelope::done(data)),
        Data::Written(json) => sent(StatusCode::OK, json.into_bytes()),
    };
    response.headers_mut().extend(cookies.into_iter().map(|cookie| (SET_COOKIE, cookie)));
    response
}

/// How many bytes most answers fit in, a member's card among them.
const USUAL: usize = 2_048;

/// An envelope, as it goes out.
pub(crate) fn body<T: Serialize>(status: StatusCode, envelope: &Envelope<T>) -> Response {
    let mut json = Vec::with_capacity(USUAL);
    match serde_json::to_writer(&mut json, envelope) {
        Ok(()) => sent(status, json),
        Err(error) => broken(&error).into_response(),
    }
}

fn sent(status: StatusCode, json: Vec<u8>) -> Response {
    // Most answers depend on who is logged in, and those that do not are cheap to ask for again.
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
    fn what_is_written_is_in_the_envelope() {
        let json: PreEncoded<Vec<u8>> =
            PreEncoded::written(3, |out| serde_json::to_writer(out, &[1, 2])).unwrap();
        assert_eq!(json.clone().into_bytes(), serde_json::to_vec(&Envelope::done([1, 2])).unwrap());
        assert_eq!(json.read().unwrap(), [1, 2]);
        assert_eq!(ApiResponse::<Vec<u8>>::from(json).apart().unwrap().0, [1, 2]);
    }

    #[test]
    fn what_is_no_such_data_is_a_fault() {
        let json: PreEncoded<u8> = PreEncoded::written(1, |out| serde_json::to_writer(out, "1")).unwrap();
        assert_eq!(json.read().unwrap_err().number(), HttpError::Broken.number());
    }
}
