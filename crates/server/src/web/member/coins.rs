//! `/coins`: coin balance and log of a month. `/coins.csv`: the month as a file.

use crate::coin_csv::CoinCsv;
use crate::handlers;
use crate::handlers::account::list_coins::list_coins;
use crate::http::response::ApiError;
use crate::web::avatar::truncate_graphemes;
use crate::web::chart::Chart;
use crate::web::format;
use crate::web::language::Language;
use crate::web::layout::{Layout, NavSection};
use crate::web::months::Months;
use crate::web::page_context::PageContext;
use askama::Template;
use axum::response::Response;
use guanxi_api::account::get_coin_log::GetCoinLog;
use guanxi_api::account::list_coins::{self, ListCoins};
use guanxi_api::profile::get_space::GetSpace;
use guanxi_domain::day;
use guanxi_types::{PageSize, TimeCursor};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "member/coins.html")]
struct Coins {
    layout: Layout,
    balance: String,
    chart: Chart,
    months: Months,
    entries: Vec<Entry>,
    is_first: bool,
    next: Option<TimeCursor>,
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
    let week = context.call_api(handlers::account::get_coin_log::get_coin_log, GetCoinLog {}).await?;
    let space = context.call_api(handlers::profile::get_space::get_space, GetSpace { mid }).await?;
    let months = Months::new(&context, mid, "/coins").await?;
    let before = context.query_param::<TimeCursor>("before");
    let request = ListCoins { month: Some(months.month), before, ps: PageSize::MAX };
    let page = context.call_api(list_coins, request).await?;
    context.render(&Coins {
        layout: context.layout(t.text("coin-history"), NavSection::Account).await?,
        balance: format::format_coins(space.coins),
        chart: Chart::new(t, context.now, week.list.iter().map(|entry| (&entry.time[..10], entry.delta))),
        months,
        entries: page.list.into_iter().map(|row| entry(row, t)).collect(),
        is_first: before.is_none(),
        next: page.next,
    })
}

fn entry(list_coins::Entry { time, delta, reason, .. }: list_coins::Entry, language: Language) -> Entry {
    let is_expense = delta.tenths() < 0;
    Entry {
        time: language.minute_of(&time),
        delta: format::format_delta(delta),
        is_expense,
        reason: truncate_graphemes(&language.coin_reason(reason), 100),
    }
}

/// Sends the coin entries of a month as a CSV file with English titles, newest first.
pub async fn export(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let mid = context.require_login()?;
    let month = Months::new(&context, mid, "/coins").await?.month;
    let seconds = day::seconds_of(month);
    let period = *seconds.start()..=context.now.min(*seconds.end());
    let export = CoinCsv::new(&context.app, mid, period, context.app.limits.coin_export);
    Ok(export.into_response(&format!("coins-{month}")))
}
