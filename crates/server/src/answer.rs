//! How a request is answered: every answer is an envelope.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use guanxi_store as store;
use guanxi_wire::param::BadParam;
use guanxi_wire::{Code, Envelope, Fault};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, SET_COOKIE};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Tells people which parameter was wrong, as the body may not.
pub const HINT: HeaderName = HeaderName::from_static("guanxi-hint");

/// After how many seconds a client may try again when the service was unavailable.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("1");

/// Why a request was not done.
#[derive(Debug)]
pub enum Reject {
    /// The contract refuses it: HTTP 200 (D2).
    Code(Code),
    /// A parameter is malformed: -400, and which.
    BadParam(BadParam),
    /// The contract refuses it for so many seconds.
    Later(Code, i64),
    /// HTTP's or ours.
    Fault(Fault),
}

impl Reject {
    /// The code of the envelope.
    pub fn number(&self) -> i32 {
        match self {
            Reject::Code(code) | Reject::Later(code, _) => code.number(),
            Reject::BadParam(_) => Code::BadRequest.number(),
            Reject::Fault(fault) => fault.number(),
        }
    }
}

impl From<Code> for Reject {
    fn from(code: Code) -> Reject {
        Reject::Code(code)
    }
}

impl From<BadParam> for Reject {
    fn from(bad: BadParam) -> Reject {
        Reject::BadParam(bad)
    }
}

impl From<Fault> for Reject {
    fn from(fault: Fault) -> Reject {
        Reject::Fault(fault)
    }
}

impl From<store::Fault> for Reject {
    fn from(fault: store::Fault) -> Reject {
        match fault {
            store::Fault::Disk(_)
            | store::Fault::Closed
            | store::Fault::Away(_)
            | store::Fault::Slow(_)
            | store::Fault::Conflict(_) => {
                tell(&fault);
                Reject::Fault(Fault::Unavailable)
            }
            _ => {
                tracing::error!(%fault, "the store failed");
                Reject::Fault(Fault::Broken)
            }
        }
    }
}

/// Tells the log of a fault that all requests meet while it lasts: once a second, and how often it was met since.
fn tell(fault: &store::Fault) {
    static LAST: Mutex<Option<(Instant, u64)>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    let untold = match &mut *last {
        Some((at, untold)) if at.elapsed() < Duration::from_secs(1) => {
            *untold += 1;
            return;
        }
        Some((_, untold)) => *untold,
        None => 0,
    };
    *last = Some((Instant::now(), 0));
    drop(last);
    tracing::error!(%fault, untold, "the store is unavailable");
}

impl From<store::Error> for Reject {
    fn from(error: store::Error) -> Reject {
        match error {
            store::Error::Refused(code) => code.into(),
            store::Error::Fault(fault) => fault.into(),
        }
    }
}

impl IntoResponse for Reject {
    fn into_response(self) -> Response {
        match self {
            Reject::Code(code) => body(StatusCode::OK, &Envelope::from(code)),
            Reject::BadParam(bad) => {
                let mut response = Reject::Code(Code::BadRequest).into_response();
                response
                    .headers_mut()
                    .extend(HeaderValue::try_from(bad.to_string()).map(|hint| (HINT, hint)));
                response
            }
            Reject::Later(code, seconds) => {
                let mut response = Reject::Code(code).into_response();
                response.headers_mut().insert(RETRY_AFTER, seconds.into());
                response
            }
            Reject::Fault(fault) => {
                let mut response = body(fault.status(), &Envelope::from(fault));
                if fault == Fault::Unavailable {
                    response.headers_mut().insert(RETRY_AFTER, RETRY_SECONDS);
                }
                response
            }
        }
    }
}

/// What a handler tells when it is done: data, and cookies where it has some to set.
#[derive(Debug)]
pub struct Told<T> {
    data: T,
    cookies: Vec<HeaderValue>,
}

impl<T> Told<T> {
    /// Data, and cookies.
    pub fn with(data: T, cookies: Vec<HeaderValue>) -> Told<T> {
        Told { data, cookies }
    }

    /// Data, and cookies.
    pub fn apart(self) -> (T, Vec<HeaderValue>) {
        (self.data, self.cookies)
    }
}

impl<T> From<T> for Told<T> {
    fn from(data: T) -> Told<T> {
        Told { data, cookies: Vec::new() }
    }
}

/// The answer of a request that was done.
pub fn done<T: Serialize>(Told { data, cookies }: Told<T>) -> Response {
    let mut response = body(StatusCode::OK, &Envelope::done(data));
    response.headers_mut().extend(cookies.into_iter().map(|cookie| (SET_COOKIE, cookie)));
    response
}

/// An envelope, as it goes out.
pub(crate) fn body<T: Serialize>(status: StatusCode, envelope: &Envelope<T>) -> Response {
    // Most answers depend on who is logged in, and those that do not are cheap to ask for again.
    let Ok(json) = serde_json::to_vec(envelope) else {
        tracing::error!("an answer could not be written");
        return Reject::Fault(Fault::Broken).into_response();
    };
    let mut response = Response::new(Body::from(json));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
