//! The counters of the writer thread.

use super::archive::ArchiveMetrics;
use crate::StorageError;
use crate::batch_sizes::{BatchSizeCounters, BatchSizeHistogram};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, PoisonError};

/// The counters of commits since the store was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EngineMetrics {
    /// Durable commits.
    pub commits: u64,
    /// Commands that were answered after a durable commit.
    pub commands: u64,
    /// Commits that failed and wrote nothing.
    pub failed_commits: u64,
    /// Commands that wait in the queue now.
    pub queued: usize,
    /// Commands that were rejected because the queue was full.
    pub shed: u64,
    /// Commands that were skipped because their caller had gone before their turn.
    pub abandoned: u64,
    /// The number of commands per commit.
    pub batch_sizes: BatchSizeHistogram,
    /// The state of the archive, or `None` without one.
    pub archive: Option<ArchiveMetrics>,
}

/// The live counters behind [`EngineMetrics`], and the state of the write path.
#[derive(Debug, Default)]
pub(super) struct CommitCounters {
    pub(super) batch_sizes: BatchSizeCounters,
    pub(super) failed_commits: AtomicU64,
    pub(super) shed: AtomicU64,
    pub(super) abandoned: AtomicU64,
    write_error: Mutex<Option<StorageError>>,
}

impl CommitCounters {
    /// Stores the outcome of the latest commit on the disk.
    pub(super) fn set_write_error(&self, error: Option<StorageError>) {
        *self.write_error.lock().unwrap_or_else(PoisonError::into_inner) = error;
    }

    /// The error of the latest commit, or `None` if it is durable.
    pub(super) fn write_error(&self) -> Option<StorageError> {
        self.write_error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    /// Reads all counters. `queued` is the current length of the queue.
    pub(super) fn read(&self, queued: usize) -> EngineMetrics {
        let batch_sizes = self.batch_sizes.histogram();
        EngineMetrics {
            commits: batch_sizes.count(),
            commands: batch_sizes.sum,
            failed_commits: self.failed_commits.load(Relaxed),
            queued,
            shed: self.shed.load(Relaxed),
            abandoned: self.abandoned.load(Relaxed),
            batch_sizes,
            archive: None,
        }
    }
}
