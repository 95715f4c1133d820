//! Search in a list of the viewer's own, by name or mid.

use crate::app::App;
use crate::handlers::relations::list_not_found;
use crate::http::response::ApiError;
use crate::web::format;
use crate::web::page_context::PageContext;
use crate::web::pager::{ListPage, last_page, order};
use crate::web::text::Key;
use guanxi_domain::name::fold_name;
use guanxi_domain::paging::PageWindow;
use guanxi_storage::Store;
use guanxi_storage::model::Card;
use guanxi_storage::store::{List, ListEntry, ListQuery, all_cards};
use guanxi_types::{Mid, PageNumber, PageSize};

/// A search; the default has an empty text and matches nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Search {
    /// Search text, at most [`Search::MAX_CHARS`] characters.
    pub(crate) text: String,
    /// Search text, folded as member names are for comparison.
    folded: String,
    /// True if the requested text was longer. Then the search is not executed.
    is_too_long: bool,
}

impl Search {
    /// Most characters of a search text.
    pub(crate) const MAX_CHARS: usize = 64;

    /// Returns the search in the query, if there is one.
    pub(super) fn from_query(context: &PageContext) -> Option<Search> {
        let text: String = context.query_param("q")?;
        let text = text.trim();
        (!text.is_empty()).then(|| Search::new(text))
    }

    fn new(requested: &str) -> Search {
        let mut chars = requested.chars();
        let text: String = chars.by_ref().take(Search::MAX_CHARS).collect();
        Search { folded: fold_name(&text), text, is_too_long: chars.next().is_some() }
    }

    /// Returns the text for an empty result.
    pub(super) fn empty_text(&self) -> Key {
        if self.is_too_long { Key("search-too-long") } else { Key("nothing-found") }
    }

    fn matches(&self, card: &Card) -> bool {
        card.mid.to_string() == self.folded || fold_name(&card.uname).contains(&self.folded)
    }
}

/// Returns a page of matching entries. Only the newest entries are scanned, up to the setting `search_scan_limit`.
pub(super) async fn find(
    context: &PageContext,
    owner: Mid,
    list: List,
    search: Search,
) -> Result<ListPage, ApiError> {
    if search.is_too_long {
        let (members, pn, searched) = (Vec::new(), PageNumber::FIRST, String::new());
        return Ok(ListPage { members, total: 0, pn, searched });
    }
    let window = PageWindow { offset: 0, limit: context.app.limits.search_scan };
    let query = ListQuery { owner, list, viewer: Some(owner), window, order: order(context) };
    let (app, pn) = (context.app.clone(), context.pn());
    context.app.search_pool.run(scan(app, query, pn, search)).await
}

async fn scan(app: App, query: ListQuery, pn: PageNumber, search: Search) -> Result<ListPage, ApiError> {
    let page = app.store.page(query, all_cards).await?.ok_or_else(|| list_not_found(query.list))?;
    let scanned = page.entries.len();
    let searched =
        if page.total as usize > scanned { format::format_count(scanned as u64) } else { String::new() };
    let cards = page.cards.into_iter().map(|(_, card)| card);
    let members = page.entries.into_iter().zip(cards);
    let matches: Vec<(ListEntry, Card)> = members.filter(|(_, card)| search.matches(card)).collect();
    let (size, total) = (PageSize::MAX.get(), matches.len() as u64);
    let pn = PageNumber::new(pn.get().min(last_page(total))).unwrap_or(PageNumber::FIRST);
    let skip = usize::try_from(pn.get() - 1).unwrap_or(0) * size;
    let members = matches.into_iter().skip(skip).take(size).collect();
    Ok(ListPage { members, total, pn, searched })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_text_is_limited_to_max_chars() {
        let fits = "Σ".repeat(Search::MAX_CHARS);
        for (requested, text, is_too_long) in
            [("甲", "甲", false), (&fits, &fits, false), (&format!("{fits}x"), &fits, true)]
        {
            let search = Search::new(requested);
            assert_eq!((search.text.as_str(), search.is_too_long), (text, is_too_long));
            assert!(search.folded.chars().count() <= Search::MAX_CHARS);
        }
    }
}
