//! `GET /passport/coins/log`: the caller's coin log by month.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::account::list_coins::{Data, Entry, ListCoins};
use guanxi_domain::day;
use guanxi_storage::model::CoinRow;
use guanxi_storage::store::LogWindow;
use guanxi_storage::{StorageError, Store};
use guanxi_types::{Mid, TimeCursor};
use std::ops::RangeInclusive;

/// Returns a page of the caller's coin entries of a month.
pub async fn list_coins(
    app: App,
    ApiRequest { caller: me, params, now, .. }: ApiRequest<ListCoins>,
) -> Result<Data, ApiError> {
    let ListCoins { month, before, ps } = params;
    let month = month.unwrap_or(day::month_at(now));
    let period = *day::seconds_of(month).start()..=now.min(*day::seconds_of(month).end());
    let mut rows = coin_page(&app, me, &period, before, ps.get() + 1).await?;
    let next = rows.get(ps.get() - 1).filter(|_| rows.len() > ps.get()).map(|(id, _)| *id);
    rows.truncate(ps.get());
    let entry =
        |(id, CoinRow { time, delta, reason, .. })| Entry { id, time: day::format_time(time), delta, reason };
    Ok(Data { month, list: rows.into_iter().map(entry).collect(), next })
}

/// Returns up to `limit` coin entries of a period before a position, newest first, with their positions.
pub(crate) async fn coin_page(
    app: &App,
    me: Mid,
    period: &RangeInclusive<i64>,
    before: Option<TimeCursor>,
    limit: usize,
) -> Result<Vec<(TimeCursor, CoinRow)>, StorageError> {
    let (since, end) = (*period.start(), *period.end());
    // The entries of the cursor's second are skipped up to its own.
    let (until, skip) = match before {
        Some(TimeCursor { time, number }) if time <= end => (time, number as usize + 1),
        _ => (end, 0),
    };
    if until < since {
        return Ok(Vec::new());
    }
    let rows = app.store.coin_window(me, LogWindow { since, until, skip, limit }).await?;
    let mut last: Option<TimeCursor> = before.filter(|_| skip > 0);
    let positions = rows.into_iter().map(|row| {
        let is_same_second = last.is_some_and(|last| last.time == row.time);
        let number = if is_same_second { last.map_or(0, |last| last.number.saturating_add(1)) } else { 0 };
        let position = TimeCursor { time: row.time, number };
        last = Some(position);
        (position, row)
    });
    Ok(positions.collect())
}
