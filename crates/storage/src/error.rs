//! The errors of commands, of engines, and of opening a store.
//!
//! A rejection by a rule and the failure of an engine are different: a client can act on the first, an operator
//! on the second.

use guanxi_types::ErrorCode;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

/// The cause of an error. Clones of the error share it.
pub type Cause = Arc<dyn Error + Send + Sync>;

/// The cause of an error that is not cloned.
pub type BoxedError = Box<dyn Error + Send + Sync>;

/// The error of a command. Nothing of the command was written, unless it is [`StorageError::CommitUnknown`].
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// A rule rejected the command.
    #[error("rejected: {}", .0.message())]
    Rejected(ErrorCode),
    /// The engine failed.
    #[error(transparent)]
    Fault(#[from] StorageError),
}

impl From<ErrorCode> for CommandError {
    fn from(code: ErrorCode) -> CommandError {
        CommandError::Rejected(code)
    }
}

/// The error of an engine.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StorageError {
    /// The disk rejects writes: it is full or broken, or the file must not grow. Acknowledged writes are safe.
    /// Writes succeed again once the disk accepts them.
    #[error("the disk rejects writes: {0}")]
    Io(#[source] Cause),
    /// The LMDB map is full. The engine resizes it and retries, so no caller sees this error.
    #[error("the LMDB map is full")]
    MapFull,
    /// The store is open read-only.
    #[error("write failed: the store is open read-only")]
    ReadOnly,
    /// The queue is full. The request was not started, and may be retried later.
    #[error("too many {0} are queued, this one was not started")]
    Busy(&'static str),
    /// The store is closed, or its writer thread has ended.
    #[error("the store is closed")]
    Closed,
    /// Stored data is invalid: the file was damaged, or another program wrote it.
    #[error("{0} is corrupted: {1}")]
    Corrupted(&'static str, #[source] Cause),
    /// The database is unreachable, or rejects new connections.
    #[error("the database is unavailable: {0}")]
    Unavailable(#[source] Cause),
    /// The database did not answer within the time limit.
    #[error("the database timed out: {0}")]
    Timeout(#[source] Cause),
    /// The transaction conflicted with others at every attempt.
    #[error("transaction conflict: {0}")]
    Conflict(#[source] Cause),
    /// A commit failed half way, and its record could not be removed. The write is stored as a whole, or not at all.
    #[error("the commit failed half way, the write may or may not be stored: {0}")]
    CommitUnknown(#[source] Cause),
    /// The process must open the store again. Acknowledged writes are safe.
    #[error("the store must be opened again: {0}")]
    NeedsReopen(#[source] Cause),
    /// Any other error of the engine.
    #[error("the engine failed: {0}")]
    Engine(#[source] Cause),
}

impl StorageError {
    /// Returns a [`StorageError::Io`] of a cause.
    pub fn io(cause: impl Into<BoxedError>) -> StorageError {
        StorageError::Io(Arc::from(cause.into()))
    }

    /// Returns a [`StorageError::Corrupted`] of the object that is invalid, and of a cause.
    pub fn corrupted(object: &'static str, cause: impl Into<BoxedError>) -> StorageError {
        StorageError::Corrupted(object, Arc::from(cause.into()))
    }

    /// Returns a [`StorageError::Unavailable`] of a cause.
    pub fn unavailable(cause: impl Into<BoxedError>) -> StorageError {
        StorageError::Unavailable(Arc::from(cause.into()))
    }

    /// Returns a [`StorageError::Timeout`] of a cause.
    pub fn timeout(cause: impl Into<BoxedError>) -> StorageError {
        StorageError::Timeout(Arc::from(cause.into()))
    }

    /// Returns a [`StorageError::Conflict`] of a cause.
    pub fn conflict(cause: impl Into<BoxedError>) -> StorageError {
        StorageError::Conflict(Arc::from(cause.into()))
    }

    /// Returns a [`StorageError::CommitUnknown`] of a cause.
    pub fn commit_unknown(cause: impl Into<BoxedError>) -> StorageError {
        StorageError::CommitUnknown(Arc::from(cause.into()))
    }

    /// Returns a [`StorageError::Engine`] of a cause.
    pub fn engine(cause: impl Into<BoxedError>) -> StorageError {
        StorageError::Engine(Arc::from(cause.into()))
    }
}

/// The error of opening, creating, copying or migrating a store. Existing data is unchanged.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory contains other files.
    #[error("{0} is not a data directory of guanxi: it contains {1:?}, but no {2:?} file")]
    ForeignFiles(PathBuf, String, &'static str),
    /// The format file of the directory is invalid.
    #[error("{0} is not a data directory of guanxi: its format file contains {1:?}")]
    UnknownFormat(PathBuf, String),
    /// A data file is missing or empty.
    #[error("data directory {0} has no {1}, or an empty one: restore it from a backup")]
    DataMissing(PathBuf, &'static str),
    /// A data file is truncated.
    #[error(
        "data directory {path} is damaged: {file} has {found} of {expected} bytes, restore it from a backup"
    )]
    Truncated {
        /// The directory.
        path: PathBuf,
        /// The file.
        file: &'static str,
        /// The expected size, in bytes.
        expected: u64,
        /// The actual size, in bytes.
        found: u64,
    },
    /// A newer version of guanxi wrote the directory.
    #[error(
        "{path} has format {found}, but this program supports up to {known}: use the newer guanxi that wrote it"
    )]
    FormatTooNew {
        /// The directory.
        path: PathBuf,
        /// The format of the directory.
        found: u32,
        /// The newest format that this program supports.
        known: u32,
    },
    /// The directory does not exist, or is empty.
    #[error("{0} is not a data directory of guanxi")]
    NotFound(PathBuf),
    /// The target of a backup is not empty.
    #[error("{0} is not empty: a backup needs an empty directory")]
    NotEmpty(PathBuf),
    /// The backup failed.
    #[error("backup failed: {0}")]
    Backup(#[source] BoxedError),
    /// Another process writes the directory, and readers cannot be registered since its file system is read-only.
    #[error(
        "{0} is in use by another process, and cannot be read meanwhile: its file system is mounted read-only here"
    )]
    ReadersUnsupported(PathBuf),
    /// Another process has the directory open.
    #[error("{0} is in use by another process")]
    InUse(PathBuf),
    /// The disk has no room for a file that must have all its blocks.
    #[error("no space for {file} in {path}, {bytes} bytes needed: {error}")]
    NoSpace {
        /// The directory.
        path: PathBuf,
        /// The file.
        file: &'static str,
        /// The size of the file, in bytes.
        bytes: u64,
        /// The error of the system.
        #[source]
        error: std::io::Error,
    },
    /// A system call failed.
    #[error("{0} cannot be opened: {1}")]
    Io(PathBuf, #[source] std::io::Error),
    /// The embedded engine failed.
    #[error("{0} cannot be opened: {1}")]
    Engine(PathBuf, #[source] BoxedError),
    /// The URL of a database is invalid.
    #[error("invalid database URL: {0}")]
    InvalidUrl(#[source] BoxedError),
    /// The database failed.
    #[error("the database cannot be opened: {0}")]
    Database(#[source] BoxedError),
    /// A pooler gives each transaction another session.
    #[error(
        "the database is behind a pooler in transaction mode: connect to PostgreSQL itself, or use session mode (`pool_mode = session` in PgBouncer)"
    )]
    TransactionPooling,
    /// The database has no schema.
    #[error("the database has no schema of guanxi: run `guanxi migrate` first")]
    NotMigrated,
    /// An older version of guanxi created the schema.
    #[error(
        "the database has schema version {found}, but this program needs {known}: run `guanxi migrate` first"
    )]
    SchemaOutdated {
        /// The version of the schema.
        found: i32,
        /// The version that this program needs.
        known: i32,
    },
    /// A newer version of guanxi created the schema.
    #[error(
        "the database has schema version {found}, but this program supports up to {known}: use the newer guanxi"
    )]
    SchemaTooNew {
        /// The version of the schema.
        found: i32,
        /// The newest version that this program supports.
        known: i32,
    },
}
