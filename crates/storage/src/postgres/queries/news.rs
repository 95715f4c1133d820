//! The reads of news: stored items, new followers by day, and the logs by month.

use super::Queries;
use crate::StorageError;
use crate::model::{CoinRow, NewsRow, RewardRow, SqlRow, SqlValue};
use crate::postgres::sql::news;
use crate::postgres::transaction::limit_value;
use crate::store::{LogWindow, News};
use guanxi_domain::day;
use guanxi_domain::news::{FollowerDay, MAX_FOLLOWERS, NewFollower};
use guanxi_types::Mid;
use jiff::civil::Date;
use std::ops::RangeInclusive;

fn mid_value(mid: Mid) -> SqlValue {
    SqlValue::Int(mid.get().cast_signed())
}

impl Queries<'_> {
    pub(in super::super) async fn news(&self, mid: Mid, since: i64) -> Result<News, StorageError> {
        let params = vec![mid_value(mid), SqlValue::Int(since), limit_value(MAX_FOLLOWERS)];
        let Some(mut row) = self.one(&news::NEWS, params).await? else {
            return Ok(News { row: NewsRow::new(mid), followers: Vec::new() });
        };
        let stored = Option::<NewsRow>::read_values(&mut row)?.unwrap_or(NewsRow::new(mid));
        let times = Option::<Vec<i64>>::read_values(&mut row)?.unwrap_or_default();
        let answered = Option::<Vec<i64>>::read_values(&mut row)?.unwrap_or_default();
        let follower = |(time, answered)| NewFollower { time, is_answered: answered == 1 };
        Ok(News { row: stored, followers: times.into_iter().zip(answered).map(follower).collect() })
    }

    pub(in super::super) async fn follower_days(
        &self,
        mid: Mid,
        days: &RangeInclusive<Date>,
        limit: usize,
    ) -> Result<Vec<FollowerDay>, StorageError> {
        let start = |day: Date| SqlValue::Int(day::start_of(day));
        let (first, last) = (start(*days.start()), start(*days.end()));
        let params = vec![mid_value(mid), last, first, limit_value(MAX_FOLLOWERS), limit_value(limit)];
        let rows = self.connection.query(&news::FOLLOWER_DAYS, params).await?;
        let days = rows.into_iter().map(|mut row| {
            let (newest, count) = (i64::read_values(&mut row)?, u32::read_values(&mut row)? as usize);
            let fids = Vec::<i64>::read_values(&mut row)?.into_iter();
            let members = fids.filter_map(|fid| Mid::new(fid.cast_unsigned())).collect();
            Ok(FollowerDay { newest, count, members })
        });
        days.collect()
    }

    pub(in super::super) async fn coin_window(
        &self,
        mid: Mid,
        window: LogWindow,
    ) -> Result<Vec<CoinRow>, StorageError> {
        let LogWindow { since, until, skip, limit } = window;
        let (since, until) = (SqlValue::Int(since), SqlValue::Int(until));
        let params = vec![mid_value(mid), since, until, limit_value(skip), limit_value(limit)];
        self.many(&news::COIN_WINDOW, params).await
    }

    pub(in super::super) async fn rewards(
        &self,
        mid: Mid,
        days: &RangeInclusive<Date>,
    ) -> Result<Vec<RewardRow>, StorageError> {
        let params = vec![mid_value(mid), SqlValue::Day(*days.start()), SqlValue::Day(*days.end())];
        self.many(&news::REWARDS, params).await
    }
}
