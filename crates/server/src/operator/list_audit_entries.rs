//! `GET /operator/audit`: the audit log of operators' writes.

use crate::app::App;
use crate::operator::error::OperatorError;
use crate::operator::request::{self, OperatorRequest};
use guanxi_api::operator::list_audit_entries::{Data, Entry, ListAuditEntries};
use guanxi_storage::Store;

/// Returns the audit log, newest first.
pub async fn list_audit_entries(
    app: App,
    OperatorRequest { params, .. }: OperatorRequest<ListAuditEntries>,
) -> Result<Data, OperatorError> {
    let rows = app.store.audit_log(params.before, request::parse_limit(params.limit)?).await?;
    let parse = |text: &str| serde_json::from_str(text).unwrap_or_default();
    let list = rows.into_iter().map(|row| Entry {
        seq: row.seq,
        time: row.time,
        by: row.operator,
        action: row.action,
        mid: row.mid,
        before: parse(&row.before),
        after: parse(&row.after),
    });
    Ok(Data { list: list.collect() })
}
