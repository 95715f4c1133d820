//! The view of a list of the viewer's own that the query asks for: search, filter and order.

use crate::own_lists::{ListView, ViewPage};
use crate::web::page_context::PageContext;
use crate::web::pager::order;
use crate::web::text::Key;
use guanxi_api::relations::own_list::{ListFilter, ListSort};
use guanxi_domain::name::{MAX_SEARCH_CHARS, fold_name};
use guanxi_storage::store::List;
use guanxi_types::{Order, PageNumber};

/// A view of a list.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    /// Search text, at most [`MAX_SEARCH_CHARS`] characters; empty without a search.
    pub(crate) text: String,
    /// True if the requested text was longer. Then the search is not executed.
    is_too_long: bool,
    pub(super) filter: Option<ListFilter>,
    pub(super) sort: ListSort,
}

impl Search {
    /// Returns the view in the query.
    pub(super) fn from_query(context: &PageContext) -> Search {
        let text: String = context.query_param("q").unwrap_or_default();
        let by_time = if order(context) == Order::Asc { ListSort::Oldest } else { ListSort::Newest };
        let filter = context.query_param("show");
        Search { filter, sort: context.query_param("sort").unwrap_or(by_time), ..Search::new(text.trim()) }
    }

    fn new(requested: &str) -> Search {
        let mut chars = requested.chars();
        let text: String = chars.by_ref().take(MAX_SEARCH_CHARS).collect();
        Search { text, is_too_long: chars.next().is_some(), filter: None, sort: ListSort::Newest }
    }

    /// Returns the text for an empty result; `None` if the whole list is shown.
    pub(super) fn empty_text(&self) -> Option<Key> {
        match (self.is_too_long, self.is_narrowed()) {
            (true, _) => Some(Key("search-too-long")),
            (false, true) => Some(Key("nothing-found")),
            (false, false) => None,
        }
    }

    /// Returns true if the view may lack members of the list.
    pub(super) fn is_narrowed(&self) -> bool {
        !self.text.is_empty() || self.filter.is_some()
    }

    /// Returns the view of a list. `None` if the search is not executed.
    pub(super) fn view(&self, list: List) -> Option<ListView> {
        let (filter, sort) = (self.filter, self.sort);
        (!self.is_too_long).then(|| ListView { list, text: fold_name(&self.text), filter, sort })
    }
}

/// Returns the page of a search that is not executed.
pub(super) fn nothing() -> ViewPage {
    ViewPage { members: Vec::new(), total: 0, pn: PageNumber::FIRST, scanned: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_text_is_limited_to_max_chars() {
        let fits = "Σ".repeat(MAX_SEARCH_CHARS);
        for (requested, text, is_too_long) in
            [("甲", "甲", false), (&fits, &fits, false), (&format!("{fits}x"), &fits, true)]
        {
            let search = Search::new(requested);
            assert_eq!((search.text.as_str(), search.is_too_long), (text, is_too_long));
            assert_eq!(search.view(List::Followers).is_none(), is_too_long);
        }
    }
}
