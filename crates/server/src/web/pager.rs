//! Pagination of lists.

use crate::handlers::relations::{list_query, list_refused};
use crate::http::response::ApiError;
use crate::web::format;
use crate::web::page_context::PageContext;
use guanxi_api::params::encode_form;
use guanxi_domain::paging::{MAX_PAGE_OF_OTHERS, last_page};
use guanxi_storage::Store;
use guanxi_storage::model::Card;
use guanxi_storage::store::{List, ListEntry, all_cards};
use guanxi_types::{Mid, Order, PageNumber, PageSize};

/// A link to a page.
pub(crate) struct PageLink {
    pub(crate) number: u64,
    pub(crate) url: String,
    pub(crate) is_current: bool,
}

/// Pagination links of a list.
pub(crate) struct Pager {
    /// Formatted number of entries.
    pub(crate) total: String,
    pub(crate) pn: u64,
    pub(crate) last: u64,
    /// True if the list has more pages than other members may read.
    pub(crate) is_limited: bool,
    /// Query parameters that every page of the list shares.
    pub(crate) params: Vec<(&'static str, String)>,
    pub(crate) path: String,
}

impl Pager {
    pub(super) fn new(context: &PageContext, total: u64, pn: PageNumber) -> Pager {
        let params = ["group", "q", "who", "show", "sort", "order"]
            .into_iter()
            .filter_map(|name| Some((name, context.query_param::<String>(name)?)));
        Pager {
            total: format::format_count(total),
            pn: pn.get(),
            last: last_page(total, PageSize::MAX).get(),
            is_limited: false,
            params: params.collect(),
            path: context.path_and_query.split('?').next().unwrap_or_default().to_owned(),
        }
    }

    /// Returns the numbers of the pages to link: the first, the last, and those around this one. `None` is a gap.
    fn numbers(&self) -> Vec<Option<u64>> {
        let near = self.pn.saturating_sub(1)..=self.pn.saturating_add(1);
        let mut numbers: Vec<Option<u64>> = Vec::with_capacity(7);
        let shown = [1].into_iter().chain(near).chain([self.last]);
        for number in shown.filter(|number| (1..=self.last).contains(number)) {
            match numbers.last().copied().flatten() {
                Some(last) if number <= last => continue,
                Some(last) if number == last + 2 => numbers.push(Some(last + 1)),
                Some(last) if number > last + 2 => numbers.push(None),
                _ => (),
            }
            numbers.push(Some(number));
        }
        numbers
    }

    /// Returns the links to these pages.
    pub(crate) fn links(&self) -> Vec<Option<PageLink>> {
        let link = |number| PageLink { number, url: self.page_url(number), is_current: number == self.pn };
        self.numbers().into_iter().map(|number| number.map(link)).collect()
    }

    /// Returns true if the list is so long that its page can be typed.
    pub(crate) fn has_go_to(&self) -> bool {
        self.last > 7
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

    /// Returns the URL of the list without search and filter.
    pub(crate) fn list_url(&self) -> String {
        let params = self.params.iter().filter(|(name, _)| !["q", "show"].contains(name));
        let params = encode_form(params.map(|(name, value)| (*name, value.as_str())));
        if params.is_empty() { self.path.clone() } else { format!("{}?{params}", self.path) }
    }
}

/// A page of a list, and its number.
pub(super) struct ListPage {
    /// The entries, each with the card of its member.
    pub(super) members: Vec<(ListEntry, Card)>,
    /// Number of entries in the whole list, or found by a search.
    pub(super) total: u64,
    pub(super) pn: PageNumber,
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
    let query = list_query(app, (owner, list), viewer, (ps, pn), order).await?;
    let page = app.store.page(query, all_cards).await?.map_err(|refusal| list_refused(list, refusal))?;
    let cards = page.cards.into_iter().map(|(_, card)| card);
    let members = page.entries.into_iter().zip(cards).collect();
    Ok(ListPage { members, total: page.total.into(), pn })
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
    let last = last_page(page.total, PageSize::MAX);
    if page.members.is_empty() && pn.get() > last.get() {
        return read_page(context, owner, list, PageSize::MAX, last, order).await;
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_near_the_current_one_are_linked() {
        let cases = [
            (1, 1, "1"),
            (1, 3, "1 2 3"),
            (1, 9, "1 2 … 9"),
            (3, 9, "1 2 3 4 … 9"),
            (4, 9, "1 2 3 4 5 … 9"),
            (5, 9, "1 … 4 5 6 … 9"),
            (6, 9, "1 … 5 6 7 8 9"),
            (9, 9, "1 … 8 9"),
            (20_000, 40_000, "1 … 19999 20000 20001 … 40000"),
        ];
        for (pn, last, expected) in cases {
            let (params, path) = (Vec::new(), String::new());
            let pager = Pager { total: String::new(), pn, last, is_limited: false, params, path };
            let text = |number: Option<u64>| number.map_or("…".to_owned(), |number| number.to_string());
            let shown: Vec<String> = pager.numbers().into_iter().map(text).collect();
            assert_eq!(shown.join(" "), expected, "{pn} of {last}");
        }
    }
}
