//! The lists of a member as their owner manages them: searched, filtered and sorted.
//!
//! A list by time without search and filter is read from its index. Any other view scans a limited number of entries on
//! the pool of searches.

use crate::app::App;
use crate::handlers::relations::list_refused;
use crate::http::response::ApiError;
use crate::remarks::Remarks;
use guanxi_api::relations::own_list::{ListFilter, ListSort};
use guanxi_domain::name::fold_name;
use guanxi_domain::paging::{PageWindow, last_page, page_window};
use guanxi_domain::relation::{self, attribute};
use guanxi_storage::model::{Card, Experience};
use guanxi_storage::store::{CardVersion, List, ListEntry, ListQuery, all_cards};
use guanxi_storage::{StorageError, Store};
use guanxi_types::{Mid, Order, PageNumber, PageSize};
use jiff::civil::Date;
use std::cmp::Reverse;

/// A view of a list.
#[derive(Clone, Debug)]
pub struct ListView {
    /// The list.
    pub list: List,
    /// The text that a name or a remark contains, folded as names are for comparison, or a mid. Empty without a search.
    pub text: String,
    /// The filter.
    pub filter: Option<ListFilter>,
    /// The order.
    pub sort: ListSort,
}

/// A member of a view.
#[derive(Clone, Debug)]
pub struct ViewMember {
    /// The entry.
    pub entry: ListEntry,
    /// The card.
    pub card: Card,
    /// The day on which the member was last seen, in a view by it.
    pub active: Option<Date>,
}

/// A page of a view.
#[derive(Clone, Debug)]
pub struct ViewPage {
    /// The members.
    pub members: Vec<ViewMember>,
    /// The number of members in the whole view.
    pub total: u64,
    /// The number of the page.
    pub pn: PageNumber,
    /// The number of scanned entries, if the list has more.
    pub scanned: Option<u64>,
}

/// A member of a view whose card may be missing.
struct Match {
    entry: ListEntry,
    card: Option<Card>,
    active: Option<Date>,
}

/// The whole view of a scan.
struct Matches {
    members: Vec<Match>,
    scanned: Option<u64>,
}

/// The argument of [`Store::page`] for a caller that needs no card.
fn no_cards(_entries: &[ListEntry], listed: &mut Vec<(Mid, CardVersion)>) {
    listed.clear();
}

impl ListView {
    /// Returns true if the view scans the list instead of its index.
    pub fn is_scan(&self) -> bool {
        !self.text.is_empty()
            || self.filter.is_some()
            || matches!(self.sort, ListSort::Name | ListSort::Active)
    }

    fn query(&self, owner: Mid, window: PageWindow) -> ListQuery {
        let order = if self.sort == ListSort::Oldest { Order::Asc } else { Order::Desc };
        ListQuery { owner, list: self.list, viewer: Some(owner), window, order }
    }

    /// Returns a page of the view. A number after the last page is that of the last page if `clamps`.
    pub async fn page(
        self,
        app: &App,
        owner: Mid,
        ps: PageSize,
        pn: PageNumber,
        clamps: bool,
    ) -> Result<ViewPage, ApiError> {
        if self.is_scan() {
            let (task_app, view) = (app.clone(), self);
            return app
                .search_pool
                .run(async move {
                    let matches = view.scan(&task_app, owner).await?;
                    matches.page(&task_app, ps, pn, clamps).await
                })
                .await;
        }
        let page = self.indexed_page(app, owner, ps, pn).await?;
        let last = last_page(page.total, ps);
        if clamps && page.members.is_empty() && pn.get() > last.get() {
            return self.indexed_page(app, owner, ps, last).await;
        }
        Ok(page)
    }

    async fn indexed_page(
        &self,
        app: &App,
        owner: Mid,
        ps: PageSize,
        pn: PageNumber,
    ) -> Result<ViewPage, ApiError> {
        let query = self.query(owner, page_window(ps, pn, true)?);
        let page =
            app.store.page(query, all_cards).await?.map_err(|refusal| list_refused(self.list, refusal))?;
        let cards = page.cards.into_iter().map(|(_, card)| card);
        let members = page.entries.into_iter().zip(cards);
        let members = members.map(|(entry, card)| ViewMember { entry, card, active: None }).collect();
        Ok(ViewPage { members, total: page.total.into(), pn, scanned: None })
    }

    /// Returns the first members of the view, up to `limit`, and the number of all.
    pub async fn first_members(
        self,
        app: &App,
        owner: Mid,
        limit: usize,
    ) -> Result<(Vec<Mid>, u64), ApiError> {
        if self.is_scan() {
            let (task_app, view) = (app.clone(), self);
            let matches = app.search_pool.run(async move { view.scan(&task_app, owner).await }).await?;
            let total = matches.members.len() as u64;
            let mids = matches.members.into_iter().take(limit).map(|member| member.entry.mid);
            return Ok((mids.collect(), total));
        }
        let query = self.query(owner, PageWindow { offset: 0, limit });
        let page =
            app.store.page(query, no_cards).await?.map_err(|refusal| list_refused(self.list, refusal))?;
        Ok((page.entries.into_iter().map(|entry| entry.mid).collect(), page.total.into()))
    }

