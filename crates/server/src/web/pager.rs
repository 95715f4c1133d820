//! Pagination of lists.

use crate::handlers::relations::{list_not_found, list_window};
use crate::http::response::ApiError;
use crate::web::format;
use crate::web::page_context::PageContext;
use guanxi_api::params::encode_form;
use guanxi_domain::paging::MAX_PAGE_OF_OTHERS;
use guanxi_storage::Store;
use guanxi_storage::model::Card;
use guanxi_storage::store::{List, ListEntry, ListQuery, all_cards};
use guanxi_types::{Mid, Order, PageNumber, PageSize};

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
        let params = ["group", "q", "who", "order"]
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

    /// Returns the URL of the list without the search.
    pub(crate) fn list_url(&self) -> String {
        let params = self.params.iter().filter(|(name, _)| *name != "q");
        let params = encode_form(params.map(|(name, value)| (*name, value.as_str())));
        if params.is_empty() { self.path.clone() } else { format!("{}?{params}", self.path) }
    }

    /// Returns the URL of the list in the opposite order.
    pub(crate) fn reversed_url(&self) -> String {
        let order = if self.newest_first { "asc" } else { "desc" };
        let params = self.params.iter().filter(|(name, _)| *name != "order");
        let params = params.map(|(name, value)| (*name, value.as_str()));
        format!("{}?{}", self.path, encode_form(params.chain([("order", order)])))
    }
}

/// Returns the number of the last page of a list.
pub(super) fn last_page(total: u64) -> u64 {
    total.div_ceil(PageSize::MAX.get() as u64).max(1)
}

/// A page of a list, and its number.
pub(super) struct ListPage {
    /// The entries, each with the card of its member.
    pub(super) members: Vec<(ListEntry, Card)>,
    /// Number of entries in the whole list, or found by a search.
    pub(super) total: u64,
    pub(super) pn: PageNumber,
    /// Formatted number of entries that a search scanned; empty if it scanned all.
    pub(super) searched: String,
}

/// Returns the order that the query asks for.
pub(super) fn order(context: &PageContext) -> Order {
    context.query_param("order").unwrap_or_default()
}

/// Reads a page of a list as the viewer sees it.
pub(super) async fn read_page(
    context: &PageContext,
    owner: Mid,
    list: List,
    ps: PageSize,
    pn: PageNumber,
    order: Order,
) -> Result<ListPage, ApiError> {
    let (app, viewer) = (&context.app, context.viewer);
    let window = list_window(app, owner, viewer, ps, pn).await?;
    let query = ListQuery { owner, list, viewer, window, order };
    let page = app.store.page(query, all_cards).await?.ok_or_else(|| list_not_found(list))?;
    let cards = page.cards.into_iter().map(|(_, card)| card);
    let members = page.entries.into_iter().zip(cards).collect();
    Ok(ListPage { members, total: page.total.into(), pn, searched: String::new() })
}

/// Reads the requested page, or the last page if the list has become shorter.
pub(super) async fn current_page(
    context: &PageContext,
    owner: Mid,
    list: List,
    order: Order,
) -> Result<ListPage, ApiError> {
    let pn = context.pn();
    let page = read_page(context, owner, list, PageSize::MAX, pn, order).await?;
    let last = last_page(page.total);
    match PageNumber::new(last).filter(|_| page.members.is_empty() && pn.get() > last) {
        Some(last) => read_page(context, owner, list, PageSize::MAX, last, order).await,
        None => Ok(page),
    }
}
