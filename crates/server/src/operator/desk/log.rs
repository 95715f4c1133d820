//! `/log`: what operators did.

use super::seat::{Frame, NAME, OperatorContext};
use crate::operator::audit;
use crate::operator::denied::OperatorError;
use crate::pages::face::cut;
use crate::pages::figures;
use askama::Template;
use axum::response::Response;
use guanxi_api::operator::audit::{Audit, Entry};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "desk/log.html")]
struct Log {
    frame: Frame,
    deeds: Vec<Deed>,
    /// Where the log goes on; nowhere at its end.
    more: Option<u64>,
}

/// What an operator did.
pub struct Deed {
    pub(super) time: String,
    pub(super) by: String,
    pub(super) what: String,
    pub(super) mid: String,
    pub(super) change: String,
}

/// How many stand on a page.
const PAGE: u32 = 100;

/// Shows it.
pub async fn log(desk: Arc<OperatorContext>) -> Result<Response, OperatorError> {
    let before: Option<u64> = desk.asked::<String>("before").and_then(|before| before.parse().ok());
    let list = desk.ask(audit::audit, Audit { before, limit: Some(PAGE) }).await?.list;
    let more = list.last().map(|entry| entry.seq).filter(|seq| *seq > 1 && list.len() == PAGE as usize);
    let frame = desk.frame("操作日志");
    desk.show(&Log { frame, deeds: list.into_iter().map(deed).collect(), more })
}

/// An entry of the log, as it is shown.
pub(super) fn deed(entry: Entry) -> Deed {
    let Entry { time, by, deed, mid, before, after, .. } = entry;
    let change =
        if before.is_null() && after.is_null() { String::new() } else { format!("{before} → {after}") };
    Deed {
        time: figures::minute(time),
        by: cut(&by, NAME),
        what: deed,
        mid: mid.map(|mid| mid.to_string()).unwrap_or_default(),
        change: cut(&change, 300),
    }
}
