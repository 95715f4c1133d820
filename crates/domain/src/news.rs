//! The news of a member: which are stored and for how long, and which are unread.
//!
//! The news of a follow is the follow itself, so that a follow writes nothing else. Other events are stored as items of
//! one bounded list for each member.

use crate::day;
use guanxi_types::{Coins, Mid, TimeCursor};
use serde::{Deserialize, Serialize};

/// The largest number of unread news that is counted. More are shown as "99+".
pub const MAX_COUNTED: usize = 99;

/// The largest number of new followers that a read scans, and that the news of a day count.
pub const MAX_FOLLOWERS: usize = MAX_COUNTED + 1;

/// The number of followers of a day that are named.
pub const SHOWN_FOLLOWERS: usize = 3;

/// The bounds of the stored news of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewsLimits {
    /// The maximum number of items. The oldest ones are deleted.
    pub max_items: usize,
    /// The number of days for which an item is stored.
    pub keep_days: u32,
}

impl Default for NewsLimits {
    fn default() -> NewsLimits {
        NewsLimits { max_items: 100, keep_days: 90 }
    }
}

impl NewsLimits {
    /// Returns the time since which news are shown: the start of the first day that is kept in full.
    pub fn kept_since(self, now: i64) -> i64 {
        day::start_of(day::date_at(day::days_before(now, self.keep_days)))
    }

    /// Returns the second from which an item may be deleted: it is shown on the day in which its last one ends.
    pub fn expires(self, time: i64) -> i64 {
        let last_day = time.saturating_add((i64::from(self.keep_days) + 1) * day::DAY_SECONDS);
        day::start_of(day::date_at(last_day))
    }
}

/// The kind of a stored item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NewsKind {
    /// A bio was approved.
    SignApproved,
    /// A bio was rejected.
    SignRejected,
    /// The real name was verified.
    RealnameVerified,
    /// The real name was rejected.
    RealnameRejected,
    /// A login from a new device or place.
    Login,
    /// A level was reached.
    Level,
    /// An operator gave or took coins.
    Coins,
}

/// A stored item of news.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewsItem {
    /// The number of the item, from 1. Later items have larger numbers.
    pub id: u32,
    /// The time of the event, in seconds.
    pub time: i64,
    /// The kind.
    pub kind: NewsKind,
    /// True if the member marked this item as read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub read: bool,
    /// The bio of a review, or the device of a login.
    #[serde(default, skip_serializing_if = "is_default")]
    pub text: String,
    /// The reason of a rejection or of a change of coins, or the place of a login.
    #[serde(default, skip_serializing_if = "is_default")]
    pub remark: String,
    /// The masked address of a login.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ip: String,
    /// The level reached.
    #[serde(default, skip_serializing_if = "is_default")]
    pub level: u8,
    /// The coins given, negative if taken.
    #[serde(default, skip_serializing_if = "is_default")]
    pub coins: Coins,
    /// The first bytes of the hash of the session that a login opened. The login is no news to that session.
    #[serde(default, skip_serializing_if = "is_default")]
    pub session: u64,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl NewsItem {
    /// Returns an unread item without details. It has no number yet.
    pub fn new(kind: NewsKind, time: i64) -> NewsItem {
        let (text, remark, ip) = (String::new(), String::new(), String::new());
        NewsItem {
            id: 0,
            time,
            kind,
            read: false,
            text,
            remark,
            ip,
            level: 0,
            coins: Coins::ZERO,
            session: 0,
        }
    }

    /// Returns the position of the item among the news.
    pub fn position(&self) -> TimeCursor {
        TimeCursor { time: self.time, number: self.id }
    }

    /// Returns true if the news are unread and shown to the session.
    pub fn is_unread(&self, seen: i64, session: Option<u64>) -> bool {
        !self.read && self.time > seen && !self.is_own_login(session)
    }

    /// Returns true if the item is the login that opened the session.
    pub fn is_own_login(&self, session: Option<u64>) -> bool {
        self.kind == NewsKind::Login && session == Some(self.session)
    }
}

/// Deletes the items whose time is over, and the oldest ones of too many.
pub fn prune(items: &mut Vec<NewsItem>, limits: NewsLimits, now: i64) {
    items.retain(|item| limits.expires(item.time) > now);
    items.drain(..items.len().saturating_sub(limits.max_items));
}

/// Returns the second from which the next of the items may be deleted.
pub fn next_expiry(items: &[NewsItem], limits: NewsLimits) -> Option<i64> {
    items.iter().map(|item| limits.expires(item.time)).min()
}

/// A new follower, as news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewFollower {
    /// The time of the follow, or of the answer to it, in seconds.
    pub time: i64,
    /// True if the member answered the follow, which renewed its time. The member knows of it.
    pub is_answered: bool,
}

