//! The reads of lists: relations, followers, groups.

use super::super::counted_btree::{CountedBTree, EntryKey};
use super::super::encoding::{self, Table};
use super::Queries;
use crate::StorageError;
use crate::counters::Counters;
use crate::model::{Card, Group, Privacy};
use crate::name_search::{Candidates, FoundPage, NameQuery};
use crate::store::{CardVersion, Groups, JoinedGroups, List, ListEntry, ListQuery, ListRefusal, Page};
use guanxi_domain::paging::PageWindow;
use guanxi_domain::privacy::Audience;
use guanxi_domain::relation;
use guanxi_types::{Mid, Order, Tagid};
use std::ops::Bound;

impl Queries<'_> {
    pub(in super::super) fn list_page(
        &self,
        query: ListQuery,
        remove_known: impl FnOnce(&[ListEntry], &mut Vec<(Mid, CardVersion)>),
    ) -> Result<Result<Page, ListRefusal>, StorageError> {
        let ListQuery { owner, list, viewer, window, order } = query;
        let Some(counters) = self.counters(owner)?.filter(|_| list.is_known_to(viewer, owner)) else {
            return Ok(Err(ListRefusal::NotFound));
        };
        let is_owner = viewer == Some(owner);
        if !is_owner && self.is_hidden(query)? {
            return Ok(Err(ListRefusal::Hidden));
        }
        let Some(total) = self.list_len(owner, list, &counters)? else {
            return Ok(Err(ListRefusal::NotFound));
        };
        let (key, version) = match (list, list.relation_kind()) {
            (List::Group(tagid), _) => {
                (encoding::group_members_key(owner, tagid), counters.followings_version_for(true))
            }
            (_, Some(kind)) => {
                (encoding::relations_by_kind_key(owner, kind), counters.followings_version_for(is_owner))
            }
            (_, None) => (encoding::followers_key(owner), counters.followers_version),
        };
        let keys = self.list_window(&key, window, order, total)?;
        let mut entries = Vec::with_capacity(keys.len());
        for key in keys {
            // The primary keys of a group are join sequence numbers, not times.
            let mtime = if matches!(list, List::Group(_)) { 0 } else { i64::from(key.0) };
            let mid = encoding::key_mid(key)?;
            entries.push(ListEntry { mid, mtime, attribute: 0, groups: Vec::new() });
        }
        if let Some(viewer) = viewer {
            self.add_viewer_relations(viewer, is_owner && list.is_followings(), &mut entries)?;
        }
        let mut listed: Vec<(Mid, CardVersion)> = entries.iter().map(|entry| (entry.mid, 0)).collect();
        remove_known(&entries, &mut listed);
        let cards = listed.into_iter().map(|(mid, version)| {
            let card = self.get(mid)?;
            Ok((version, card.unwrap_or(Card::new(mid))))
        });
        let cards = cards.collect::<Result<_, StorageError>>()?;
        Ok(Ok(Page { entries, cards, total, version }))
    }

    /// Returns true if the owner hides the list from its viewer, who is another.
    fn is_hidden(&self, ListQuery { owner, list, viewer, .. }: ListQuery) -> Result<bool, StorageError> {
        let audience = self.get::<Privacy>(owner)?.and_then(|privacy| list.audience(&privacy));
        match (audience.unwrap_or_default(), viewer) {
            (Audience::Mutuals, Some(viewer)) => {
                let pair = self.relation_pair(viewer, owner)?;
                Ok(!Audience::Mutuals.includes(pair.as_ref()))
            }
            (audience, _) => Ok(!audience.includes(None)),
        }
    }

    /// Adds the viewer's relations to the listed members. In the viewer's own followings also the times and groups
    /// of them.
    fn add_viewer_relations(
        &self,
        viewer: Mid,
        is_own_followings: bool,
        entries: &mut [ListEntry],
    ) -> Result<(), StorageError> {
        let mut positions: Vec<(EntryKey, usize)> =
            (0..).zip(entries.iter()).map(|(at, entry)| (encoding::key_by_mid(entry.mid), at)).collect();
        positions.sort_unstable();
        let keys: Vec<EntryKey> = positions.iter().map(|(key, _)| *key).collect();
        let mut positions = positions.into_iter();
        let list = encoding::relations_key(viewer);
        CountedBTree(&list).get_many(&self.0, &keys, &mut |found, value| {
            let outgoing = encoding::decode_relation(value)?;
            let Some((_, at)) = positions.find(|(key, _)| *key == found) else { return Ok(()) };
            let entry = &mut entries[at];
            let incoming = if outgoing.is_follow() { self.relation(entry.mid, viewer)? } else { None };
            entry.attribute = relation::encode_attribute(Some(&outgoing), incoming.as_ref());
            if is_own_followings {
                (entry.mtime, entry.groups) = (outgoing.mtime, outgoing.groups);
            }
            Ok(())
        })
    }

    /// Returns a page of the members that a search by name finds.
    pub(in super::super) fn find_members(&self, query: &NameQuery) -> Result<FoundPage, StorageError> {
        let by_mid = query.mid.map(|mid| self.get::<Card>(mid)).transpose()?.flatten();
        let mut found = Candidates::new(query, by_mid.as_ref());
        for scan in &query.scans {
            let (from, end) = encoding::name_range(scan);
            let bounds = (Bound::Included(from.as_slice()), Bound::Excluded(end.as_slice()));
            for entry in self.0.range(Table::NameIndex, bounds, Order::Asc)?.take(found.remaining) {
                found.add(encoding::name_entry_mid(entry?.0)?, scan);
            }
        }
        if let Some(viewer) = query.viewer {
            self.add_viewer_relations(viewer, false, found.entries_mut())?;
        }
        let mut page = found.into_page(query.window);
        for entry in &page.entries {
            page.cards.push(self.get(entry.mid)?.unwrap_or(Card::new(entry.mid)));
        }
        Ok(page)
    }

    /// Returns the keys in a window of a list of `total` entries.
    fn list_window(
        &self,
        list: &[u8],
        window: PageWindow,
        order: Order,
        total: u32,
    ) -> Result<Vec<EntryKey>, StorageError> {
        let total = total as usize;
        let skip = usize::try_from(window.offset).map_or(total, |skip| skip.min(total));
        let take = window.limit.min(total - skip);
        let from = if order == Order::Asc { skip } else { total - skip - take };
        let mut keys = CountedBTree(list).range_by_rank(&self.0, from..from + take)?;
        if order == Order::Desc {
            keys.reverse();
        }
        Ok(keys)
    }

    /// Returns the number of entries of a list, or `None` if the owner has no such group.
    fn list_len(&self, owner: Mid, list: List, counters: &Counters) -> Result<Option<u32>, StorageError> {
        match list {
            List::Group(tagid) if !tagid.is_built_in() => match self.get::<Group>((owner, tagid))? {
                Some(_) => self.group_list_len(owner, tagid).map(Some),
                None => Ok(None),
            },
            _ => Ok(list.counted_len(counters)),
        }
    }

    /// Returns the length of the list of a group's members.
    pub(in super::super) fn group_list_len(&self, owner: Mid, tagid: Tagid) -> Result<u32, StorageError> {
        CountedBTree(&encoding::group_members_key(owner, tagid)).len(&self.0)
    }

    pub(in super::super) fn groups(&self, owner: Mid) -> Result<Groups, StorageError> {
        let Counters { special, default, .. } = self.counters(owner)?.unwrap_or_default();
        let own = self.own_groups(owner)?.into_iter().map(|group| {
            let size = self.group_list_len(owner, group.tagid)?;
            Ok((group, size))
        });
        Ok(Groups { special, default, own: own.collect::<Result<_, StorageError>>()? })
    }

    pub(in super::super) fn own_groups(&self, owner: Mid) -> Result<Vec<Group>, StorageError> {
        self.rows_of(owner, usize::MAX)
    }

    pub(in super::super) fn groups_containing(
        &self,
        me: Mid,
        them: Mid,
    ) -> Result<Option<JoinedGroups>, StorageError> {
        let Some(pair) = self.relation_pair(me, them)? else { return Ok(None) };
        let joined = pair.outgoing.map(|relation| relation.groups).unwrap_or_default().into_iter();
        let named = joined.map(|membership| {
            let group: Option<Group> = self.get((me, membership.tagid))?;
            Ok((membership.tagid, group.map(|group| group.name)))
        });
        named.collect::<Result<_, StorageError>>().map(Some)
    }

    pub(in super::super) fn all_group_members(
        &self,
        owner: Mid,
        tagid: Tagid,
    ) -> Result<Vec<Mid>, StorageError> {
        let list = encoding::group_members_key(owner, tagid);
        let keys = CountedBTree(&list).range_by_rank(&self.0, 0..usize::MAX)?;
        keys.into_iter().map(encoding::key_mid).collect()
    }

    /// Returns up to `limit` relations from and to a member, as (owner, other).
    pub(in super::super) fn relations_batch(
        &self,
        mid: Mid,
        limit: usize,
    ) -> Result<Vec<(Mid, Mid)>, StorageError> {
        let mut relations = Vec::new();
        for (list, is_own) in [
            (encoding::relations_key(mid), true),
            (encoding::followers_key(mid), false),
            (encoding::private_relations_key(mid), false),
        ] {
            for key in CountedBTree(&list).range_by_rank(&self.0, 0..limit - relations.len())? {
                let other = encoding::key_mid(key)?;
                relations.push(if is_own { (mid, other) } else { (other, mid) });
            }
        }
        Ok(relations)
    }
}
