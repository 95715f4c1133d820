//! A search in a list of one's own: by name, or by mid.

use super::Found;
use crate::answer::ApiError;
use crate::app::App;
use crate::pages::figures;
use crate::pages::visit::PageContext;
use crate::{noface, show};
use guanxi_api::listed::{Listed, Page};
use guanxi_api::paging::{Pn, Ps};
use guanxi_domain::name::folded;
use guanxi_domain::page::Window;
use guanxi_storage::Store;
use guanxi_storage::store::{List, ListQuery};
use guanxi_types::{ErrorCode, Mid};
use std::borrow::Cow;

/// What is looked for; the empty text for nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Search {
    /// As it was asked, but no longer than [`Search::MOST`].
    pub(crate) text: String,
    /// The text as names are compared with it.
    folded: String,
    /// Whether more was asked: then nothing is looked for.
    is_too_long: bool,
}

impl Search {
    /// The most characters that are looked for.
    pub(crate) const MOST: usize = 64;

    /// What a page is asked to look for, if anything.
    pub(super) fn of(visit: &PageContext) -> Option<Search> {
        let text: String = visit.asked("q")?;
        let text = text.trim();
        (!text.is_empty()).then(|| Search::new(text))
    }

    fn new(asked: &str) -> Search {
        let mut letters = asked.chars();
        let text: String = letters.by_ref().take(Search::MOST).collect();
        Search { folded: folded(&text), text, is_too_long: letters.next().is_some() }
    }

    /// What stands where nobody was found.
    pub(super) fn none(&self) -> &'static str {
        if self.is_too_long {
            "查找的文字太长了：最多 64 个字"
        } else {
            "没有找到符合的人"
        }
    }

    fn finds(&self, listed: &Listed) -> bool {
        listed.mid.to_string() == self.folded || folded(&listed.face.uname).contains(&self.folded)
    }
}

/// Those of a list whom a search finds, page by page. The newest alone are looked through, as many as the settings say.
pub(super) async fn find(
    visit: &PageContext,
    owner: Mid,
    list: List,
    search: Search,
) -> Result<Found, ApiError> {
    if search.is_too_long {
        let page = Page { list: Vec::new(), re_version: 0, total: 0 };
        return Ok(Found::of(page, Pn::FIRST));
    }
    let window = Window { skip: 0, take: visit.app.limits.search };
    let page = ListQuery { owner, list, viewer: Some(owner), window, order: super::order(visit) };
    let picture = noface::address(&visit.app, &visit.sender).into_owned();
    let (app, pn) = (visit.app.clone(), visit.pn());
    visit.app.searches.run(look_through(app, page, picture, pn, search)).await
}

async fn look_through(
    app: App,
    page: ListQuery,
    picture: String,
    pn: Pn,
    search: Search,
) -> Result<Found, ApiError> {
    let page = app.store.page(page).await?.ok_or(ErrorCode::NoMember)?;
    let Page { list, re_version, total } = show::page(&page, || Cow::Borrowed(&picture))?.read()?;
    let seen = list.len() as u64;
    let among = if total > seen { figures::count(seen) } else { String::new() };
    let found: Vec<Listed> = list.into_iter().filter(|listed| search.finds(listed)).collect();
    let (size, total) = (Ps::MOST.get(), found.len() as u64);
    let last = total.div_ceil(size as u64).max(1);
    let pn = Pn::new(pn.get().min(last)).unwrap_or(Pn::FIRST);
    let skip = usize::try_from(pn.get() - 1).unwrap_or(0) * size;
    let list = found.into_iter().skip(skip).take(size).collect();
    Ok(Found { page: Page { list, re_version, total }, pn, among })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_as_long_as_it_may_be() {
        let fits = "Σ".repeat(Search::MOST);
        for (asked, text, is_too_long) in
            [("甲", "甲", false), (&fits, &fits, false), (&format!("{fits}x"), &fits, true)]
        {
            let search = Search::new(asked);
            assert_eq!((search.text.as_str(), search.is_too_long), (text, is_too_long));
            assert!(search.folded.chars().count() <= Search::MOST);
        }
    }
}
