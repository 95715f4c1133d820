//! Two ways in which a store says no: the rule refused, or the engine broke.

use guanxi_types::ErrorCode;
use std::path::PathBuf;

/// Why a command was not done. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The rule said no.
    #[error("refused: {}", .0.message())]
    Rejected(ErrorCode),
    /// The engine broke.
    #[error(transparent)]
    Fault(#[from] StorageError),
}

impl From<ErrorCode> for CommandError {
    fn from(code: ErrorCode) -> CommandError {
        CommandError::Rejected(code)
    }
}

/// How an engine broke.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StorageError {
    /// The disk takes no writes: it is full, or the file may not grow, or it is broken. What was acknowledged is safe, and
    /// once the disk takes writes again, they go on, unless the engine says that it must be opened anew.
    #[error("the disk takes no writes: {0}")]
    Io(String),
    /// The memory map has no room. The engine grows it and tries again; nobody else is told.
    #[error("the memory map is full")]
    MapFull,
    /// The store was opened to be read.
    #[error("the store was opened to be read, and takes no writes")]
    ReadOnly,
    /// More is waiting already than may. Nothing was begun; whoever tries again later may find room.
    #[error("too much is waiting already: {0}")]
    Busy(&'static str),
    /// The store is closed, or its writer is gone.
    #[error("the store is closed")]
    Closed,
    /// What is kept cannot be read: the file was damaged, or is another program's.
    #[error("{0} cannot be read: {1}")]
    Corrupted(&'static str, String),
    /// The database cannot be reached, or has no room for us now.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The database took longer than it may.
    #[error("the database took too long: {0}")]
    Timeout(String),
    /// Others were writing the same, again and again.
    #[error("others were writing the same: {0}")]
    Conflict(String),
    /// The connection broke while a write was made durable: it was written whole, or not at all.
    #[error("the connection broke during a commit, and nobody knows whether it was written: {0}")]
    CommitUnknown(String),
    /// Anything else the engine says.
    #[error("the engine failed: {0}")]
    Engine(String),
}

/// Why a data directory cannot be opened. What it held is as it was.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It holds something else.
    #[error("{0} is not a data directory of guanxi: it holds {1:?} and no {2:?} file")]
    NotOurs(PathBuf, String, &'static str),
    /// Its format file says something else.
    #[error("{0} is not a data directory of guanxi: its format file says {1:?}")]
    UnknownFormat(PathBuf, String),
    /// Its data are gone.
    #[error("{0} is a data directory of guanxi, and its {1} is gone or empty: bring it back from a backup")]
    Lost(PathBuf, &'static str),
    /// Its data are cut short.
    #[error(
        "{path} is cut short: {file} should have {expected} bytes and has {found}; bring it back from a backup"
    )]
    CutShort {
        /// The directory.
        path: PathBuf,
        /// The file.
        file: &'static str,
        /// How long it should be.
        expected: u64,
        /// How long it is.
        found: u64,
    },
    /// A newer guanxi wrote it.
    #[error(
        "{path} has format {found}, and this program reads formats up to {known}: it was written by a newer guanxi"
    )]
    Newer {
        /// The directory.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest that this program knows.
        known: u32,
    },
    /// It is not there.
    #[error("{0} is not a data directory of guanxi")]
    NotThere(PathBuf),
    /// It takes no copy.
    #[error("{0} is not empty: a backup goes into a directory of its own")]
    NotEmpty(PathBuf),
    /// It cannot be copied.
    #[error("the data could not be copied: {0}")]
    Copy(String),
    /// It lies where nothing can be written, and somebody else writes it.
    #[error(
        "{0} is served by another process, which cannot be told here that somebody reads: the file system takes no writes"
    )]
    Unseen(PathBuf),
    /// Another process has it open.
    #[error("{0} is in use by another process")]
    InUse(PathBuf),
    /// The system says no.
    #[error("{0} cannot be opened: {1}")]
    Io(PathBuf, std::io::Error),
    /// The engine says no.
    #[error("{0} cannot be opened: {1}")]
    Engine(PathBuf, String),
    /// An address of a database is none.
    #[error("{0}")]
    Address(String),
    /// The database says no.
    #[error("the database cannot be opened: {0}")]
    Database(String),
    /// There is no schema in the database.
    #[error("there is nothing of guanxi in the database: run `guanxi migrate` first")]
    NotMigrated,
    /// An older guanxi made its schema.
    #[error("the database has schema {found}, and this program needs {known}: run `guanxi migrate` first")]
    Older {
        /// Its version.
        found: i32,
        /// The one that this program needs.
        known: i32,
    },
    /// A newer guanxi made its schema.
    #[error(
        "the database has schema {found}, and this program knows schemas up to {known}: a newer guanxi made it"
    )]
    NewerSchema {
        /// Its version.
        found: i32,
        /// The newest that this program knows.
        known: i32,
    },
}
