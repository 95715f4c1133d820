//! Errors of the driver and of the server, mapped to [`StorageError`].

use crate::StorageError;
use tokio_postgres::error::{Severity, SqlState};

/// The failure of a pipeline of statements.
#[derive(Debug)]
pub(super) struct PipelineError {
    pub(super) error: StorageError,
    /// True if the last statement may have been executed: it was sent, and the server did not answer.
    pub(super) outcome_unknown: bool,
}

impl PipelineError {
    /// Returns the error of a pipeline that ends in a commit.
    pub(super) fn into_commit_error(self) -> StorageError {
        match self.error {
            StorageError::Unavailable(cause) | StorageError::Timeout(cause) if self.outcome_unknown => {
                StorageError::CommitUnknown(cause)
            }
            error => error,
        }
    }
}

impl From<PipelineError> for StorageError {
    fn from(error: PipelineError) -> StorageError {
        error.error
    }
}

impl From<StorageError> for PipelineError {
    fn from(error: StorageError) -> PipelineError {
        PipelineError { error, outcome_unknown: false }
    }
}

/// The failure of one statement.
#[derive(Debug)]
pub(super) struct QueryError {
    pub(super) error: StorageError,
    /// True if the server reported the error, false if the driver did.
    pub(super) from_server: bool,
}

impl From<tokio_postgres::Error> for QueryError {
    fn from(error: tokio_postgres::Error) -> QueryError {
        let from_server = error.as_db_error().is_some();
        QueryError { error: error.into(), from_server }
    }
}

impl From<StorageError> for QueryError {
    fn from(error: StorageError) -> QueryError {
        QueryError { error, from_server: false }
    }
}

/// Returns the error of a statement without an answer in time.
pub(super) fn timeout_error() -> StorageError {
    StorageError::timeout("no answer within the time limit")
}

/// An error of the driver, with the text of its own cause.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct DriverError {
    text: String,
    source: tokio_postgres::Error,
}

/// An error of the server. The detail is omitted, and so is the driver's error that contains it: it may have the
/// values of a row.
#[derive(Debug, thiserror::Error)]
#[error("{message} ({code})")]
struct ServerError {
    message: String,
    code: String,
}

impl From<tokio_postgres::Error> for StorageError {
    fn from(error: tokio_postgres::Error) -> StorageError {
        let Some(db_error) = error.as_db_error() else { return from_driver_error(error) };
        let code = db_error.code();
        let cause = ServerError { message: db_error.message().to_owned(), code: code.code().to_owned() };
        match *code {
            SqlState::T_R_SERIALIZATION_FAILURE
            | SqlState::T_R_DEADLOCK_DETECTED
            | SqlState::UNIQUE_VIOLATION
            | SqlState::LOCK_NOT_AVAILABLE => StorageError::conflict(cause),
            SqlState::QUERY_CANCELED => StorageError::timeout(cause),
            SqlState::DISK_FULL | SqlState::IO_ERROR => StorageError::io(cause),
            SqlState::READ_ONLY_SQL_TRANSACTION | SqlState::INVALID_CATALOG_NAME => {
                StorageError::unavailable(cause)
            }
            // The server closes the connection after a fatal error.
            _ if matches!(db_error.parsed_severity(), Some(Severity::Fatal | Severity::Panic)) => {
                StorageError::unavailable(cause)
            }
            _ => match &code.code()[..2] {
                // Connection exceptions, insufficient resources, operator intervention.
                "08" | "53" | "57" => StorageError::unavailable(cause),
                _ => StorageError::engine(cause),
            },
        }
    }
}

/// The driver has no error codes. Encoding errors are bugs of this program. All others mean that the server is
/// unreachable.
fn from_driver_error(error: tokio_postgres::Error) -> StorageError {
    let text = error.to_string();
    if text.starts_with("error serializing") || text.starts_with("error deserializing") {
        return StorageError::engine(error);
    }
    let cause = std::error::Error::source(&error).map_or(String::new(), |cause| format!(": {cause}"));
    StorageError::unavailable(DriverError { text: text + &cause, source: error })
}

/// Returns the text of the innermost error: the message of the server.
pub(super) fn root_cause(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), root_cause)
}
