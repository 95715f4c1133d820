//! The reads of lists: relations, followers, groups.

use super::super::counted_btree::{CountedBTree, EntryKey};
use super::super::encoding::{self, Table};
use super::Queries;
use crate::StorageError;
use crate::counters::Counters;
use crate::key::Key;
use crate::model::{Card, Entity, Group};
use crate::store::{Groups, JoinedGroups, List, ListEntry, ListQuery, Page};
use guanxi_domain::paging::PageWindow;
use guanxi_domain::relation::{self, RelationKind};
use guanxi_types::{Mid, Order, Tagid};

impl Queries<'_> {
    pub(in super::super) fn list_page(
        &self,
        query: ListQuery,
        remove_known: impl FnOnce(&mut Vec<Mid>),
    ) -> Result<Option<Page>, StorageError> {
        let ListQuery { owner, list, viewer, window, order } = query;
        let Some(counters) = self.counters(owner)?.filter(|_| list.is_visible_to(viewer, owner)) else {
            return Ok(None);
        };
        let is_owner = viewer == Some(owner);
        let (members, total, version) = match (list, list.relation_kind()) {
            (List::Group(tagid), _) => {
                let Some(size) = self.group_len(owner, tagid, &counters)? else { return Ok(None) };
                let version = counters.followings_version_for(true);
                (self.group_members(owner, tagid, window, order, size)?, size, version)
            }
            (_, Some(kind)) => {
                let (total, version) =
                    (counters.relation_count(kind), counters.followings_version_for(is_owner));
                (self.relations_by_kind(owner, kind, window, order, total)?, total, version)
            }
            (_, None) => {
                let (total, version) = (counters.follower, counters.followers_version);
                (self.followers(owner, window, order, total)?, total, version)
            }
        };
        let mut mids: Vec<Mid> = members.iter().map(|(mid, _)| *mid).collect();
        remove_known(&mut mids);
        let cards = mids.into_iter().map(|mid| Ok(self.get(mid)?.unwrap_or(Card::new(mid))));
        let cards = cards.collect::<Result<_, StorageError>>()?;
        let without_viewer = |(mid, mtime)| ListEntry { mid, mtime, attribute: 0, groups: Vec::new() };
        let mut entries: Vec<ListEntry> = members.into_iter().map(without_viewer).collect();
        if let Some(viewer) = viewer {
            self.add_viewer_relations(viewer, is_owner && list.is_followings(), &mut entries)?;
        }
        Ok(Some(Page { entries, cards, total, version }))
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

    fn followers(
        &self,
        owner: Mid,
        window: PageWindow,
        order: Order,
        total: u32,
    ) -> Result<Vec<(Mid, i64)>, StorageError> {
        let keys = self.list_window(&encoding::followers_key(owner), window, order, total)?;
        keys.into_iter().map(mid_and_time).collect()
    }

    fn relations_by_kind(
        &self,
        owner: Mid,
        kind: RelationKind,
        window: PageWindow,
        order: Order,
        total: u32,
    ) -> Result<Vec<(Mid, i64)>, StorageError> {
        let keys = self.list_window(&encoding::relations_by_kind_key(owner, kind), window, order, total)?;
        keys.into_iter().map(mid_and_time).collect()
    }

    fn group_members(
        &self,
        owner: Mid,
        tagid: Tagid,
        window: PageWindow,
        order: Order,
        total: u32,
    ) -> Result<Vec<(Mid, i64)>, StorageError> {
        let keys = self.list_window(&encoding::group_members_key(owner, tagid), window, order, total)?;
        keys.into_iter().map(|key| Ok((encoding::key_mid(key)?, 0))).collect()
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

    /// Returns the number of members of a group; `None` if the owner has no such group.
    fn group_len(&self, owner: Mid, tagid: Tagid, counters: &Counters) -> Result<Option<u32>, StorageError> {
        match tagid {
            Tagid::SPECIAL => Ok(Some(counters.special)),
            Tagid::DEFAULT => Ok(Some(counters.default)),
            _ if self.get::<Group>((owner, tagid))?.is_none() => Ok(None),
            _ => self.group_list_len(owner, tagid).map(Some),
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
        let groups = self.0.prefix(Table::Rows(Group::TABLE), &owner.bytes(), Order::Asc)?;
        groups.map(|group| encoding::decode(Group::TABLE.name(), group?.1)).collect()
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
        let all = PageWindow { offset: 0, limit: usize::MAX };
        let counters = self.counters(owner)?.unwrap_or_default();
        let size = self.group_len(owner, tagid, &counters)?.unwrap_or(0);
        let members = self.group_members(owner, tagid, all, Order::Asc, size)?;
        Ok(members.into_iter().map(|(mid, _)| mid).collect())
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

/// The member and the time of an entry in a list that is ordered by time.
fn mid_and_time(key: EntryKey) -> Result<(Mid, i64), StorageError> {
    Ok((encoding::key_mid(key)?, i64::from(key.0)))
}
