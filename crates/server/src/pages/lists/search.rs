//! A search in a list of one's own: by name, or by mid.

use super::Found;
use crate::answer::Reject;
use crate::pages::figures;
use crate::pages::visit::Visit;
use crate::{noface, show};
use guanxi_rules::page::Window;
use guanxi_store::Store;
use guanxi_store::store::{List, PageOf};
use guanxi_wire::listed::{Listed, Page};
use guanxi_wire::paging::{Pn, Ps};
use guanxi_wire::{Code, Mid};

/// What is looked for; the empty text for nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Search {
    pub(crate) text: String,
}

impl Search {
    /// What a page is asked to look for, if anything.
    pub(super) fn of(visit: &Visit) -> Option<Search> {
        let text: String = visit.asked("q")?;
        let text = text.trim();
        (!text.is_empty()).then(|| Search { text: text.to_owned() })
    }

    fn finds(&self, listed: &Listed) -> bool {
        let wanted = self.text.to_lowercase();
        listed.mid.to_string() == wanted || listed.face.uname.to_lowercase().contains(&wanted)
    }
}

/// Those of a list that are wanted, page by page. The newest alone are looked through, as many as the settings say.
pub(super) async fn find(
    visit: &Visit,
    owner: Mid,
    list: List,
    search: Option<&Search>,
    wanted: impl Fn(&Listed) -> bool,
) -> Result<Found, Reject> {
    let window = Window { skip: 0, take: visit.app.limits.search };
    let page = PageOf { owner, list, viewer: Some(owner), window, order: super::order(visit) };
    let page = visit.app.store.page(page).await?.ok_or(Code::NoMember)?;
    let picture = || noface::address(&visit.app, &visit.sender);
    let Page { list, re_version, total } = show::page(&page, picture)?.read()?;
    let finds = |listed: &Listed| wanted(listed) && search.is_none_or(|search| search.finds(listed));
    let seen = list.len() as u64;
    let among = if total > seen { figures::count(seen) } else { String::new() };
    let found: Vec<Listed> = list.into_iter().filter(finds).collect();
    let (size, total) = (Ps::MOST.get(), found.len() as u64);
    let last = total.div_ceil(size as u64).max(1);
    let pn = Pn::new(visit.pn().get().min(last)).unwrap_or(Pn::FIRST);
    let skip = usize::try_from(pn.get() - 1).unwrap_or(0) * size;
    let list = found.into_iter().skip(skip).take(size).collect();
    Ok(Found { page: Page { list, re_version, total }, pn, among })
}
