//! The news of a member.

use super::sql_row::{Column, SqlRow, SqlType, SqlValue, SqlValues, corrupted_row, impl_single_column};
use super::{entity, stored_struct};
use crate::StorageError;
use guanxi_domain::news::{self, NewsItem, NewsLimits};
use guanxi_types::Mid;

stored_struct! {
    /// The news of a member, except for followers: their relations are the news.
    NewsRow(/** The member. */ mid: Mid) {
        /// The time up to which the member has read their news, in seconds. 0 for never.
        seen: i64,
        /// The time up to which the member has read the news of followers, if that is later.
        followers_seen: i64,
        /// The number of the last item.
        last_id: u32,
        /// The second from which the next item may be deleted. `None` without items.
        expires: Option<i64>,
        /// The items, in ascending order of their numbers.
        items: Vec<NewsItem>,
    }
}
entity!(NewsRow in News by mid: Mid, run_at: |row| row.expires);

impl NewsRow {
    /// Adds an item, and deletes those that are over or too many.
    pub(crate) fn add(&mut self, item: NewsItem, limits: NewsLimits) {
        self.last_id = self.last_id.saturating_add(1);
        let now = item.time;
        self.items.push(NewsItem { id: self.last_id, ..item });
        self.prune(limits, now);
    }

    /// Deletes the items that are over or too many.
    pub(crate) fn prune(&mut self, limits: NewsLimits, now: i64) {
        news::prune(&mut self.items, limits, now);
        self.expires = news::next_expiry(&self.items, limits);
    }

    /// Returns true if the row has no news, and no time up to which they are read.
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty() && self.seen == 0 && self.followers_seen == 0
    }
}

impl_single_column!(
    Vec<NewsItem>,
    Text,
    |items| SqlValue::Text(serde_json::to_string(items).unwrap_or_default()),
    |value| { if let SqlValue::Text(json) = value { serde_json::from_str(&json).ok() } else { None } }
);
