//! The cache of daily login rewards. A granted reward is never revoked, so a cached one needs no read.

use guanxi_types::Mid;
use jiff::civil::Date;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// The maximum number of cached members. A full cache is cleared.
const CAPACITY: usize = 1 << 20;

/// The members who have the login reward of the latest day.
#[derive(Debug, Default)]
pub struct DailyLoginCache(Mutex<(Date, HashSet<Mid>)>);

impl DailyLoginCache {
    pub(crate) fn contains(&self, mid: Mid, day: Date) -> bool {
        let cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cached.0 == day && cached.1.contains(&mid)
    }

    pub(crate) fn insert(&self, mid: Mid, day: Date) {
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cached.0 != day || cached.1.len() >= CAPACITY {
            *cached = (day, HashSet::new());
        }
        cached.1.insert(mid);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cache_has_the_members_of_one_day_only() {
        let (cache, mid) = (DailyLoginCache::default(), Mid::new(7).unwrap());
        let day = |text: &str| text.parse::<Date>().unwrap();
        cache.insert(mid, day("2026-01-15"));
        assert!(cache.contains(mid, day("2026-01-15")));
        assert!(!cache.contains(mid, day("2026-01-16")));
        assert!(!cache.contains(Mid::new(8).unwrap(), day("2026-01-15")));
    }
}
