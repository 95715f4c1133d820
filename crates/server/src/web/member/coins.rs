//! `/coins`: coin balance and log.

use crate::handlers;
use crate::http::response::ApiError;
use crate::web::avatar::truncate_graphemes;
use crate::web::chart::Chart;
use crate::web::format;
use crate::web::language::Language;
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::PageContext;
use askama::Template;
use axum::response::Response;
use guanxi_api::account::get_coin_log::{self, GetCoinLog};
use guanxi_api::profile::get_space::GetSpace;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "member/coins.html")]
struct Coins {
    layout: Layout,
    balance: String,
    chart: Chart,
    entries: Vec<Entry>,
}

struct Entry {
    time: String,
    delta: String,
    is_expense: bool,
    reason: String,
}

/// Shows the page.
pub async fn coins(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let (mid, t) = (context.require_login()?, context.language());
    let log = context.call_api(handlers::account::get_coin_log::get_coin_log, GetCoinLog {}).await?;
    let space = context.call_api(handlers::profile::get_space::get_space, GetSpace { mid }).await?;
    context.render(&Coins {
        layout: context.layout(t.text("coin-history"), NavSection::Account).await?,
        balance: format::format_coins(space.coins),
        chart: Chart::new(t, context.now, log.list.iter().map(|entry| (&entry.time[..10], entry.delta))),
        entries: log.list.into_iter().map(|row| entry(row, t)).collect(),
    })
}

fn entry(get_coin_log::Entry { time, delta, reason }: get_coin_log::Entry, language: Language) -> Entry {
    let is_expense = delta.tenths() < 0;
    Entry {
        time: language.minute_of(&time),
        delta: format::format_delta(delta),
        is_expense,
        reason: truncate_graphemes(&language.coin_reason(reason), 100),
    }
}
