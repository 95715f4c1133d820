//! `/find`: redirects to the space of a member, found by mid or full name.

use crate::http::response::ApiError;
use crate::identifiers;
use crate::web::page_context::PageContext;
use crate::web::redirect::redirect;
use axum::response::Response;
use guanxi_storage::Store;
use guanxi_storage::encryption::IdentifierKind;
use guanxi_types::{ErrorCode, Mid};
use std::sync::Arc;

/// Redirects to the member's space. A name of digits only is first looked up as a mid.
pub async fn find(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let text: String = context.query_param("who").unwrap_or_default();
    let text = text.trim();
    let by_mid: Option<Mid> = text.parse().ok();
    let exists = match by_mid {
        Some(mid) => context.app.store.counters(mid).await?.is_some(),
        None => false,
    };
    let found = if exists {
        by_mid
    } else {
        identifiers::find_by_identifier(&context.app, IdentifierKind::Uname, text).await?
    };
    Ok(redirect(&format!("/space/{}", found.ok_or(ErrorCode::MemberNotFound)?), Vec::new()))
}
