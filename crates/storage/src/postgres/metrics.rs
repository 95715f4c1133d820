//! Metrics of the engine.

use super::connection::Pool;
use crate::StorageError;
use crate::batch_sizes::{BatchSizeCounters, BatchSizeHistogram};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

/// Metrics of writes and connections. Counts are since the start of the process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EngineMetrics {
    /// Durable transactions, and the number of commands of each.
    pub transactions: BatchSizeHistogram,
    /// Commands that were applied or rejected.
    pub completed: u64,
    /// Commands that failed with a storage error.
    pub failed: u64,
    /// Retries of transactions, in the order of [`RetryCause::ALL`].
    pub retries: [u64; RetryCause::ALL.len()],
    /// Requests that were shed because too many waited for a connection.
    pub shed: u64,
    /// Requests that waited for a connection. A new connection is waited for too.
    pub pool_waits: u64,
    /// The sum of these waits.
    pub pool_wait_time: Duration,
    /// Open connections.
    pub open_connections: usize,
    /// Requests that wait for a connection.
    pub waiting_requests: usize,
}

impl EngineMetrics {
    /// Returns the number of retries for a cause.
    pub fn retries(&self, cause: RetryCause) -> u64 {
        self.retries[cause as usize]
    }
}

/// The cause of a retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryCause {
    /// A deadlock, a serialization failure, or a row that another transaction inserted first.
    Conflict,
    /// A connection that was lost before the commit.
    ConnectionLost,
    /// A failure of a batch, whose commands are run again one by one.
    BatchFailed,
}

impl RetryCause {
    /// All causes.
    pub const ALL: [RetryCause; 3] =
        [RetryCause::Conflict, RetryCause::ConnectionLost, RetryCause::BatchFailed];

    /// Returns the cause of a retry after an error, or `None` if the command fails with the error.
    pub(super) fn of(error: &StorageError) -> Option<RetryCause> {
        match error {
            StorageError::Conflict(_) => Some(RetryCause::Conflict),
            // A connection that is lost before the commit has written nothing.
            StorageError::Unavailable(_) => Some(RetryCause::ConnectionLost),
            _ => None,
        }
    }
}

/// The counters behind [`EngineMetrics`].
#[derive(Debug, Default)]
pub(super) struct EngineCounters {
    transactions: BatchSizeCounters,
    completed: AtomicU64,
    failed: AtomicU64,
    retries: [AtomicU64; RetryCause::ALL.len()],
    shed: AtomicU64,
    pool_waits: AtomicU64,
    pool_wait_micros: AtomicU64,
}

impl EngineCounters {
    /// Counts a durable transaction of a number of commands.
    pub(super) fn count_transaction(&self, commands: usize) {
        self.transactions.add(commands);
    }

    /// Counts a command by the final outcome of its transaction.
    pub(super) fn count_command(&self, outcome: &Result<(), StorageError>) {
        let counter = if outcome.is_ok() { &self.completed } else { &self.failed };
        counter.fetch_add(1, Relaxed);
    }

    /// Counts a retry of a transaction.
    pub(super) fn count_retry(&self, cause: RetryCause) {
        self.retries[cause as usize].fetch_add(1, Relaxed);
    }

    /// Counts a request that was shed.
    pub(super) fn count_shed(&self) {
        self.shed.fetch_add(1, Relaxed);
    }

    /// Counts a request that waited for a connection.
    pub(super) fn count_pool_wait(&self, time: Duration) {
        self.pool_waits.fetch_add(1, Relaxed);
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.pool_wait_micros.fetch_add(micros, Relaxed);
    }

    /// Returns the metrics of now.
    pub(super) fn metrics(&self, pool: &Pool) -> EngineMetrics {
        let status = pool.status();
        EngineMetrics {
            transactions: self.transactions.histogram(),
            completed: self.completed.load(Relaxed),
            failed: self.failed.load(Relaxed),
            retries: self.retries.each_ref().map(|count| count.load(Relaxed)),
            shed: self.shed.load(Relaxed),
            pool_waits: self.pool_waits.load(Relaxed),
            pool_wait_time: Duration::from_micros(self.pool_wait_micros.load(Relaxed)),
            open_connections: status.size,
            waiting_requests: status.waiting,
        }
    }
}
