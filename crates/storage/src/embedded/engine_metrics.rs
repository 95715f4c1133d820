//! The counters of the writer thread.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

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
}

/// A histogram of the number of commands per commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchSizeHistogram {
    /// The sum of all observations.
    pub sum: u64,
    /// Upper bounds, each with the number of commits above the previous bound and up to this one.
    pub buckets: Vec<(u64, u64)>,
}

/// The upper bounds of the buckets.
const BOUNDS: [u64; 10] = [1, 2, 4, 8, 16, 32, 64, 128, 256, u64::MAX];

/// The live counters behind [`EngineMetrics`].
#[derive(Debug, Default)]
pub(super) struct CommitCounters {
    commands: AtomicU64,
    pub(super) failed_commits: AtomicU64,
    pub(super) shed: AtomicU64,
    pub(super) abandoned: AtomicU64,
    batch_sizes: [AtomicU64; BOUNDS.len()],
}

impl CommitCounters {
    /// Counts a durable commit of a batch.
    pub(super) fn count_commit(&self, batch_size: usize) {
        let bucket = BOUNDS.iter().position(|bound| batch_size as u64 <= *bound).unwrap_or(BOUNDS.len() - 1);
        self.batch_sizes[bucket].fetch_add(1, Relaxed);
        self.commands.fetch_add(batch_size as u64, Relaxed);
    }

    /// Reads all counters. `queued` is the current length of the queue.
    pub(super) fn read(&self, queued: usize) -> EngineMetrics {
        let counts = self.batch_sizes.each_ref().map(|count| count.load(Relaxed));
        let commands = self.commands.load(Relaxed);
        EngineMetrics {
            commits: counts.iter().sum(),
            commands,
            failed_commits: self.failed_commits.load(Relaxed),
            queued,
            shed: self.shed.load(Relaxed),
            abandoned: self.abandoned.load(Relaxed),
            batch_sizes: BatchSizeHistogram {
                sum: commands,
                buckets: BOUNDS.into_iter().zip(counts).collect(),
            },
        }
    }
}
