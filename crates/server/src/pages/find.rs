//! `/find`: leads to the space of whom one names, by mid or by their whole name.

use super::act::see;
use super::visit::PageContext;
use crate::answer::ApiError;
use axum::response::Response;
use guanxi_storage::Store;
use guanxi_storage::vault::IdentifierKind;
use guanxi_types::{ErrorCode, Mid};
use std::sync::Arc;

/// Leads there. A name that is all digits is a mid first.
pub async fn find(visit: Arc<PageContext>) -> Result<Response, ApiError> {
    let who: String = visit.asked("who").unwrap_or_default();
    let who = who.trim();
    let by_mid: Option<Mid> = who.parse().ok();
    let is_there = match by_mid {
        Some(mid) => visit.app.store.stat(mid).await?.is_some(),
        None => false,
    };
    let found = if is_there { by_mid } else { visit.app.find(IdentifierKind::Uname, who).await? };
    Ok(see(&format!("/space/{}", found.ok_or(ErrorCode::NoMember)?), Vec::new()))
}
