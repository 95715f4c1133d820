//! `/coins`: coin balance and log of a month. `/coins.csv`: the month as a file.

use crate::app::App;
use crate::handlers;
use crate::handlers::account::list_coins::{coin_page, list_coins};
use crate::http::response::ApiError;
use crate::web::avatar::truncate_graphemes;
use crate::web::chart::Chart;
use crate::web::format;
use crate::web::language::Language;
use crate::web::layout::{Layout, NavSection};
use crate::web::months::Months;
use crate::web::page_context::PageContext;
use askama::Template;
use axum::body::Body;
use axum::response::Response;
use futures_util::stream::try_unfold;
use guanxi_api::account::get_coin_log::GetCoinLog;
use guanxi_api::account::list_coins::{self, ListCoins};
use guanxi_api::profile::get_space::GetSpace;
use guanxi_domain::{csv, day};
use guanxi_storage::StorageError;
use guanxi_types::{Mid, Month, PageSize, TimeCursor};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use std::fmt::Write;
use std::sync::Arc;

/// The number of entries of a file that are read at once.
const EXPORT_BATCH: usize = 500;

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
    let export = CoinExport {
        app: context.app.clone(),
        me: mid,
        month,
        now: context.now,
        before: None,
        remaining: context.app.limits.coin_export,
    };
    let title = format!("{}time,change,reason\r\n", csv::BYTE_ORDER_MARK);
    let body = try_unfold((Some(title), export), async |(title, mut export)| {
        let chunk = match title {
            Some(title) => Some(title),
            None => export.next_chunk().await?,
        };
        Ok::<_, StorageError>(chunk.map(|chunk| (chunk, (None, export))))
    });
    let mut response = Response::new(Body::from_stream(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    let name = format!("attachment; filename=\"coins-{month}.csv\"");
    if let Ok(name) = HeaderValue::try_from(name) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// The rest of a file.
struct CoinExport {
    app: App,
    me: Mid,
    month: Month,
    now: i64,
    before: Option<TimeCursor>,
    remaining: usize,
}

impl CoinExport {
    /// Returns the next lines, or `None` at the end.
    async fn next_chunk(&mut self) -> Result<Option<String>, StorageError> {
        let CoinExport { app, me, month, now, before, remaining } = self;
        let limit = EXPORT_BATCH.min(*remaining);
        if limit == 0 {
            return Ok(None);
        }
        let rows = coin_page(app, *me, *month, *before, *now, limit).await?;
        *remaining = if rows.len() < limit { 0 } else { *remaining - rows.len() };
        let mut lines = String::new();
        for (id, row) in rows {
            *before = Some(id);
            let (time, delta) = (day::format_time(row.time), format::format_coins(row.delta));
            // A write to a string never fails.
            let _ = write!(lines, "{time},{delta},{}\r\n", csv::text_field(&row.reason));
        }
        Ok((!lines.is_empty()).then_some(lines))
    }
}
