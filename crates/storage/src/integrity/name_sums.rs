//! The comparison of the name index with the names, by sums of hashes.

use super::{Report, Violation};
use guanxi_types::Mid;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};

/// The sums of hashes of each member's entries in the name index. The expected ones are added and the stored ones
/// removed, so every sum of a consistent index is 0.
#[derive(Debug, Default)]
pub(crate) struct NameSums(HashMap<Mid, u64>);

impl NameSums {
    /// Adds an expected entry: its kind and its text.
    pub(crate) fn add(&mut self, mid: Mid, entry: &[u8]) {
        let sum = self.0.entry(mid).or_default();
        *sum = sum.wrapping_add(hash_of(entry));
    }

    /// Removes a stored entry.
    pub(crate) fn remove(&mut self, mid: Mid, entry: &[u8]) {
        let sum = self.0.entry(mid).or_default();
        *sum = sum.wrapping_sub(hash_of(entry));
    }

    /// Reports the members whose entries differ.
    pub(crate) fn report(self, report: &mut Report) {
        let mut differing: Vec<Mid> =
            self.0.into_iter().filter(|(_, sum)| *sum != 0).map(|(mid, _)| mid).collect();
        differing.sort_unstable();
        for mid in differing {
            report.add(Violation::NameIndex(mid));
        }
    }
}

/// Returns the hash of an entry of an index.
pub(crate) fn hash_of(entry: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(entry);
    hasher.finish()
}
