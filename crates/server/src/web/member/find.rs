//! `/find`: members found by a part of their name, by pinyin or by mid.

use crate::http::response::ApiError;
use crate::member_search;
use crate::web::layout::{Layout, NavSection};
use crate::web::member::lists::MemberRow;
use crate::web::messages;
use crate::web::page_context::{PageContext, html_response};
use crate::web::pager::Pager;
use crate::web::redirect::redirect;
use askama::Template;
use axum::response::Response;
use guanxi_domain::name::{MAX_SEARCH_CHARS, fold_name};
use guanxi_domain::paging::{PageWindow, last_page, page_window};
use guanxi_storage::name_search::FoundPage;
use guanxi_types::{Mid, PageNumber, PageSize};
use http::StatusCode;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "member/find.html")]
struct Find {
    layout: Layout,
    /// Text that was searched; empty if none was typed.
    who: String,
    /// Error of the text; empty if there is none.
    error: String,
    list: Vec<MemberRow>,
    pager: Pager,
    /// True if further members may match, since only some names were read.
    is_cut: bool,
    /// The number of names that a search reads.
    scanned: usize,
}

/// Shows the members that a text finds. Redirects to the member of a mid, and to the only member found if that is the
/// exact name.
pub async fn find(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let text: String = context.query_param("who").unwrap_or_default();
    let (text, pn) = (text.trim(), context.pn());
    if text.is_empty() {
        return show(&context, text, FoundPage::default(), PageNumber::FIRST, None).await;
    }
    match find_page(&context, text, pn).await {
        Ok((found, _)) if let Some(mid) = only_match(text, &found) => {
            Ok(redirect(&format!("/space/{mid}"), Vec::new()))
        }
        Ok((found, pn)) => show(&context, text, found, pn, None).await,
        Err(error @ (ApiError::BadParam(_) | ApiError::RetryAfter(..))) => {
            show(&context, text, FoundPage::default(), PageNumber::FIRST, Some(error)).await
        }
        Err(error) => Err(error),
    }
}

/// Returns the requested page, or the last one if there are fewer.
async fn find_page(
    context: &PageContext,
    text: &str,
    pn: PageNumber,
) -> Result<(FoundPage, PageNumber), ApiError> {
    let find = async |pn| {
        let window: PageWindow = page_window(PageSize::MAX, pn, true)?;
        member_search::find(&context.app, &context.client, context.viewer, text, window).await
    };
    let found = find(pn).await?;
    let last = last_page(found.total as u64, PageSize::MAX);
    if found.entries.is_empty() && last != pn { Ok((find(last).await?, last)) } else { Ok((found, pn)) }
}

/// Returns the member of a mid, or the only found member if the text is the name.
fn only_match(text: &str, found: &FoundPage) -> Option<Mid> {
    let first = found.cards.first()?;
    let is_name = || found.total == 1 && fold_name(&first.uname) == fold_name(text);
    (text.parse() == Ok(first.mid) || is_name()).then_some(first.mid)
}

async fn show(
    context: &PageContext,
    text: &str,
    found: FoundPage,
    pn: PageNumber,
    error: Option<ApiError>,
) -> Result<Response, ApiError> {
    let status = match &error {
        Some(error) => messages::error_status(error),
        None if found.total == 0 && !text.is_empty() => StatusCode::NOT_FOUND,
        None => StatusCode::OK,
    };
    let (t, limits) = (context.language(), &context.app.limits);
    let error = match error {
        Some(ApiError::BadParam(_)) if text.chars().count() > MAX_SEARCH_CHARS => {
            t.text("search-too-long").to_string()
        }
        Some(ApiError::BadParam(_)) => {
            t.text("find-too-short").with("count", limits.find_min_chars).to_string()
        }
        Some(error) => messages::error_text(&error, t),
        None if status == StatusCode::NOT_FOUND => t.text("find-none").to_string(),
        None => String::new(),
    };
    let total = found.total as u64;
    let members: Vec<_> = found.entries.into_iter().zip(found.cards).collect();
    let mut layout = context.layout(t.text("find-people"), NavSection::Space).await?;
    let mut list = MemberRow::list(context, &members, false, &[]);
    layout.move_flash_to(&mut list);
    let page = Find {
        layout,
        who: text.chars().take(MAX_SEARCH_CHARS).collect(),
        error,
        list,
        pager: Pager::new(context, total, pn),
        is_cut: !found.is_complete,
        scanned: limits.find_scan,
    };
    if status == StatusCode::OK { context.render(&page) } else { html_response(t, status, &page) }
}
