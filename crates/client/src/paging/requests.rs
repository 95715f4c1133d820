//! The requests whose pages a [`Pager`](super::Pager) reads.

use super::{PageSlice, PagerEnd, Paginated, sealed};
use crate::{Client, Error, Operator};
use guanxi_api::account::list_coins::{self, ListCoins};
use guanxi_api::account::list_news::{self, ListNews};
use guanxi_api::groups::list_group_members::ListGroupMembers;
use guanxi_api::member_list::{GroupMember, RelationListItem, RelationPage};
use guanxi_api::operator::list_audit_entries::{self, ListAuditEntries};
use guanxi_api::operator::reviews::list_bio_reviews::{self, ListBioReviews};
use guanxi_api::operator::reviews::list_name_reviews::{self, ListNameReviews};
use guanxi_api::operator::reviews::list_realname_reviews::{self, ListRealnameReviews};
use guanxi_api::profile::find_members::{self, FindMembers, FoundMember};
use guanxi_api::relations::list_blocks::ListBlocks;
use guanxi_api::relations::list_followers::ListFollowers;
use guanxi_api::relations::list_followings::ListFollowings;
use guanxi_api::relations::list_relations::{self, ListRelations};
use guanxi_api::relations::list_whispers::ListWhispers;
use guanxi_types::{Mid, PageNumber, TimeCursor};

/// Returns the number of the next page.
fn next_page(pn: PageNumber) -> Result<PageNumber, PagerEnd> {
    PageNumber::new(pn.get().saturating_add(1)).ok_or(PagerEnd::Exhausted)
}

macro_rules! paginate_relations {
    ($($request:ident)+) => {$(
        impl sealed::Sealed for $request {}

        impl Paginated for $request {
            type Source = Client;
            type Item = RelationListItem;
            type Key = Mid;

            fn key(item: &RelationListItem) -> Mid {
                item.mid
            }

            async fn fetch_page(&self, client: &Client) -> Result<PageSlice<Self>, Error> {
                let RelationPage { list, re_version, total } = client.send(self).await?;
                let read = self.pn.get().saturating_mul(self.ps.get() as u64);
                let is_last = list.is_empty() || read >= total;
                let next = if is_last { Err(PagerEnd::Exhausted) } else { next_page(self.pn) };
                let next_request = next.map(|pn| $request { pn, ..self.clone() });
                Ok(PageSlice { entries: list, next_request, total: Some(total), version: Some(re_version) })
            }
        }
    )+};
}

paginate_relations! { ListFollowers ListFollowings ListWhispers ListBlocks }

impl sealed::Sealed for FindMembers {}

impl Paginated for FindMembers {
    type Source = Client;
    type Item = FoundMember;
    type Key = Mid;

    fn key(item: &FoundMember) -> Mid {
        item.mid
    }

    async fn fetch_page(&self, client: &Client) -> Result<PageSlice<Self>, Error> {
        let find_members::Data { list, total, complete } = client.send(self).await?;
        let read = self.pn.get().saturating_mul(self.ps.get() as u64);
        let end = if complete { PagerEnd::Exhausted } else { PagerEnd::AccessLimit };
        let next = if list.is_empty() || read >= total { Err(end) } else { next_page(self.pn) };
        let next_request = next.map(|pn| FindMembers { pn, ..self.clone() });
        Ok(PageSlice { entries: list, next_request, total: Some(total), version: None })
    }
}

macro_rules! paginate_by_time {
    ($($request:ident in $module:ident of $item:ident,)+) => {$(
        impl sealed::Sealed for $request {}

        impl Paginated for $request {
            type Source = Client;
            type Item = $module::$item;
            type Key = TimeCursor;

            fn key(item: &$module::$item) -> TimeCursor {
                item.id
            }

            async fn fetch_page(&self, client: &Client) -> Result<PageSlice<Self>, Error> {
                let $module::Data { list, next, .. } = client.send(self).await?;
                let next = next.ok_or(PagerEnd::Exhausted);
                let next_request = next.map(|before| $request { before: Some(before), ..self.clone() });
                Ok(PageSlice { entries: list, next_request, total: None, version: None })
            }
        }
    )+};
}

