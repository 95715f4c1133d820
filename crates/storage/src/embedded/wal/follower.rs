//! The link between the WAL of the writer and a process that follows it, such as the archive.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

/// The progress of the writer, and the segments that a follower still needs.
#[derive(Debug)]
pub(in super::super) struct WalFollower {
    committed_lsn: AtomicU64,
    keep_from: AtomicU64,
    max_kept_bytes: u64,
}

impl WalFollower {
    /// Returns the link of a follower that needs all segments, up to a size in bytes.
    pub(in super::super) fn new(max_kept_bytes: u64) -> WalFollower {
        WalFollower { committed_lsn: AtomicU64::new(0), keep_from: AtomicU64::new(0), max_kept_bytes }
    }

    /// The LSN of the last committed record. A later record may be rejected and replaced.
    pub(in super::super) fn committed_lsn(&self) -> u64 {
        self.committed_lsn.load(Acquire)
    }

    /// Keeps only the segments with records at or after an LSN.
    pub(in super::super) fn keep_from(&self, lsn: u64) {
        self.keep_from.store(lsn, Relaxed);
    }

    pub(super) fn set_committed(&self, lsn: u64) {
        self.committed_lsn.store(lsn, Release);
    }

    /// True if a segment with this last LSN is needed. `kept_bytes` is the size of it and of the segments after it.
    pub(super) fn needs(&self, last_lsn: u64, kept_bytes: u64) -> bool {
        last_lsn >= self.keep_from.load(Relaxed) && kept_bytes <= self.max_kept_bytes
    }
}
