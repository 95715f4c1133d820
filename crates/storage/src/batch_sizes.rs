//! The number of commands per transaction, as a histogram of both engines.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

/// A histogram of the number of commands per transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchSizeHistogram {
    /// The sum of all observations.
    pub sum: u64,
    /// Upper bounds, each with the number of transactions above the previous bound and up to this one.
    pub buckets: Vec<(u64, u64)>,
}

impl BatchSizeHistogram {
    /// Returns the number of transactions.
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|(_, count)| count).sum()
    }
}

/// The upper bounds of the buckets.
const BOUNDS: [u64; 10] = [1, 2, 4, 8, 16, 32, 64, 128, 256, u64::MAX];

/// The counters behind [`BatchSizeHistogram`].
#[derive(Debug, Default)]
pub(crate) struct BatchSizeCounters {
    sum: AtomicU64,
    counts: [AtomicU64; BOUNDS.len()],
}

impl BatchSizeCounters {
    /// Counts a transaction.
    pub(crate) fn add(&self, batch_size: usize) {
        let batch_size = batch_size as u64;
        let bucket = BOUNDS.iter().position(|bound| batch_size <= *bound).unwrap_or(BOUNDS.len() - 1);
        self.counts[bucket].fetch_add(1, Relaxed);
        self.sum.fetch_add(batch_size, Relaxed);
    }

    /// Returns the histogram of now.
    pub(crate) fn histogram(&self) -> BatchSizeHistogram {
        let counts = self.counts.each_ref().map(|count| count.load(Relaxed));
        BatchSizeHistogram { sum: self.sum.load(Relaxed), buckets: BOUNDS.into_iter().zip(counts).collect() }
    }
}
