//! The cache of daily login rewards. A granted reward is never revoked, so a cached one needs no read.
//! The cache also has the member of each session, for whom a read is answered while the session is looked up.
//!
//! Rewards are cached by session. A deleted member's mid may be assigned again, perhaps by another program, and the
//! new member has other sessions.

use crate::model::TokenHash;
use guanxi_types::Mid;
use jiff::civil::Date;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The maximum number of cached sessions. A full cache is cleared.
const CAPACITY: usize = 1 << 20;

/// The sessions with the login reward of the latest day, and their members.
#[derive(Debug, Default)]
pub struct DailyLoginCache(Mutex<(Date, HashMap<u64, Mid>)>);

/// Returns the part of a hash that stands for the session. No two of a million sessions share it in practice.
fn session_key(hash: &TokenHash) -> u64 {
    hash.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

impl DailyLoginCache {
    /// Returns the member of a session that has the reward of a day. The session may have ended since.
    pub fn member(&self, session: &TokenHash, day: Date) -> Option<Mid> {
        let cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cached.0 == day { cached.1.get(&session_key(session)).copied() } else { None }
    }

    pub(crate) fn insert(&self, session: &TokenHash, mid: Mid, day: Date) {
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cached.0 != day || cached.1.len() >= CAPACITY {
            *cached = (day, HashMap::new());
        }
        cached.1.insert(session_key(session), mid);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cache_has_the_sessions_of_one_day_only() {
        let (cache, session, mid) = (DailyLoginCache::default(), [7; 32], Mid::new(9));
        let day = |text: &str| text.parse::<Date>().unwrap();
        cache.insert(&session, mid.unwrap(), day("2026-01-15"));
        assert_eq!(cache.member(&session, day("2026-01-15")), mid);
        assert_eq!(cache.member(&session, day("2026-01-16")), None);
        assert_eq!(cache.member(&[8; 32], day("2026-01-15")), None);
    }
}
