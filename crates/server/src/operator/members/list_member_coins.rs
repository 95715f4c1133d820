//! `GET /operator/member/coins`: the coin ledger of a member.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::handlers::account::list_coins::coin_page;
use crate::http::response::ApiError;
use crate::operator::parse_limit;
use guanxi_api::operator::members::list_member_coins::{Data, Entry, ListMemberCoins};
use guanxi_storage::Store;
use guanxi_types::ErrorCode;
use std::ops::RangeInclusive;

/// The period of the whole ledger.
pub(crate) const ALL_TIMES: RangeInclusive<i64> = 0..=i64::MAX;

/// Returns a page of a member's ledger, newest first.
pub async fn list_member_coins(
    app: App,
    ApiRequest { params, .. }: ApiRequest<ListMemberCoins>,
) -> Result<Data, ApiError> {
    let ListMemberCoins { mid, before, limit } = params;
    let limit = parse_limit(limit)?;
    let coins = app.store.counters(mid).await?.ok_or(ErrorCode::MemberNotFound)?.coins;
    let mut rows = coin_page(&app, mid, &ALL_TIMES, before, limit + 1).await?;
    let next = rows.get(limit - 1).filter(|_| rows.len() > limit).map(|(id, _)| *id);
    rows.truncate(limit);
    let list =
        rows.into_iter().map(|(_, row)| Entry { time: row.time, delta: row.delta, reason: row.reason });
    Ok(Data { coins, list: list.collect(), next })
}
