//! `/`: overview of review queues, storage and event ingest.

use super::audit_log::{AuditRow, audit_row};
use super::context::{Layout, OperatorContext};
use crate::http::response::ApiError;
use crate::metrics::IngestOutcome;
use crate::operator::list_audit_entries;
use crate::web::format;
use crate::web::language::Language;
use crate::web::text::Key;
use askama::Template;
use axum::response::Response;
use guanxi_api::operator::list_audit_entries::ListAuditEntries;
use guanxi_api::operator::reviews::list_bio_reviews::ListBioReviews;
use guanxi_storage::model::{BioReview, NameReview, Realname};
use guanxi_storage::postgres::RetryCause;
use guanxi_storage::{Engine, Store};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "operator/dashboard.html")]
struct Dashboard {
    layout: Layout,
    is_ready: bool,
    engine: &'static str,
    store: Vec<Statistic>,
    ingest: Vec<Statistic>,
    review_queues: Option<[ReviewQueue; 3]>,
    audit_entries: Option<Vec<AuditRow>>,
}

/// A labelled figure.
struct Statistic {
    label: Key,
    value: String,
    is_error: bool,
    /// True if the figure spans two columns.
    is_wide: bool,
}

impl Statistic {
    fn new(label: Key, value: String) -> Statistic {
        Statistic { label, value, is_error: false, is_wide: false }
    }

    /// Returns a figure that is highlighted unless it is 0.
    fn error_count(label: Key, number: u64) -> Statistic {
        Statistic { is_error: number > 0, ..Statistic::new(label, format::format_count(number)) }
    }
}

/// A review queue: its length and oldest entry.
struct ReviewQueue {
    label: Key,
    number: String,
    since: String,
    path: &'static str,
}

/// Most entries that are counted in a queue.
const COUNT_LIMIT: usize = 1000;

/// Shows the page.
pub async fn dashboard(context: Arc<OperatorContext>) -> Result<Response, ApiError> {
    let is_ready = context.app.readiness.probe(&context.app.store).await.is_ok();
    let t = context.language();
    let (engine, store) = store_statistics(&context.app.store, t);
    let review_queues =
        if context.is_allowed::<ListBioReviews>() { Some(review_queues(&context).await?) } else { None };
    let audit_entries = if context.is_allowed::<ListAuditEntries>() {
        let entries = context
            .call_api(
                list_audit_entries::list_audit_entries,
                ListAuditEntries { before: None, limit: Some(8) },
            )
            .await?
            .list;
        Some(entries.into_iter().map(|entry| audit_row(entry, t)).collect())
    } else {
        None
    };
    let layout = context.layout(t.text("overview"));
    context.render(&Dashboard {
        layout,
        is_ready,
        engine,
        store,
        ingest: ingest_statistics(&context),
        review_queues,
        audit_entries,
    })
}

/// Returns the name of the storage engine, and its figures.
fn store_statistics(store: &Engine, language: Language) -> (&'static str, Vec<Statistic>) {
    let count = |label, number: u64| Statistic::new(label, format::format_count(number));
    match store {
        Engine::Embedded(embedded) => {
            let metrics = embedded.metrics();
            let size = embedded
                .disk_size()
                .map_or_else(|_| language.text("unknown").to_string(), format::format_bytes);
            let statistics = vec![
                count(Key("answered-writes"), metrics.commands),
                count(Key("durable-commits"), metrics.commits),
                Statistic::error_count(Key("failed-commits"), metrics.failed_commits),
                count(Key("queued-writes"), metrics.queued as u64),
                Statistic { is_wide: true, ..Statistic::new(Key("data-file"), size) },
            ];
            ("LMDB", statistics)
        }
        Engine::Postgres(database) => {
            let metrics = database.metrics();
            let statistics = vec![
                count(Key("answered-writes"), metrics.completed),
                count(Key("durable-commits"), metrics.transactions.count()),
                Statistic::error_count(Key("failed-writes"), metrics.failed),
                count(Key("conflict-retries"), metrics.retries(RetryCause::Conflict)),
                count(Key("open-connections"), metrics.open_connections as u64),
                count(Key("waiting-for-connection"), metrics.waiting_requests as u64),
            ];
            ("PostgreSQL", statistics)
        }
    }
}

fn ingest_statistics(context: &OperatorContext) -> Vec<Statistic> {
    let metrics = &context.app.metrics;
    let count = |label, outcome| Statistic::new(label, format::format_count(metrics.event_count(outcome)));
    let last = match metrics.last_event_time() {
        0 => context.language().text("none-since-start").to_string(),
        last => context.language().minute(last),
    };
    vec![
        Statistic { is_wide: true, ..Statistic::new(Key("latest-event"), last) },
        count(Key("events-applied"), IngestOutcome::Applied),
        count(Key("events-repeated"), IngestOutcome::Duplicate),
        Statistic::error_count(Key("events-rejected"), metrics.event_count(IngestOutcome::Rejected)),
    ]
}

/// Returns the review queues. Counting decrypts no names and cards.
async fn review_queues(context: &OperatorContext) -> Result<[ReviewQueue; 3], ApiError> {
    let store = &context.app.store;
    let bios: Vec<BioReview> = store.pending_reviews(0, COUNT_LIMIT).await?;
    let names: Vec<NameReview> = store.pending_reviews(0, COUNT_LIMIT).await?;
    let realnames: Vec<Realname> = store.pending_reviews(0, COUNT_LIMIT).await?;
    // Entries with a due time are approved by the scheduler and need no moderator.
    let bio_times: Vec<i64> = bios.iter().filter(|bio| bio.due.is_none()).map(|bio| bio.submitted).collect();
    let name_times: Vec<i64> = names.iter().map(|name| name.submitted).collect();
    let realname_times: Vec<i64> = realnames.iter().map(|realname| realname.submitted).collect();
    let t = context.language();
    let queue = |label, times: &[i64], path| ReviewQueue {
        label,
        number: if times.len() >= COUNT_LIMIT {
            t.text("or-more").with("count", COUNT_LIMIT).to_string()
        } else {
            times.len().to_string()
        },
        since: times.first().map(|first| t.minute(*first)).unwrap_or_default(),
        path,
    };
    Ok([
        queue(Key("field-sign"), &bio_times, "/reviews#signs"),
        queue(Key("field-uname"), &name_times, "/reviews#names"),
        queue(Key("realname"), &realname_times, "/reviews#realnames"),
    ])
}
