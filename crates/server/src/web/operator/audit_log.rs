//! `/log`: audit log of operators' actions.

use super::context::{Layout, NAME_MAX_GRAPHEMES, OperatorContext};
use crate::http::response::ApiError;
use crate::operator::list_audit_entries;
use crate::web::avatar::truncate_graphemes;
use crate::web::language::Language;
use askama::Template;
use axum::response::Response;
use guanxi_api::operator::list_audit_entries::{Entry, ListAuditEntries};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "operator/audit_log.html")]
struct AuditLog {
    layout: Layout,
    entries: Vec<AuditRow>,
    /// Parameter `before` of the next page; `None` on the last.
    next_before: Option<u64>,
}

/// An audit entry for display.
pub struct AuditRow {
    pub(super) time: String,
    pub(super) by: String,
    pub(super) action: String,
    pub(super) mid: String,
    pub(super) change: String,
}

/// Entries per page.
const PAGE_SIZE: u32 = 100;

/// Shows the page.
pub async fn audit_log(context: Arc<OperatorContext>) -> Result<Response, ApiError> {
    let before: Option<u64> = context.query_param::<String>("before").and_then(|before| before.parse().ok());
    let list = context
        .call_api(list_audit_entries::list_audit_entries, ListAuditEntries { before, limit: Some(PAGE_SIZE) })
        .await?
        .list;
    let next_before =
        list.last().map(|entry| entry.seq).filter(|seq| *seq > 1 && list.len() == PAGE_SIZE as usize);
    let t = context.language();
    context.render(&AuditLog {
        layout: context.layout(t.text("audit-log")),
        entries: list.into_iter().map(|entry| audit_row(entry, t)).collect(),
        next_before,
    })
}

/// Formats an audit entry.
pub(super) fn audit_row(entry: Entry, language: Language) -> AuditRow {
    let Entry { time, by, action, mid, before, after, .. } = entry;
    let change =
        if before.is_null() && after.is_null() { String::new() } else { format!("{before} → {after}") };
    AuditRow {
        time: language.minute(time),
        by: truncate_graphemes(&by, NAME_MAX_GRAPHEMES),
        action,
        mid: mid.map(|mid| mid.to_string()).unwrap_or_default(),
        change: truncate_graphemes(&change, 300),
    }
}
