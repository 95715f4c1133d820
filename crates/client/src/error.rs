//! Why a request was not done, and whether that is known.

use guanxi_types::ErrorCode;
use reqwest::StatusCode;
use std::time::Duration;

/// Why a request was not done, or is not known to be done.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// What the client was given is none: an address, a cookie, a token. Nothing was sent.
    #[error("{0}")]
    Wrong(String),
    /// The contract refused it. Nothing was changed.
    #[error("{message} ({number}){}", behind(hint.as_deref()))]
    Refused {
        /// The code, if this client knows it.
        code: Option<ErrorCode>,
        /// Its number on the wire.
        number: i32,
        /// What it means.
        message: String,
        /// Which parameter is malformed, and how, where that is why.
        hint: Option<String>,
        /// How long to wait before the next try, where the code is for a time.
        retry_after: Option<Duration>,
    },
    /// HTTP, something on the way, or the service failed.
    #[error("{message} (HTTP {})", status.as_u16())]
    Fault {
        /// The status. That of each fault of the service is told by [`guanxi_types::Fault::status`].
        status: StatusCode,
        /// What it means.
        message: String,
        /// How long to wait before the next try.
        retry_after: Option<Duration>,
        /// Whether the request could have changed something.
        changes: bool,
    },
    /// No connection was made. Nothing was sent.
    #[error("the service cannot be reached: {0}")]
    Unreachable(String),
    /// It was sent, and no answer came that says what became of it.
    #[error("{why}")]
    Unanswered {
        /// Why not.
        why: Why,
        /// Whether the request could have changed something.
        changes: bool,
    },
}

/// Why nobody knows what became of a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// The answer was not there in time.
    #[error("no answer came in time")]
    Slow,
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// The answer has more bytes than the client takes.
    #[error("the answer has more than {0} bytes")]
    TooLarge(usize),
    /// The answer is not what the contract says.
    #[error("the answer is not what was asked for: {0}")]
    Shape(String),
}

impl Error {
    /// The code with which the contract refused it.
    ///
    /// ```
    /// use guanxi_api::api::relation::stat::RelationStat;
    /// use guanxi_api::{ErrorCode, Mid};
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// # let client = sample.member(7).await;
    /// let stat = client.send(&RelationStat { vmid: Mid::MAX }).await;
    /// match stat.map_err(|error| error.code()) {
    ///     Ok(stat) => println!("{stat:?}"),
    ///     Err(Some(ErrorCode::NoMember)) => println!("there is no such member"),
    ///     Err(other) => panic!("{other:?}"),
    /// }
    /// # Ok(()) }
    /// ```
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Error::Refused { code, .. } => *code,
            _ => None,
        }
    }

    /// How long the service asks to wait before the next try.
    ///
    /// ```
    /// use guanxi_types::ErrorCode;
    /// use guanxi_api::api::passport::login::LogIn;
    /// use guanxi_api::param::Secret;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// # let client = sample.member(7).await;
    /// let (account, password) = (Secret("小甲".to_owned()), Secret("guess".to_owned()));
    /// let mut tried = client.send(&LogIn { account: account.clone(), password: password.clone() }).await;
    /// while let Err(error) = tried {
    ///     if let Some(wait) = error.retry_after() {
    ///         assert_eq!(error.code(), Some(ErrorCode::TooManyTries));
    ///         assert!(!wait.is_zero());
    ///         break;
    ///     }
    ///     tried = client.send(&LogIn { account: account.clone(), password: password.clone() }).await;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Error::Refused { retry_after, .. } | Error::Fault { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether the request was a write that may have been done all the same: it was sent, and nobody said no. Who wants to
    /// know has to look, or to do it again where that does no harm.
    ///
    /// It is true of every status from 500 on, though with a 503 hardly ever: a disk that fails at the very end of a write may
    /// have kept it.
    ///
    /// ```
    /// use guanxi_api::api::relation::{tag::create::TagCreate, tags::Tags};
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// # let client = sample.member(7).await;
    /// let create = TagCreate { tag: "同学".to_owned() };
    /// if let Err(error) = client.send(&create).await
    ///     && error.may_have_happened()
    /// {
    ///     let made = client.send(&Tags {}).await?.iter().any(|group| group.name == create.tag);
    ///     println!("{error}; the group is {}", if made { "there" } else { "not there" });
    /// }
    /// # Ok(()) }
    /// ```
    pub fn may_have_happened(&self) -> bool {
        match self {
            Error::Wrong(_) | Error::Refused { .. } | Error::Unreachable(_) => false,
            Error::Fault { status, changes, .. } => *changes && status.is_server_error(),
            Error::Unanswered { changes, .. } => *changes,
        }
    }

    /// Whether the same request is sent again: what changes nothing where the trouble may be over soon, what changes something
    /// only if it did not get there.
    pub(crate) fn is_worth_another_try(&self) -> bool {
        match self {
            Error::Unreachable(_) => true,
            Error::Fault { status, changes, .. } => !changes && *status == StatusCode::SERVICE_UNAVAILABLE,
            Error::Unanswered { why, changes } => !changes && matches!(why, Why::Broken(_)),
            Error::Wrong(_) | Error::Refused { .. } => false,
        }
    }
}

fn behind(hint: Option<&str>) -> String {
    hint.map_or(String::new(), |hint| format!(": {hint}"))
}
