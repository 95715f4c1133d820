//! `GET /x/member/web/coin/log`: the latest coin entries of the caller.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::account::get_coin_log::{Data, Entry, GetCoinLog};
use guanxi_domain::day;
use guanxi_storage::Store;
use guanxi_storage::model::CoinRow;

/// The number of days shown (D28).
const LOG_DAYS: u32 = 7;

/// Returns the caller's coin entries of the last days.
pub async fn get_coin_log(
    app: App,
    ApiRequest { caller: me, now, .. }: ApiRequest<GetCoinLog>,
) -> Result<Data, ApiError> {
    let rows = app.store.coin_log(me, day::days_before(now, LOG_DAYS), app.limits.log_entries).await?;
    let list: Vec<Entry> = rows.into_iter().filter(|row| row.time <= now).map(entry).collect();
    Ok(Data { count: list.len(), list })
}

fn entry(row: CoinRow) -> Entry {
    Entry { time: day::format_time(row.time), delta: row.delta, reason: row.reason }
}
