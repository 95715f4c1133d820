//! Errors of a compatibility file. Each names the file and the line.

use std::error::Error;
use std::io;
use std::path::PathBuf;

/// The reason why a compatibility file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CompatError {
    /// The file cannot be read.
    #[error("{}: cannot be read: {source}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// The reason.
        #[source]
        source: io::Error,
    },
    /// The file is too large, or is no TOML.
    #[error("{}:{line}: {reason}", file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
        /// The line.
        line: usize,
        /// The problem, and what was expected.
        reason: String,
    },
    /// A value is invalid.
    #[error("{}:{line}: {key}: {reason}", file.display())]
    Invalid {
        /// The file.
        file: PathBuf,
        /// The line.
        line: usize,
        /// The key, with the keys of its tables.
        key: String,
        /// The problem, and what was expected.
        reason: String,
        /// The cause.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
}
