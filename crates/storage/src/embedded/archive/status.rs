//! The state of the shipper, which metrics show.

use super::now_ms;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

/// The state of the archive since the store was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArchiveMetrics {
    /// The LSN of the last archived record.
    pub last_lsn: u64,
    /// The LSN of the last record of the WAL.
    pub wal_lsn: u64,
    /// The age of the newest state that can be restored, in milliseconds. 0 if everything is archived.
    pub lag_ms: u64,
    /// Failed attempts to ship records or to make a base copy.
    pub errors: u64,
    /// The time of the last complete base copy, in milliseconds since the Unix epoch. 0 if there is none.
    pub last_base_ms: u64,
}

/// The live state behind [`ArchiveMetrics`].
#[derive(Debug)]
pub(in super::super) struct ArchiveStatus {
    pub(super) shipped_lsn: AtomicU64,
    /// Everything that was committed before this time can be restored.
    pub(super) complete_until_ms: AtomicU64,
    pub(super) errors: AtomicU64,
    pub(super) last_base_ms: AtomicU64,
}

impl ArchiveStatus {
    pub(in super::super) fn new() -> ArchiveStatus {
        ArchiveStatus {
            shipped_lsn: AtomicU64::new(0),
            complete_until_ms: AtomicU64::new(now_ms()),
            errors: AtomicU64::new(0),
            last_base_ms: AtomicU64::new(0),
        }
    }

    /// Reads the state. `committed_lsn` is the LSN of the last record of the WAL.
    pub(in super::super) fn read(&self, committed_lsn: u64) -> ArchiveMetrics {
        let (last_lsn, last_base_ms) = (self.shipped_lsn.load(Relaxed), self.last_base_ms.load(Relaxed));
        let is_complete = last_base_ms > 0 && last_lsn >= committed_lsn;
        let age = now_ms().saturating_sub(self.complete_until_ms.load(Relaxed));
        let lag_ms = if is_complete { 0 } else { age };
        let errors = self.errors.load(Relaxed);
        ArchiveMetrics { last_lsn, wal_lsn: committed_lsn, lag_ms, errors, last_base_ms }
    }
}
