//! `GET /x/member/web/coin/log`: where one's coins went.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::member::web::coin::log::{CoinLog, Data, Entry};
use guanxi_domain::day;
use guanxi_storage::Store;
use guanxi_storage::row::CoinRow;

/// How many days of coins are shown (D28).
const DAYS: u32 = 7;

/// Tells the last days of one's coins.
pub async fn log(app: App, ApiRequest { who: me, now, .. }: ApiRequest<CoinLog>) -> Result<Data, ApiError> {
    let rows = app.store.coins(me, day::days_before(now, DAYS), app.limits.log).await?;
    let list: Vec<Entry> = rows.into_iter().filter(|row| row.time <= now).map(entry).collect();
    Ok(Data { count: list.len(), list })
}

fn entry(row: CoinRow) -> Entry {
    Entry { time: day::time_at(row.time), delta: row.delta, reason: row.reason }
}
