//! Errors of requests, and whether a failed write may have taken effect.

use guanxi_types::ErrorCode;
use reqwest::StatusCode;
use std::time::Duration;

/// The error of a request.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// An argument of the client is invalid: an address, a cookie, a token. Nothing was sent.
    #[error("{0}")]
    InvalidInput(String),
    /// The service rejected the request with a code. Nothing was changed.
    #[error("{message} ({number}){}", format_hint(hint.as_deref()))]
    Rejected {
        /// The code, if this version of the client knows it.
        code: Option<ErrorCode>,
        /// The number of the code on the wire.
        number: i32,
        /// The meaning of the code.
        message: String,
        /// The invalid parameter and its error, if that is the reason.
        hint: Option<String>,
        /// The time to wait before a retry, if the code is temporary.
        retry_after: Option<Duration>,
    },
    /// HTTP, a proxy or the service failed.
    #[error("{message} (HTTP {})", status.as_u16())]
    Http {
        /// The status. [`guanxi_types::HttpError::status`] lists those of the service.
        status: StatusCode,
        /// The meaning of the error.
        message: String,
        /// The time to wait before a retry.
        retry_after: Option<Duration>,
        /// True if the request may have changed something.
        is_write: bool,
    },
    /// No connection was made. Nothing was sent.
    #[error("the service cannot be reached: {0}")]
    Unreachable(String),
    /// The request was sent, and no usable response arrived.
    #[error("{reason}")]
    OutcomeUnknown {
        /// The reason.
        reason: UnknownOutcome,
        /// True if the request may have changed something.
        is_write: bool,
    },
}

/// The reason why the outcome of a request is unknown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownOutcome {
    /// No response arrived in time.
    #[error("no response in time")]
    Timeout,
    /// The connection was lost.
    #[error("connection lost: {0}")]
    ConnectionLost(String),
    /// The response is larger than [`Options::max_response_bytes`](crate::Options::max_response_bytes).
    #[error("the response has more than {0} bytes")]
    TooLarge(usize),
    /// The response does not match the contract.
    #[error("the response is invalid: {0}")]
    InvalidResponse(String),
}

impl Error {
    /// Returns the code of a rejection.
    ///
    /// ```
    /// use guanxi_api::relations::get_relation_counters::GetRelationCounters;
    /// use guanxi_types::{ErrorCode, Mid};
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let client = server.member(7).await;
    /// let counters = client.send(&GetRelationCounters { vmid: Mid::MAX }).await;
    /// match counters.map_err(|error| error.code()) {
    ///     Ok(counters) => println!("{counters:?}"),
    ///     Err(Some(ErrorCode::MemberNotFound)) => println!("there is no such member"),
    ///     Err(other) => panic!("{other:?}"),
    /// }
    /// # Ok(()) }
    /// ```
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Error::Rejected { code, .. } => *code,
            _ => None,
        }
    }

    /// Returns the `Retry-After` of the response.
    ///
    /// ```
    /// use guanxi_types::{ErrorCode, Secret};
    /// use guanxi_api::login::log_in::LogIn;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let client = server.member(7).await;
    /// let (account, password) = (Secret("小甲".to_owned()), Secret("guess".to_owned()));
    /// let mut result = client.send(&LogIn { account: account.clone(), password: password.clone() }).await;
    /// while let Err(error) = result {
    ///     if let Some(wait) = error.retry_after() {
    ///         assert_eq!(error.code(), Some(ErrorCode::TooManyAttempts));
    ///         assert!(!wait.is_zero());
    ///         break;
    ///     }
    ///     result = client.send(&LogIn { account: account.clone(), password: password.clone() }).await;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Error::Rejected { retry_after, .. } | Error::Http { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Returns true if the request was a write that may have taken effect: it was sent, and was not rejected. Read
    /// the state, or repeat the request if it is idempotent.
    ///
    /// True for every status from 500 on. With a 503 it is unlikely: a disk that fails at the very end of a write
    /// may have stored it.
    ///
    /// ```
    /// use guanxi_api::groups::{create_group::CreateGroup, list_groups::ListGroups};
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let client = server.member(7).await;
    /// let create = CreateGroup { tag: "同学".to_owned() };
    /// if let Err(error) = client.send(&create).await
    ///     && error.may_have_happened()
    /// {
    ///     let exists = client.send(&ListGroups {}).await?.iter().any(|group| group.name == create.tag);
    ///     println!("{error}; the group is {}", if exists { "there" } else { "not there" });
    /// }
    /// # Ok(()) }
    /// ```
    pub fn may_have_happened(&self) -> bool {
        match self {
            Error::InvalidInput(_) | Error::Rejected { .. } | Error::Unreachable(_) => false,
            Error::Http { status, is_write, .. } => *is_write && status.is_server_error(),
            Error::OutcomeUnknown { is_write, .. } => *is_write,
        }
    }

    /// Returns true if the request may be sent again: a read after a temporary error, a write only if it was not
    /// sent.
    pub(crate) fn is_retryable(&self) -> bool {
        match self {
            Error::Unreachable(_) => true,
            Error::Http { status, is_write, .. } => !is_write && *status == StatusCode::SERVICE_UNAVAILABLE,
            Error::OutcomeUnknown { reason, is_write } => {
                !is_write && matches!(reason, UnknownOutcome::ConnectionLost(_))
            }
            Error::InvalidInput(_) | Error::Rejected { .. } => false,
        }
    }
}

fn format_hint(hint: Option<&str>) -> String {
    hint.map_or(String::new(), |hint| format!(": {hint}"))
}