paginate_by_time! {
    ListNews in list_news of NewsItem,
    ListCoins in list_coins of Entry,
}

impl sealed::Sealed for ListRelations {}

impl Paginated for ListRelations {
    type Source = Client;
    type Item = list_relations::OwnListItem;
    type Key = Mid;

    fn key(entry: &list_relations::OwnListItem) -> Mid {
        entry.relation.mid
    }

    async fn fetch_page(&self, client: &Client) -> Result<PageSlice<Self>, Error> {
        let list_relations::Data { list, total, .. } = client.send(self).await?;
        let read = self.pn.get().saturating_mul(self.ps.get() as u64);
        let is_last = list.is_empty() || read >= total;
        let next = if is_last { Err(PagerEnd::Exhausted) } else { next_page(self.pn) };
        let next_request = next.map(|pn| ListRelations { pn, ..self.clone() });
        Ok(PageSlice { entries: list, next_request, total: Some(total), version: None })
    }
}

impl sealed::Sealed for ListGroupMembers {}

impl Paginated for ListGroupMembers {
    type Source = Client;
    type Item = GroupMember;
    type Key = Mid;

    fn key(member: &GroupMember) -> Mid {
        member.mid
    }

    async fn fetch_page(&self, client: &Client) -> Result<PageSlice<Self>, Error> {
        let entries = client.send(self).await?;
        let next = if entries.len() < self.ps.get() { Err(PagerEnd::Exhausted) } else { next_page(self.pn) };
        let next_request = next.map(|pn| ListGroupMembers { pn, ..self.clone() });
        Ok(PageSlice { entries, next_request, total: None, version: None })
    }
}

/// The page size of an operator's request that names none: the largest allowed.
const OPERATOR_PAGE_SIZE: u32 = 1000;

impl sealed::Sealed for ListAuditEntries {}

impl Paginated for ListAuditEntries {
    type Source = Operator;
    type Item = list_audit_entries::Entry;
    type Key = u64;

    fn key(entry: &list_audit_entries::Entry) -> u64 {
        entry.seq
    }

    async fn fetch_page(&self, operator: &Operator) -> Result<PageSlice<Self>, Error> {
        let limit = self.limit.unwrap_or(OPERATOR_PAGE_SIZE);
        let entries = operator.send(&ListAuditEntries { limit: Some(limit), ..self.clone() }).await?.list;
        let last = entries.last().filter(|_| is_full(&entries, limit));
        let next_request = last
            .map(|last| ListAuditEntries { before: Some(last.seq), ..self.clone() })
            .ok_or(PagerEnd::Exhausted);
        Ok(PageSlice { entries, next_request, total: None, version: None })
    }
}

macro_rules! paginate_reviews {
    ($($request:ident in $module:ident,)+) => {$(
        impl sealed::Sealed for $request {}

        impl Paginated for $request {
            type Source = Operator;
            type Item = $module::Entry;
            type Key = (i64, Mid);

            fn key(entry: &$module::Entry) -> (i64, Mid) {
                (entry.submitted, entry.mid)
            }

            async fn fetch_page(&self, operator: &Operator) -> Result<PageSlice<Self>, Error> {
                let limit = self.limit.unwrap_or(OPERATOR_PAGE_SIZE);
                let entries = operator.send(&$request { limit: Some(limit), ..self.clone() }).await?.list;
                let next_request = match entries.last().filter(|_| is_full(&entries, limit)) {
                    None => Err(PagerEnd::Exhausted),
                    Some(last) if self.since == Some(last.submitted) => Err(PagerEnd::AccessLimit),
                    Some(last) => Ok($request { since: Some(last.submitted), ..self.clone() }),
                };
                Ok(PageSlice { entries, next_request, total: None, version: None })
            }
        }
    )+};
}

paginate_reviews! {
    ListBioReviews in list_bio_reviews,
    ListNameReviews in list_name_reviews,
    ListRealnameReviews in list_realname_reviews,
}

fn is_full<T>(page: &[T], limit: u32) -> bool {
    page.len() as u64 >= u64::from(limit)
}
