//! The operators' list of members.

use super::super::encoding::{self, Table};
use super::Queries;
use crate::StorageError;
use crate::key::{Key, KeyReader};
use crate::member_list::{ListedMember, MemberPage, MemberQuery, facts};
use crate::model::{Account, Card, Entity, Experience, Profile};
use guanxi_domain::member_filter::{MemberFilter, MemberFlag};
use guanxi_types::{Mid, Order};
use std::ops::Bound;

impl<'t> Queries<'t> {
    pub(in super::super) fn list_members(&self, query: &MemberQuery) -> Result<MemberPage, StorageError> {
        let (mut page, mut compared, mut last) = (MemberPage::default(), 0, None);
        for mid in self.members_to_compare(query)? {
            let mid = mid?;
            if compared == query.max_compared {
                page.next = last;
                page.compared = (page.members.len() < query.limit).then_some(compared);
                break;
            }
            compared += 1;
            last = Some(mid);
            let Some(member) = self.listed_member(mid, &query.filter)? else { continue };
            if page.members.len() == query.limit {
                page.next = page.members.last().map(|last| last.card.mid);
                break;
            }
            page.members.push(member);
        }
        Ok(page)
    }

    /// Returns the members to compare: the named ones, those of a flag, or all.
    fn members_to_compare(
        &self,
        query: &MemberQuery,
    ) -> Result<Box<dyn Iterator<Item = Result<Mid, StorageError>> + 't>, StorageError> {
        if let Some(named) = query.named() {
            return Ok(Box::new(named.into_iter().map(Ok)));
        }
        let (table, prefix) = match query.filter.first_flag() {
            Some(flag) => (Table::MemberFlag, encoding::flag_prefix(flag)),
            None => (Table::Rows(Card::TABLE), Vec::new()),
        };
        let key = |mid: Mid| [prefix.clone(), mid.bytes()].concat();
        let (after, last) = (query.after.map(key), key(Mid::MAX));
        let first = [prefix.clone(), 0u64.bytes()].concat();
        let (first, last) = (Bound::Included(first.as_slice()), Bound::Included(last.as_slice()));
        let after = after.as_deref().map(Bound::Excluded);
        let bounds = match query.order {
            Order::Asc => (after.unwrap_or(first), last),
            Order::Desc => (first, after.unwrap_or(last)),
        };
        let skipped = prefix.len();
        let mid = move |key: &[u8]| encoding::decoded("a member", KeyReader(&key[skipped..]).mid());
        Ok(Box::new(self.0.range(table, bounds, query.order)?.map(move |entry| mid(entry?.0))))
    }

    /// Returns a member that passes a filter. Reads only rows that the filter depends on until then.
    fn listed_member(&self, mid: Mid, filter: &MemberFilter) -> Result<Option<ListedMember>, StorageError> {
        let has = |flag| filter.flags.contains(&flag);
        let has_contacts = has(MemberFlag::UnverifiedTel) || has(MemberFlag::UnverifiedMail);
        let mut profile: Option<Profile> =
            self.get_if(filter.has_joined() || has(MemberFlag::Silenced), mid)?;
        let mut account: Option<Account> = self.get_if(has_contacts, mid)?;
        let mut experience: Option<Experience> = self.get_if(filter.has_growth(), mid)?;
        if !filter.admits(&facts(profile.as_ref(), account.as_ref(), experience.as_ref())) {
            return Ok(None);
        }
        let Some(card) = self.get::<Card>(mid)? else { return Ok(None) };
        profile = profile.map_or_else(|| self.get(mid), |row| Ok(Some(row)))?;
        account = account.map_or_else(|| self.get(mid), |row| Ok(Some(row)))?;
        experience = experience.map_or_else(|| self.get(mid), |row| Ok(Some(row)))?;
        let facts = facts(profile.as_ref(), account.as_ref(), experience.as_ref());
        Ok(Some(ListedMember { card, facts }))
    }

    fn get_if<R: Entity<Key = Mid>>(&self, is_needed: bool, mid: Mid) -> Result<Option<R>, StorageError> {
        if is_needed { self.get(mid) } else { Ok(None) }
    }
}
