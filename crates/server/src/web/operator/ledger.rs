//! `/member/coins`: the coin ledger of a member. `/member/coins.csv`: all of it as a file.

use super::context::{Layout, OperatorContext};
use crate::coin_csv::CoinCsv;
use crate::http::response::ApiError;
use crate::operator::members::list_member_coins::{ALL_TIMES, list_member_coins};
use crate::web::avatar::{NAME_MAX_GRAPHEMES, truncate_graphemes};
use crate::web::format;
use askama::Template;
use axum::response::Response;
use guanxi_api::operator::members::list_member_coins::{Entry, ListMemberCoins};
use guanxi_storage::Store;
use guanxi_storage::model::Card;
use guanxi_types::{ErrorCode, Mid, TimeCursor};
use std::sync::Arc;

/// Entries per page.
const PAGE_SIZE: u32 = 50;

#[derive(Template)]
#[template(path = "operator/ledger.html")]
struct Ledger {
    layout: Layout,
    mid: Mid,
    uname: String,
    balance: String,
    entries: Vec<LedgerRow>,
    is_first: bool,
    next: Option<TimeCursor>,
}

struct LedgerRow {
    time: String,
    delta: String,
    is_expense: bool,
    reason: String,
}

/// Shows the page.
pub async fn ledger(context: Arc<OperatorContext>) -> Result<Response, ApiError> {
    let (mid, t) = (query_mid(&context)?, context.language());
    let before: Option<TimeCursor> =
        context.query_param::<String>("before").and_then(|before| before.parse().ok());
    let request = ListMemberCoins { mid, before, limit: Some(PAGE_SIZE) };
    let page = context.call_api(list_member_coins, request).await?;
    let card: Card = context.app.store.get(mid).await?.unwrap_or(Card::new(mid));
    let row = |Entry { time, delta, reason }: Entry| LedgerRow {
        time: t.minute(time),
        is_expense: delta.tenths() < 0,
        delta: format::format_delta(delta),
        reason: truncate_graphemes(&t.coin_reason(reason), 100),
    };
    context.render(&Ledger {
        layout: context.layout(t.text("coin-ledger")),
        mid,
        uname: truncate_graphemes(&card.uname, NAME_MAX_GRAPHEMES),
        balance: format::format_coins(page.coins),
        entries: page.list.into_iter().map(row).collect(),
        is_first: before.is_none(),
        next: page.next,
    })
}

/// Sends all coin entries of a member as a CSV file, newest first.
pub async fn export(context: Arc<OperatorContext>) -> Result<Response, ApiError> {
    let mid = query_mid(&context)?;
    // The role and the member are checked before the file begins.
    let request = ListMemberCoins { mid, before: None, limit: Some(1) };
    context.call_api(list_member_coins, request).await?;
    let export = CoinCsv::new(&context.app, mid, ALL_TIMES, usize::MAX);
    Ok(export.into_response(&format!("coins-of-{mid}")))
}

/// Returns the member of the page.
fn query_mid(context: &OperatorContext) -> Result<Mid, ApiError> {
    Ok(context.query_param("mid").ok_or(ErrorCode::MemberNotFound)?)
}