/// The followers of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowerDay {
    /// The time of the newest follow, in seconds.
    pub newest: i64,
    /// The number of followers, at most [`MAX_FOLLOWERS`].
    pub count: usize,
    /// The newest followers, newest first.
    pub members: Vec<Mid>,
}

/// Returns the number of unread followers of the day of a time. `newest` are the unread followers, newest first. A scan
/// that ended at [`MAX_FOLLOWERS`] leaves older ones unread.
pub fn unread_of_day(newest: &[NewFollower], seen: i64, time: i64) -> usize {
    let start = day::start_of(day::date_at(time));
    let is_of_day = |follower: &&NewFollower| {
        !follower.is_answered && (start..start + day::DAY_SECONDS).contains(&follower.time)
    };
    let is_unscanned = newest.len() >= MAX_FOLLOWERS && newest.last().is_some_and(|last| time < last.time);
    let counted = newest.iter().filter(is_of_day).count();
    counted.max(usize::from(is_unscanned && time > seen))
}

/// Returns the number of unread news, at most [`MAX_COUNTED`] plus 1.
pub fn count_unread(
    items: &[NewsItem],
    followers: &[NewFollower],
    since: i64,
    session: Option<u64>,
) -> usize {
    let items = items.iter().filter(|item| item.is_unread(since, session)).count();
    let followers = followers.iter().filter(|follower| !follower.is_answered).count();
    (items + followers).min(MAX_COUNTED + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-01-15 12:00:00 in Asia/Shanghai.
    const NOON: i64 = 1_768_449_600;
    const DAY: i64 = day::DAY_SECONDS;
    const LIMITS: NewsLimits = NewsLimits { max_items: 3, keep_days: 2 };

    fn item(id: u32, time: i64) -> NewsItem {
        NewsItem { id, ..NewsItem::new(NewsKind::Level, time) }
    }

    #[test]
    fn items_expire_when_they_are_no_longer_shown() {
        let midnight = NOON - DAY / 2;
        for (time, now, is_kept) in [
            (NOON, NOON, true),
            (NOON, NOON + 2 * DAY, true),
            (NOON, midnight + 3 * DAY - 1, true),
            (NOON, midnight + 3 * DAY, false),
            (midnight, midnight + 3 * DAY - 1, true),
            (midnight - 1, midnight + 2 * DAY, false),
        ] {
            let mut items = vec![item(1, time)];
            prune(&mut items, LIMITS, now);
            assert_eq!(
                (items.len() == 1, time >= LIMITS.kept_since(now)),
                (is_kept, is_kept),
                "{time} {now}"
            );
        }
    }

    #[test]
    fn oldest_items_of_too_many_are_deleted() {
        let mut items: Vec<NewsItem> = (1..=5).map(|id| item(id, NOON)).collect();
        prune(&mut items, LIMITS, NOON);
        assert_eq!(items.iter().map(|item| item.id).collect::<Vec<_>>(), [3, 4, 5]);
        assert_eq!(next_expiry(&items, LIMITS), Some(NOON - DAY / 2 + 3 * DAY));
        assert_eq!(next_expiry(&[], LIMITS), None);
    }

    #[test]
    fn unread_news_are_counted() {
        let own_login = NewsItem { session: 7, ..NewsItem::new(NewsKind::Login, 200) };
        let read = NewsItem { read: true, ..item(2, 200) };
        let follower = |is_answered| NewFollower { time: 200, is_answered };
        // items, followers -> count
        let cases: [(&[NewsItem], &[NewFollower], usize); 7] = [
            (&[], &[], 0),
            (&[item(1, 100)], &[], 0),
            (&[item(1, 101)], &[], 1),
            (&[read], &[], 0),
            (std::slice::from_ref(&own_login), &[], 0),
            (&[NewsItem { session: 8, ..own_login.clone() }], &[], 1),
            (&[item(1, 200)], &[follower(false), follower(true)], 2),
        ];
        for (items, followers, count) in cases {
            assert_eq!(count_unread(items, followers, 100, Some(7)), count, "{items:?} {followers:?}");
        }
        assert_eq!(count_unread(&[item(1, 200)], &[follower(false); 100], 100, None), 100);
    }

    #[test]
    fn unread_followers_of_day_are_counted() {
        let follower = |time| NewFollower { time, is_answered: false };
        let answered = NewFollower { time: NOON, is_answered: true };
        let few = [follower(NOON + 1), follower(NOON), answered, follower(NOON - DAY)];
        for (time, count) in [(NOON, 2), (NOON - DAY, 1), (NOON - 2 * DAY, 0)] {
            assert_eq!(unread_of_day(&few, 0, time), count, "{time}");
        }
        let many = [follower(NOON); MAX_FOLLOWERS];
        let seen = NOON - 2 * DAY;
        for (time, count) in [(NOON, 100), (NOON - DAY, 1), (NOON - 3 * DAY, 0)] {
            assert_eq!(unread_of_day(&many, seen, time), count, "{time}");
        }
    }
}
