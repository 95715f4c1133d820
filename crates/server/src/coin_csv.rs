//! Coin entries as a CSV file, which is written while it is read.

use crate::app::App;
use crate::handlers::account::list_coins::coin_page;
use crate::web::format;
use axum::body::Body;
use axum::response::Response;
use futures_util::stream::try_unfold;
use guanxi_domain::{csv, day};
use guanxi_storage::StorageError;
use guanxi_types::{Mid, TimeCursor};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use std::fmt::Write;
use std::ops::RangeInclusive;

/// The titles of the columns.
pub(crate) const HEADER: &str = "time,change,reason\r\n";

/// The number of entries of a file that are read at once.
const EXPORT_BATCH: usize = 500;

/// The rest of a file.
pub(crate) struct CoinCsv {
    app: App,
    mid: Mid,
    period: RangeInclusive<i64>,
    before: Option<TimeCursor>,
    remaining: usize,
    is_full: bool,
}

impl CoinCsv {
    /// Creates the file of a member's coin entries in a period, newest first, at most `limit` of them.
    pub(crate) fn new(app: &App, mid: Mid, period: RangeInclusive<i64>, limit: usize) -> CoinCsv {
        CoinCsv { app: app.clone(), mid, period, before: None, remaining: limit, is_full: false }
    }

    /// Returns true if the file has as many entries as it may have.
    pub(crate) fn reached_limit(&self) -> bool {
        self.is_full
    }

    /// Sends the file with English titles under a name.
    pub(crate) fn into_response(self, name: &str) -> Response {
        let title = format!("{}{HEADER}", csv::BYTE_ORDER_MARK);
        let body = try_unfold((Some(title), self), async |(title, mut export)| {
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
        if let Ok(name) = HeaderValue::try_from(format!("attachment; filename=\"{name}.csv\"")) {
            headers.insert(CONTENT_DISPOSITION, name);
        }
        response
    }

    /// Returns the next lines, or `None` at the end.
    pub(crate) async fn next_chunk(&mut self) -> Result<Option<String>, StorageError> {
        let CoinCsv { app, mid, period, before, remaining, is_full } = self;
        let limit = EXPORT_BATCH.min(*remaining);
        if limit == 0 {
            return Ok(None);
        }
        let rows = coin_page(app, *mid, period, *before, limit).await?;
        *remaining = if rows.len() < limit { 0 } else { *remaining - rows.len() };
        *is_full = rows.len() == limit && *remaining == 0;
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
