//! `/find`: redirects to the space of a member, found by mid or full name.

use crate::http::response::ApiError;
use crate::identifiers;
use crate::web::avatar::truncate_graphemes;
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::{PageContext, html_response};
use crate::web::redirect::redirect;
use askama::Template;
use axum::response::Response;
use guanxi_storage::Store;
use guanxi_storage::encryption::IdentifierKind;
use guanxi_types::Mid;
use http::StatusCode;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "member/find.html")]
struct Find {
    layout: Layout,
    /// Text that no member was found by; empty if none was typed.
    who: String,
}

/// Displayed length of the text: the longest mid or name, and some more.
const WHO_MAX_GRAPHEMES: usize = 40;

/// Redirects to the member's space, or shows the form again. A name of digits only is first looked up as a mid.
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
    if let Some(mid) = found {
        return Ok(redirect(&format!("/space/{mid}"), Vec::new()));
    }
    let who = truncate_graphemes(text, WHO_MAX_GRAPHEMES);
    let page = Find {
        layout: context.layout(context.language().text("find-people"), NavSection::Space).await?,
        who,
    };
    let status = if text.is_empty() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    html_response(context.language(), status, &page)
}
