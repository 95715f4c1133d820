//! The continuous archive: base copies and WAL records in a folder or an S3-compatible store, from which any instant
//! is restored.
//!
//! | module | content |
//! |---|---|
//! | [`location`] | the store of an archive URL |
//! | `sealed` | objects in compressed, authenticated and optionally encrypted chunks |
//! | `layout` | the names of objects, and the operations on them |
//! | `span` | WAL records as an object |
//! | `shipper` | the thread that ships new records and base copies |
//! | `base_copy` | a copy of the LMDB tree, streamed while the store is written |
//! | `pruning` | the removal of what no restore within the retention needs |
//! | `restore` | a new data directory of an instant or an LSN |
//! | `status` | the state of the shipper, for metrics |
//!
//! Objects of a timeline belong to one history of writes. A timeline begins with a base copy and has every later
//! record. The shipper continues a timeline only if the last archived record equals the local record of that LSN.
//! Otherwise records are missing, or the directory has another history. Then a new timeline begins, which heals
//! both. Each span is created under the LSN of its first record, and never replaced. So two writers cannot mix
//! their records.
//!
//! The archive holds all state of the shipper. After an error the shipper begins again with what the archive has.

mod base_copy;
mod layout;
pub mod location;
mod pruning;
mod restore;
mod sealed;
mod shipper;
mod span;
mod status;
#[cfg(test)]
mod tests;

pub use layout::Archive;
pub use restore::{RestoreTarget, Restored, TimelineInfo, list, restore};
pub use shipper::{Archiver, claim};
pub use status::ArchiveMetrics;
pub(super) use status::ArchiveStatus;

use super::wal::now_ms;
use crate::StorageError;
use crate::encryption::KeyFileError;
use crate::error::{BoxedError, OpenError};
use std::path::PathBuf;
use std::time::Duration;

/// The times and sizes of the shipper.
#[derive(Clone, Copy, Debug)]
pub struct ArchiveOptions {
    /// The interval at which new records are shipped.
    pub interval: Duration,
    /// The age of the last base copy at which the next one is made.
    pub base_interval: Duration,
    /// The age up to which every instant can be restored.
    pub retention: Duration,
}

impl Default for ArchiveOptions {
    fn default() -> ArchiveOptions {
        ArchiveOptions {
            interval: Duration::from_millis(500),
            base_interval: Duration::from_hours(24),
            retention: Duration::from_hours(14 * 24),
        }
    }
}

/// The error of an archive.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The URL is not usable.
    #[error("archive {0}: {1}")]
    InvalidUrl(String, #[source] BoxedError),
    /// The key file is not usable.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// The key file is missing.
    #[error("archive key file {0} is missing: restore it, or create one with `guanxi keys archive`")]
    NoKeyFile(PathBuf),
    /// The objects cannot be opened with this key, or need one.
    #[error("the archive is encrypted with another key: archive_key_file has to name the file of its key")]
    WrongKey,
    /// The archive cannot be used by this store or program.
    #[error("{0}")]
    Refused(String),
    /// An object is damaged, or was moved to another name.
    #[error("object {0} of the archive is damaged: {1}")]
    Damaged(String, &'static str),
    /// The store of the archive failed.
    #[error("the archive's store failed: {0}")]
    Store(#[source] object_store::Error),
    /// The store of the archive did not answer in time.
    #[error("the archive's store did not answer in time ({0})")]
    TimedOut(&'static str),
    /// Another process writes the same timeline.
    #[error("the archive has other records from LSN {0} on: another process writes to it")]
    Conflict(u64),
    /// The WAL has no record that follows the last archived one.
    #[error("the WAL begins after LSN {0}, the last archived one")]
    Gap(u64),
    /// A base copy was interrupted, since the map of the store had to be resized.
    #[error("the base copy was interrupted by a growth of the store, will retry")]
    Interrupted,
    /// The requested state is not in the archive.
    #[error("{0}")]
    NotCovered(String),
    /// The local store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The restored directory failed.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A local file failed.
    #[error("{0}: {1}")]
    Io(&'static str, #[source] std::io::Error),
}

impl ArchiveError {
    /// True if only an operator can remove the cause: a retry fails alike.
    pub fn is_permanent(&self) -> bool {
        matches!(
            self,
            ArchiveError::InvalidUrl(..)
                | ArchiveError::KeyFile(_)
                | ArchiveError::NoKeyFile(_)
                | ArchiveError::WrongKey
                | ArchiveError::Refused(_)
        )
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
