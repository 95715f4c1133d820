//! `GET /operator/audit`: what operators did.

use super::denied::OperatorError;
use super::duty::{self, OperatorRequest};
use crate::app::App;
use guanxi_api::operator::audit::{Audit, Data, Entry};
use guanxi_storage::Store;

/// Tells the log, the newest first.
pub async fn audit(
    app: App,
    OperatorRequest { req, .. }: OperatorRequest<Audit>,
) -> Result<Data, OperatorError> {
    let rows = app.store.audit(req.before, duty::limit(req.limit)?).await?;
    let json = |text: &str| serde_json::from_str(text).unwrap_or_default();
    let list = rows.into_iter().map(|row| Entry {
        seq: row.seq,
        time: row.time,
        by: row.by,
        deed: row.deed,
        mid: row.mid,
        before: json(&row.before),
        after: json(&row.after),
    });
    Ok(Data { list: list.collect() })
}
