//! The cache of daily login rewards. A granted reward is never revoked, so a cached one needs no read.
//!
//! Rewards are cached by session. A deleted member's mid may be assigned again, perhaps by another program, and the
//! new member has other sessions.

use crate::model::TokenHash;
use jiff::civil::Date;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// The maximum number of cached sessions. A full cache is cleared.
const CAPACITY: usize = 1 << 20;

/// The sessions of members who have the login reward of the latest day.
#[derive(Debug, Default)]
pub struct DailyLoginCache(Mutex<(Date, HashSet<u64>)>);

/// Returns the part of a hash that stands for the session. No two of a million sessions share it in practice.
fn session_key(hash: &TokenHash) -> u64 {
    hash.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

impl DailyLoginCache {
    pub(crate) fn contains(&self, session: &TokenHash, day: Date) -> bool {
        let cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cached.0 == day && cached.1.contains(&session_key(session))
    }

    pub(crate) fn insert(&self, session: &TokenHash, day: Date) {
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cached.0 != day || cached.1.len() >= CAPACITY {
            *cached = (day, HashSet::new());
        }
        cached.1.insert(session_key(session));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cache_has_the_sessions_of_one_day_only() {
        let (cache, session) = (DailyLoginCache::default(), [7; 32]);
        let day = |text: &str| text.parse::<Date>().unwrap();
        cache.insert(&session, day("2026-01-15"));
        assert!(cache.contains(&session, day("2026-01-15")));
        assert!(!cache.contains(&session, day("2026-01-16")));
        assert!(!cache.contains(&[8; 32], day("2026-01-15")));
    }
}
