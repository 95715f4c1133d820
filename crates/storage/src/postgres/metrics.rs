//! Metrics of the engine.

use deadpool_postgres::Pool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

/// Metrics of writes and connections. Counts are since the start of the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EngineMetrics {
    /// Durable commits, each of one command.
    pub commits: u64,
    /// Commands that were rejected.
    pub rejected: u64,
    /// Commands that failed with a storage error.
    pub failed: u64,
    /// Retries of transactions, after a conflict or a lost connection.
    pub retries: u64,
    /// Requests that were shed because too many waited for a connection.
    pub shed: u64,
    /// Open connections.
    pub open_connections: usize,
    /// Requests that wait for a connection.
    pub waiting_requests: usize,
}

/// The counters behind [`EngineMetrics`].
#[derive(Debug, Default)]
pub(super) struct EngineCounters {
    pub(super) commits: AtomicU64,
    pub(super) rejected: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) retries: AtomicU64,
    pub(super) shed: AtomicU64,
}

impl EngineCounters {
    /// Returns the metrics of now.
    pub(super) fn metrics(&self, pool: &Pool) -> EngineMetrics {
        let status = pool.status();
        EngineMetrics {
            commits: self.commits.load(Relaxed),
            rejected: self.rejected.load(Relaxed),
            failed: self.failed.load(Relaxed),
            retries: self.retries.load(Relaxed),
            shed: self.shed.load(Relaxed),
            open_connections: status.size,
            waiting_requests: status.waiting,
        }
    }
}
