//! Whom a day's login was given, as far as it was seen here. It is never taken back, so nobody needs to ask again.

use guanxi_types::Mid;
use jiff::civil::Date;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// How many are remembered; then all are forgotten, and asked for again.
const MOST: usize = 1 << 20;

/// The visitors of the latest day.
#[derive(Debug, Default)]
pub(crate) struct DailyLoginCache(Mutex<(Date, HashSet<Mid>)>);

impl DailyLoginCache {
    pub(crate) fn contains(&self, mid: Mid, day: Date) -> bool {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.0 == day && seen.1.contains(&mid)
    }

    pub(crate) fn insert(&self, mid: Mid, day: Date) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.0 != day || seen.1.len() >= MOST {
            *seen = (day, HashSet::new());
        }
        seen.1.insert(mid);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_day_has_visitors_of_its_own() {
        let (visitors, mid) = (DailyLoginCache::default(), Mid::new(7).unwrap());
        let day = |text: &str| text.parse::<Date>().unwrap();
        visitors.insert(mid, day("2026-01-15"));
        assert!(visitors.contains(mid, day("2026-01-15")));
        assert!(!visitors.contains(mid, day("2026-01-16")));
        assert!(!visitors.contains(Mid::new(8).unwrap(), day("2026-01-15")));
    }
}
