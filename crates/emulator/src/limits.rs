//! The limits of an emulator.

/// The limits of an emulator.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The maximum number of communities.
    pub communities: usize,
    /// The maximum number of requests that a community records.
    pub journal_requests: usize,
    /// The maximum memory of the recorded requests of a community, in bytes.
    pub journal_bytes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { communities: 64, journal_requests: 1_000, journal_bytes: 16 << 20 }
    }
}