    /// Returns all members of the view among the entries that a scan may read.
    async fn scan(&self, app: &App, owner: Mid) -> Result<Matches, ApiError> {
        let query = self.query(owner, PageWindow { offset: 0, limit: app.limits.search_scan });
        let needs_cards = !self.text.is_empty() || self.sort == ListSort::Name;
        let page = if needs_cards {
            app.store.page(query, all_cards).await?
        } else {
            app.store.page(query, no_cards).await?
        };
        let page = page.map_err(|refusal| list_refused(self.list, refusal))?;
        let remarks = if needs_cards { Remarks::of(app, owner).await? } else { Remarks::default() };
        let scanned = page.entries.len() as u64;
        let scanned = (u64::from(page.total) > scanned).then_some(scanned);
        let mut cards = page.cards.into_iter().map(|(_, card)| card);
        let mut members = Vec::with_capacity(page.entries.len());
        for entry in page.entries {
            let card = cards.next();
            if matches_filter(&entry, self.filter) && self.matches_text(card.as_ref(), &remarks)? {
                members.push(Match { entry, card, active: None });
            }
        }
        match self.sort {
            ListSort::Newest | ListSort::Oldest => (),
            ListSort::Name => members = sorted_by_name(members, &remarks)?,
            ListSort::Active => sort_by_activity(app, &mut members).await?,
        }
        Ok(Matches { members, scanned })
    }

    fn matches_text(&self, card: Option<&Card>, remarks: &Remarks) -> Result<bool, StorageError> {
        if self.text.is_empty() {
            return Ok(true);
        }
        let Some(card) = card else { return Ok(false) };
        Ok(card.mid.to_string() == self.text
            || fold_name(&card.uname).contains(&self.text)
            || remarks.get(card.mid)?.is_some_and(|remark| fold_name(&remark).contains(&self.text)))
    }
}

impl Matches {
    async fn page(self, app: &App, ps: PageSize, pn: PageNumber, clamps: bool) -> Result<ViewPage, ApiError> {
        let Matches { members, scanned } = self;
        let total = members.len() as u64;
        let last = last_page(total, ps);
        let pn = if clamps && pn.get() > last.get() { last } else { pn };
        let skip = usize::try_from(page_window(ps, pn, true)?.offset).unwrap_or(usize::MAX);
        let members: Vec<Match> = members.into_iter().skip(skip).take(ps.get()).collect();
        let without = members.iter().filter(|member| member.card.is_none());
        let mut cards =
            app.store.rows::<Card>(without.map(|member| member.entry.mid).collect()).await?.into_iter();
        let found = |Match { entry, card, active }: Match| {
            let card = card.or_else(|| cards.next().flatten()).unwrap_or(Card::new(entry.mid));
            ViewMember { entry, card, active }
        };
        Ok(ViewPage { members: members.into_iter().map(found).collect(), total, pn, scanned })
    }
}

fn matches_filter(entry: &ListEntry, filter: Option<ListFilter>) -> bool {
    match filter {
        None => true,
        Some(ListFilter::Mutual) => entry.attribute == attribute::MUTUAL,
        // A whisper by the owner is no lack of a follow.
        Some(ListFilter::OneWay) => matches!(entry.attribute, attribute::NONE | attribute::FOLLOW),
        Some(ListFilter::Ungrouped) => {
            !entry.groups.is_empty() && relation::encode_tag(&entry.groups).is_none()
        }
        Some(ListFilter::Special) => relation::encode_special(&entry.groups) == 1,
    }
}

fn sorted_by_name(members: Vec<Match>, remarks: &Remarks) -> Result<Vec<Match>, StorageError> {
    let keyed = members.into_iter().map(|member| {
        let name = member.card.as_ref().map(|card| card.uname.clone()).unwrap_or_default();
        let shown = remarks.get(member.entry.mid)?.unwrap_or(name);
        Ok((fold_name(&shown), member))
    });
    let mut keyed = keyed.collect::<Result<Vec<_>, StorageError>>()?;
    keyed.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(keyed.into_iter().map(|(_, member)| member).collect())
}

/// Sorts by the last day with a reward. A member without one is last.
async fn sort_by_activity(app: &App, members: &mut [Match]) -> Result<(), StorageError> {
    let mids = members.iter().map(|member| member.entry.mid).collect();
    let rows = app.store.rows::<Experience>(mids).await?;
    for (member, row) in members.iter_mut().zip(rows) {
        member.active = row.and_then(|row| row.active);
    }
    members.sort_by_key(|member| Reverse(member.active));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use guanxi_domain::relation::GroupMembership;
    use guanxi_types::Tagid;

    #[test]
    fn filter_matches_relation_and_groups() {
        use ListFilter::{Mutual, OneWay, Special, Ungrouped};
        #[rustfmt::skip]
        let cases: [(u8, &[i64], &[ListFilter]); 8] = [
            // attribute, groups -> matching filters
            (2,   &[0],      &[OneWay, Ungrouped]),
            (6,   &[0],      &[Mutual, Ungrouped]),
            (6,   &[-10],    &[Mutual, Special]),
            (2,   &[5],      &[OneWay]),
            (2,   &[5, -10], &[OneWay, Special]),
            (0,   &[],       &[OneWay]),
            (1,   &[],       &[]),
            (128, &[],       &[]),
        ];
        for (attribute, tagids, matching) in cases {
            let groups =
                tagids.iter().zip(1..).map(|(tagid, seq)| GroupMembership { tagid: Tagid(*tagid), seq });
            let mid = Mid::new(1).unwrap();
            let entry = ListEntry { mid, mtime: 1, attribute, groups: groups.collect() };
            for filter in ListFilter::ALL {
                let expected = matching.contains(filter);
                assert_eq!(
                    matches_filter(&entry, Some(*filter)),
                    expected,
                    "{attribute} {tagids:?} {filter:?}"
                );
            }
            assert!(matches_filter(&entry, None));
        }
    }
}
