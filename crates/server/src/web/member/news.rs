//! `/news`: the history of news.

use crate::handlers::account::list_news::list_news;
use crate::http::response::ApiError;
use crate::web::layout::{Layout, NavSection};
use crate::web::news::{NewsLine, news_lines};
use crate::web::page_context::PageContext;
use askama::Template;
use axum::response::Response;
use guanxi_api::account::list_news::{Data, ListNews};
use guanxi_api::param::Flag;
use guanxi_types::TimeCursor;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "member/news.html")]
struct NewsPage {
    layout: Layout,
    news: Vec<NewsLine>,
    unread: usize,
    /// Time of the newest news, for the form that marks all as read.
    seen_until: i64,
    is_first: bool,
    next: Option<TimeCursor>,
    days: u32,
}

/// Shows the page.
pub async fn news(context: Arc<PageContext>) -> Result<Response, ApiError> {
    context.require_login()?;
    let before = context.query_param::<TimeCursor>("before");
    let Data { unread, list, next, .. } =
        context.call_api(list_news, ListNews { all: Flag(true), before }).await?;
    let language = context.language();
    let newest = list.iter().map(|item| item.time).max().unwrap_or(0);
    context.render(&NewsPage {
        layout: context.layout_with_unread(language.text("news"), NavSection::Account, unread).await?,
        unread,
        seen_until: if before.is_some() { context.now } else { newest },
        news: news_lines(language, list),
        is_first: before.is_none(),
        next,
        days: context.app.limits.news.keep_days,
    })
}
