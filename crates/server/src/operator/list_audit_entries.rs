//! `GET /operator/audit`: the audit log of operators' writes.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use crate::operator::parse_limit;
use guanxi_api::operator::list_audit_entries::{Data, Entry, ListAuditEntries};
use guanxi_storage::Store;

/// Returns the audit log, newest first.
pub async fn list_audit_entries(
    app: App,
    ApiRequest { params, .. }: ApiRequest<ListAuditEntries>,
) -> Result<Data, ApiError> {
    let rows = app.store.audit_log(params.before, parse_limit(params.limit)?).await?;
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
