//! The way through a list, page by page.

use super::Found;
use crate::answer::ApiError;
use crate::pages::figures;
use crate::pages::visit::PageContext;
use guanxi_api::listed::Page;
use guanxi_api::paging::{Pn, Ps};
use guanxi_api::params::encode;
use guanxi_domain::page::LAST_PAGE_OF_OTHERS;
use guanxi_types::Order;

/// Where one is in a list.
pub(crate) struct Pager {
    /// How many the list has, in words.
    pub(crate) total: String,
    pub(crate) pn: u64,
    pub(crate) last: u64,
    /// Whether more pages are there than others may see.
    pub(crate) limited: bool,
    pub(crate) newest_first: bool,
    /// What stays the same from page to page, and where it stands.
    pub(crate) kept: Vec<(&'static str, String)>,
    pub(crate) path: String,
}

impl Pager {
    pub(super) fn of(visit: &PageContext, total: u64, pn: Pn) -> Pager {
        let kept =
            ["group", "q", "order"].into_iter().filter_map(|name| Some((name, visit.asked::<String>(name)?)));
        Pager {
            total: figures::count(total),
            pn: pn.get(),
            last: last(total),
            limited: false,
            newest_first: super::order(visit) == Order::Desc,
            kept: kept.collect(),
            path: visit.here.split('?').next().unwrap_or_default().to_owned(),
        }
    }

    pub(super) fn limit_to_five(&mut self) {
        self.limited = self.last > LAST_PAGE_OF_OTHERS;
        self.last = self.last.min(LAST_PAGE_OF_OTHERS);
    }

    /// The address of a page of the list.
    pub(crate) fn page(&self, pn: u64) -> String {
        let pn = pn.to_string();
        let kept = self.kept.iter().map(|(name, value)| (*name, value.as_str()));
        format!("{}?{}", self.path, encode(kept.chain([("pn", pn.as_str())])))
    }

    /// The address of the list from its other end.
    pub(crate) fn turned(&self) -> String {
        let order = if self.newest_first { "asc" } else { "desc" };
        let kept = self.kept.iter().filter(|(name, _)| *name != "order");
        let kept = kept.map(|(name, value)| (*name, value.as_str()));
        format!("{}?{}", self.path, encode(kept.chain([("order", order)])))
    }
}

fn last(total: u64) -> u64 {
    total.div_ceil(Ps::MOST.get() as u64).max(1)
}

/// The page that was asked for, or the last one, if the list has become shorter.
pub(super) async fn kept<F>(visit: &PageContext, ask: impl Fn(Pn) -> F) -> Result<Found, ApiError>
where
    F: Future<Output = Result<Page, ApiError>>,
{
    let pn = visit.pn();
    let page = ask(pn).await?;
    let last = last(page.total);
    match Pn::new(last).filter(|_| page.list.is_empty() && pn.get() > last) {
        Some(last) => Ok(Found::of(ask(last).await?, last)),
        None => Ok(Found::of(page, pn)),
    }
}
