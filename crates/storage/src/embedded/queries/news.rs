//! The reads of news: stored items, new followers by day, and the logs by month.

use super::super::counted_btree::{CountedBTree, EntryKey};
use super::super::encoding::{self, Table};
use super::Queries;
use crate::StorageError;
use crate::counters::clamp_secs;
use crate::key::Key;
use crate::model::{CoinRow, Entity, NewsRow, RewardRow};
use crate::store::{LogWindow, News};
use guanxi_domain::day;
use guanxi_domain::news::{FollowerDay, MAX_FOLLOWERS, NewFollower, SHOWN_FOLLOWERS};
use guanxi_domain::relation::Relation;
use guanxi_types::{Mid, Order};
use jiff::civil::Date;
use std::ops::{Bound, RangeInclusive};

/// Returns the least key of a second.
fn first_key(time: i64) -> EntryKey {
    (clamp_secs(time), 0, 0)
}

impl Queries<'_> {
    pub(in super::super) fn news(&self, mid: Mid, since: i64) -> Result<News, StorageError> {
        let row = self.get::<NewsRow>(mid)?.unwrap_or(NewsRow::new(mid));
        let seen = row.seen.max(row.followers_seen).max(since);
        let list = encoding::followers_key(mid);
        let list = CountedBTree(&list);
        let end = list.len(&self.0)? as usize;
        let start = list.rank(&self.0, first_key(seen.saturating_add(1)))?;
        let mut keys = list.range_by_rank(&self.0, start.max(end.saturating_sub(MAX_FOLLOWERS))..end)?;
        keys.reverse();
        let followers = keys.into_iter().map(|key| {
            let (time, seq, _) = key;
            let relation = self.relation(mid, encoding::key_mid(key)?)?;
            let answer = relation.filter(Relation::is_follow);
            let is_answered =
                answer.is_some_and(|answer| (clamp_secs(answer.mtime), answer.seq) > (time, seq));
            Ok(NewFollower { time: time.into(), is_answered })
        });
        Ok(News { followers: followers.collect::<Result<_, StorageError>>()?, row })
    }

    pub(in super::super) fn follower_days(
        &self,
        mid: Mid,
        days: RangeInclusive<Date>,
        limit: usize,
    ) -> Result<Vec<FollowerDay>, StorageError> {
        let list = encoding::followers_key(mid);
        let list = CountedBTree(&list);
        let (first, last) = days.into_inner();
        let (since, until) = (day::start_of(first), day::start_of(last).saturating_add(day::DAY_SECONDS));
        let (mut end, mut found) = (list.rank(&self.0, first_key(until))?, Vec::new());
        while found.len() < limit && end > 0 {
            let Some(&(newest, ..)) = list.range_by_rank(&self.0, end - 1..end)?.first() else { break };
            let newest = i64::from(newest);
            if newest < since {
                break;
            }
            let start = list.rank(&self.0, first_key(day::start_of(day::date_at(newest))))?;
            let count = (end - start).min(MAX_FOLLOWERS);
            let shown = list.range_by_rank(&self.0, end - count.min(SHOWN_FOLLOWERS)..end)?;
            let members = shown.into_iter().rev().map(encoding::key_mid).collect::<Result<_, _>>()?;
            found.push(FollowerDay { newest, count, members });
            end = start;
        }
        Ok(found)
    }

    pub(in super::super) fn coin_window(
        &self,
        mid: Mid,
        window: LogWindow,
    ) -> Result<Vec<CoinRow>, StorageError> {
        let LogWindow { since, until, skip, limit } = window;
        let from = (mid, clamp_secs(since)).bytes();
        let end = (mid, clamp_secs(until)).bytes();
        let end = end.iter().copied().chain([u8::MAX; 5]).collect::<Vec<u8>>();
        let bounds = (Bound::Included(from.as_slice()), Bound::Included(end.as_slice()));
        let rows = self.0.range(Table::Coin, bounds, Order::Desc)?.skip(skip).take(limit);
        rows.map(|row| encoding::decode("a log", row?.1)).collect()
    }

    pub(in super::super) fn rewards(
        &self,
        mid: Mid,
        days: RangeInclusive<Date>,
    ) -> Result<Vec<RewardRow>, StorageError> {
        let (first, last) = ((mid, *days.start()).bytes(), (mid, *days.end()).bytes());
        let bounds = (Bound::Included(first.as_slice()), Bound::Included(last.as_slice()));
        let rows = self.0.range(Table::Rows(RewardRow::TABLE), bounds, Order::Desc)?;
        rows.map(|row| encoding::decode(RewardRow::TABLE.name(), row?.1)).collect()
    }
}
