//! Pagination of lists.

use crate::http::response::ApiError;
use crate::web::format;
use crate::web::page_context::PageContext;
use guanxi_api::member_list::RelationPage;
use guanxi_api::params::encode_form;
use guanxi_domain::paging::MAX_PAGE_OF_OTHERS;
use guanxi_types::{Order, PageNumber, PageSize};

/// Pagination links of a list.
pub(crate) struct Pager {
    /// Formatted number of entries.
    pub(crate) total: String,
    pub(crate) pn: u64,
    pub(crate) last: u64,
    /// True if the list has more pages than other members may read.
    pub(crate) is_limited: bool,
    pub(crate) newest_first: bool,
    /// Query parameters that every page of the list shares.
    pub(crate) params: Vec<(&'static str, String)>,
    pub(crate) path: String,
}

impl Pager {
    pub(super) fn new(context: &PageContext, total: u64, pn: PageNumber) -> Pager {
        let params = ["group", "q", "order"]
            .into_iter()
            .filter_map(|name| Some((name, context.query_param::<String>(name)?)));
        Pager {
            total: format::format_count(total),
            pn: pn.get(),
            last: last_page(total),
            is_limited: false,
            newest_first: order(context) == Order::Desc,
            params: params.collect(),
            path: context.path_and_query.split('?').next().unwrap_or_default().to_owned(),
        }
    }

    pub(super) fn limit_to_public_pages(&mut self) {
        self.is_limited = self.last > MAX_PAGE_OF_OTHERS;
        self.last = self.last.min(MAX_PAGE_OF_OTHERS);
    }

    /// Returns the URL of a page of the list.
    pub(crate) fn page_url(&self, pn: u64) -> String {
        let pn = pn.to_string();
        let params = self.params.iter().map(|(name, value)| (*name, value.as_str()));
        format!("{}?{}", self.path, encode_form(params.chain([("pn", pn.as_str())])))
    }

    /// Returns the URL of the list in the opposite order.
    pub(crate) fn reversed_url(&self) -> String {
        let order = if self.newest_first { "asc" } else { "desc" };
        let params = self.params.iter().filter(|(name, _)| *name != "order");
        let params = params.map(|(name, value)| (*name, value.as_str()));
        format!("{}?{}", self.path, encode_form(params.chain([("order", order)])))
    }
}

fn last_page(total: u64) -> u64 {
    total.div_ceil(PageSize::MAX.get() as u64).max(1)
}

/// A page of a list, and its number.
pub(super) struct ListPage {
    pub(super) page: RelationPage,
    pub(super) pn: PageNumber,
    /// Formatted number of entries that a search scanned; empty if it scanned all.
    pub(super) searched: String,
}

impl ListPage {
    pub(super) fn new(page: RelationPage, pn: PageNumber) -> ListPage {
        ListPage { page, pn, searched: String::new() }
    }
}

/// Returns the order that the query asks for.
pub(super) fn order(context: &PageContext) -> Order {
    context.query_param("order").unwrap_or_default()
}

/// Fetches the requested page, or the last page if the list has become shorter.
pub(super) async fn current_page<F>(
    context: &PageContext,
    fetch: impl Fn(PageNumber) -> F,
) -> Result<ListPage, ApiError>
where
    F: Future<Output = Result<RelationPage, ApiError>>,
{
    let pn = context.pn();
    let page = fetch(pn).await?;
    let last = last_page(page.total);
    match PageNumber::new(last).filter(|_| page.list.is_empty() && pn.get() > last) {
        Some(last) => Ok(ListPage::new(fetch(last).await?, last)),
        None => Ok(ListPage::new(page, pn)),
    }
}
