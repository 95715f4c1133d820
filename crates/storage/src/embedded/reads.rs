//! A snapshot as the service sees it: one moment's truth, held for one question and never across a wait.

use super::layout::{self, Table};
use super::node::Item;
use super::roll::Roll;
use super::view::View;
use crate::StorageError;
use crate::cards::Known;
use crate::dump::Progress;
use crate::key::{Key, Parts};
use crate::row::{
    self, AuditRow, Card, CoinRow, Due, Group, Growth, LoginRow, Profile, Record, RewardRow, Session,
    TokenHash, Upstat,
};
use crate::stat::{Counters, second};
use crate::store::{Entry, Groups, JoinedGroups, List, ListQuery, Page, Space};
use crate::visitors::DailyLoginCache;
use guanxi_domain::page::Window;
use guanxi_domain::relation::RelationPair;
use guanxi_domain::tie::{self, Relation, RelationKind};
use guanxi_domain::value::LARGEST_COUNTED;
use guanxi_types::Order;
use guanxi_types::{Mid, Tagid};
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use std::ops::Bound;

/// What a transaction sees.
#[derive(Clone, Copy)]
pub(super) struct Snapshot<'t>(pub(super) View<'t>);

/// How much the clock looks at in one go.
const DUE_AT_ONCE: usize = 256;

impl<'t> Snapshot<'t> {
    pub(super) fn new(view: View<'t>) -> Snapshot<'t> {
        Snapshot(view)
    }

    pub(super) fn loading(&self) -> Result<Option<Progress>, StorageError> {
        let bytes = self.0.get(Table::Next, layout::LOADING)?;
        bytes.map(|bytes| layout::decode("how far a load came", bytes)).transpose()
    }

    pub(super) fn is_empty(&self) -> Result<bool, StorageError> {
        Ok(self.0.all(Table::Chain)?.next().transpose()?.is_none())
    }

    pub(super) fn get<R: Record>(&self, key: R::Key) -> Result<Option<R>, StorageError> {
        let bytes = self.0.get(Table::Of(R::TABLE), &key.bytes())?;
        bytes.map(|bytes| layout::decode(R::TABLE.name(), bytes)).transpose()
    }

    pub(super) fn stat(&self, mid: Mid) -> Result<Option<Counters>, StorageError> {
        self.0.get(Table::Chain, &layout::stat_key(mid))?.map(layout::stat_of).transpose()
    }

    pub(super) fn tie(&self, from: Mid, to: Mid) -> Result<Option<Relation>, StorageError> {
        let ties = layout::ties_key(from);
        Roll(&ties).find(&self.0, layout::only(to))?.map(layout::tie_of).transpose()
    }

    /// The last place among the ties of a member's lists that began in a second.
    pub(super) fn last_seq(&self, mid: Mid, time: i64) -> Result<Option<u32>, StorageError> {
        let kinds = [RelationKind::Whisper, RelationKind::Follow, RelationKind::Black]
            .map(|kind| layout::out_key(mid, kind));
        let mut last = None;
        for roll in kinds.iter().chain([&layout::fans_key(mid)]) {
            let found = Roll(roll).last_to(&self.0, (second(time), u32::MAX, u64::MAX))?;
            last = last.max(found.filter(|item| item.0 == second(time)).map(|item| item.1));
        }
        Ok(last)
    }

    pub(super) fn pair(&self, me: Mid, them: Mid) -> Result<Option<RelationPair>, StorageError> {
        if self.stat(them)?.is_none() {
            return Ok(None);
        }
        Ok(Some(RelationPair { outgoing: self.tie(me, them)?, incoming: self.tie(them, me)? }))
    }

    pub(super) fn page(&self, page: ListQuery, cards: Known<'_>) -> Result<Option<Page>, StorageError> {
        let ListQuery { owner, list, viewer, window, order } = page;
        let Some(stat) = self.stat(owner)?.filter(|_| list.is_for(viewer, owner)) else { return Ok(None) };
        let (members, total, version) = match (list, list.kind()) {
            (List::Group(tagid), _) => {
                let Some(size) = self.size(owner, tagid, &stat)? else { return Ok(None) };
                (self.group(owner, tagid, window, order, size)?, size, stat.version_of_followings(true))
            }
            (_, Some(kind)) => {
                let (total, version) = (stat.of(kind), stat.version_of_followings(viewer == Some(owner)));
                (self.ties_of(owner, kind, window, order, total)?, total, version)
            }
            (_, None) => (self.fans(owner, window, order, stat.follower)?, stat.follower, stat.fans_version),
        };
        let own = viewer == Some(owner) && list.is_followings();
        let mids: Vec<Mid> = members.iter().map(|(mid, _)| *mid).collect();
        let faces = cards.faces(&mids, |mid| Ok(self.get(mid)?.unwrap_or(Card::of(mid))))?;
        let bare = |(mid, mtime)| Entry { mid, mtime, attribute: 0, groups: Vec::new() };
        let mut entries: Vec<Entry> = members.into_iter().map(bare).collect();
        if let Some(viewer) = viewer {
            self.seen_by(viewer, own, &mut entries)?;
        }
        Ok(Some(Page { entries, faces, total, version }))
    }

    /// Adds what a viewer sees of their own ties to the members listed.
    fn seen_by(&self, viewer: Mid, own: bool, entries: &mut [Entry]) -> Result<(), StorageError> {
        let mut asked: Vec<(Item, usize)> =
            (0..).zip(entries.iter()).map(|(at, entry)| (layout::only(entry.mid), at)).collect();
        asked.sort_unstable();
        let items: Vec<Item> = asked.iter().map(|(item, _)| *item).collect();
        let mut asked = asked.into_iter();
        Roll(&layout::ties_key(viewer)).pick(&self.0, &items, &mut |found, tie| {
            let mine = layout::tie_of(tie)?;
            let Some((_, at)) = asked.find(|(item, _)| *item == found) else { return Ok(()) };
            let entry = &mut entries[at];
            let theirs = if mine.is_follow() { self.tie(entry.mid, viewer)? } else { None };
            entry.attribute = tie::attribute(Some(&mine), theirs.as_ref());
            if own {
                (entry.mtime, entry.groups) = (mine.mtime, mine.groups);
            }
            Ok(())
        })
    }

    fn fans(
        &self,
        owner: Mid,
        window: Window,
        order: Order,
        total: u32,
    ) -> Result<Vec<(Mid, i64)>, StorageError> {
        self.stretch(&layout::fans_key(owner), window, order, total)?.into_iter().map(timed).collect()
    }

    fn ties_of(
        &self,
        owner: Mid,
        kind: RelationKind,
        window: Window,
        order: Order,
        total: u32,
    ) -> Result<Vec<(Mid, i64)>, StorageError> {
        self.stretch(&layout::out_key(owner, kind), window, order, total)?.into_iter().map(timed).collect()
    }

    fn group(
        &self,
        owner: Mid,
        tagid: Tagid,
        window: Window,
        order: Order,
        total: u32,
    ) -> Result<Vec<(Mid, i64)>, StorageError> {
        let items = self.stretch(&layout::group_key(owner, tagid), window, order, total)?;
        items.into_iter().map(|item| Ok((layout::member(item)?, 0))).collect()
    }

    /// The items of a roll in a window.
    fn stretch(
        &self,
        roll: &[u8],
        window: Window,
        order: Order,
        total: u32,
    ) -> Result<Vec<Item>, StorageError> {
        let total = total as usize;
        let skip = usize::try_from(window.skip).map_or(total, |skip| skip.min(total));
        let take = window.take.min(total - skip);
        let from = if order == Order::Asc { skip } else { total - skip - take };
        let mut items = Roll(roll).stretch(&self.0, from..from + take)?;
        if order == Order::Desc {
            items.reverse();
        }
        Ok(items)
    }

    /// How many are in a group; none if it is not the owner's.
    fn size(&self, owner: Mid, tagid: Tagid, stat: &Counters) -> Result<Option<u32>, StorageError> {
        match tagid {
            Tagid::SPECIAL => Ok(Some(stat.special)),
            Tagid::DEFAULT => Ok(Some(stat.default)),
            _ if self.get::<Group>((owner, tagid))?.is_none() => Ok(None),
            _ => self.group_size(owner, tagid).map(Some),
        }
    }

    pub(super) fn group_size(&self, owner: Mid, tagid: Tagid) -> Result<u32, StorageError> {
        Roll(&layout::group_key(owner, tagid)).total(&self.0)
    }

    pub(super) fn groups(&self, owner: Mid) -> Result<Groups, StorageError> {
        let Counters { special, default, .. } = self.stat(owner)?.unwrap_or_default();
        let sized = self.own_groups(owner)?.into_iter().map(|group| {
            let size = self.group_size(owner, group.tagid)?;
            Ok((group, size))
        });
        Ok(Groups { special, default, own: sized.collect::<Result<_, StorageError>>()? })
    }

    pub(super) fn own_groups(&self, owner: Mid) -> Result<Vec<Group>, StorageError> {
        let groups = self.0.prefix(Table::Of(Group::TABLE), &owner.bytes(), Order::Asc)?;
        groups.map(|group| layout::decode(Group::TABLE.name(), group?.1)).collect()
    }

    pub(super) fn groups_of(&self, me: Mid, them: Mid) -> Result<Option<JoinedGroups>, StorageError> {
        let Some(pair) = self.pair(me, them)? else { return Ok(None) };
        let joined = pair.outgoing.map(|tie| tie.groups).unwrap_or_default().into_iter();
        let named = joined.map(|joined| {
            let group: Option<Group> = self.get((me, joined.tagid))?;
            Ok((joined.tagid, group.map(|group| group.name)))
        });
        named.collect::<Result<_, StorageError>>().map(Some)
    }

    /// The number of the next group.
    pub(super) fn next_tagid(&self) -> Result<i64, StorageError> {
        let next = self.0.get(Table::Next, layout::NEXT_TAGID)?;
        let read = |bytes: &[u8]| bytes.try_into().ok().map(i64::from_be_bytes);
        next.map_or(Ok(1), |bytes| layout::whole("the next tagid", read(bytes)))
    }

    pub(super) fn grouped(&self, owner: Mid, tagid: Tagid) -> Result<Vec<Mid>, StorageError> {
        let all = Window { skip: 0, take: usize::MAX };
        let size = self.size(owner, tagid, &self.stat(owner)?.unwrap_or_default())?.unwrap_or(0);
        Ok(self.group(owner, tagid, all, Order::Asc, size)?.into_iter().map(|(mid, _)| mid).collect())
    }

    pub(super) fn space(&self, mid: Mid, viewer: Option<Mid>) -> Result<Option<Space>, StorageError> {
        let Some(stat) = self.stat(mid)? else { return Ok(None) };
        let tie = viewer.map(|viewer| self.tie(viewer, mid)).transpose()?.flatten();
        Ok(Some(Space {
            card: self.get(mid)?.unwrap_or(Card::of(mid)),
            profile: self.get(mid)?.unwrap_or(Profile::of(mid)),
            growth: self.get(mid)?.unwrap_or(Growth::of(mid)),
            upstat: self.get(mid)?.unwrap_or(Upstat::of(mid)),
            stat,
            followed: tie.is_some_and(|tie| tie.kind != RelationKind::Black),
        }))
    }

    pub(super) fn coins(&self, mid: Mid, since: i64, most: usize) -> Result<Vec<CoinRow>, StorageError> {
        self.log(Table::Coin, mid, since)?.take(most).collect()
    }

    pub(super) fn logins(&self, mid: Mid, since: i64, most: usize) -> Result<Vec<LoginRow>, StorageError> {
        self.log(Table::Login, mid, since)?.take(most).collect()
    }

    pub(super) fn first_login(&self, mid: Mid) -> Result<Option<LoginRow>, StorageError> {
        let first = self.0.prefix(Table::Login, &mid.bytes(), Order::Asc)?.next();
        first.map(|row| layout::decode("a log", row?.1)).transpose()
    }

    /// The rows of a member's log from a second on, newest first.
    fn log<R: DeserializeOwned>(
        &self,
        table: Table,
        mid: Mid,
        since: i64,
    ) -> Result<impl Iterator<Item = Result<R, StorageError>>, StorageError> {
        let from = (mid, second(since)).bytes();
        let rows = self.0.prefix(table, &mid.bytes(), Order::Desc)?;
        let recent =
            rows.take_while(move |row| row.as_ref().map_or(true, |(key, _)| *key >= from.as_slice()));
        Ok(recent.map(|row| layout::decode("a log", row?.1)))
    }

    /// How many rows of a log equal one of that member and that second.
    pub(super) fn entries<R: DeserializeOwned + PartialEq>(
        &self,
        table: Table,
        mid: Mid,
        time: i64,
        row: &R,
    ) -> Result<usize, StorageError> {
        let mut equal = 0;
        for entry in self.0.prefix(table, &(mid, second(time)).bytes(), Order::Asc)? {
            equal += usize::from(layout::decode::<R>("a log", entry?.1)? == *row);
        }
        Ok(equal)
    }

    pub(super) fn due(&self, now: i64, tables: &[row::Table]) -> Result<Vec<Due>, StorageError> {
        let mut due: Vec<(u32, Due)> = Vec::new();
        for &table in tables {
            let (from, late) = ([table as u8], layout::awaited_from(table, now.saturating_add(1)));
            let bounds = (Bound::Included(from.as_slice()), Bound::Excluded(late.as_slice()));
            for entry in self.0.range(Table::Due, bounds, Order::Asc)?.take(DUE_AT_ONCE) {
                let mut parts = Parts(&entry?.0[1..]);
                let since = layout::whole("what is due", parts.number())?;
                due.push((since, Due { table, key: parts.0.to_vec() }));
            }
        }
        due.sort_by_key(|(since, _)| *since);
        Ok(due.into_iter().map(|(_, due)| due).take(DUE_AT_ONCE).collect())
    }

    pub(super) fn waiting<R: Record>(&self, since: i64, most: usize) -> Result<Vec<R>, StorageError> {
        let (from, past) = (layout::awaited_from(R::TABLE, since), [R::TABLE as u8 + 1]);
        let bounds = (Bound::Included(from.as_slice()), Bound::Excluded(past.as_slice()));
        let rows = self.0.range(Table::Waiting, bounds, Order::Asc)?.take(most).map(|entry| {
            let key = entry?.0.get(from.len()..).unwrap_or_default();
            let bytes = self.0.get(Table::Of(R::TABLE), key)?;
            bytes.map(|bytes| layout::decode(R::TABLE.name(), bytes)).transpose()
        });
        rows.filter_map(Result::transpose).collect()
    }

    pub(super) fn all<R: Record>(&self) -> Result<Vec<R>, StorageError> {
        let rows = self.0.all(Table::Of(R::TABLE))?;
        rows.map(|row| layout::decode(R::TABLE.name(), row?.1)).collect()
    }

    pub(super) fn audit(&self, before: Option<u64>, most: usize) -> Result<Vec<AuditRow>, StorageError> {
        let end = before.map(Key::bytes);
        let bounds = (Bound::Unbounded, end.as_deref().map_or(Bound::Unbounded, Bound::Excluded));
        let rows = self.0.range(Table::Of(AuditRow::TABLE), bounds, Order::Desc)?;
        rows.take(most).map(|row| layout::decode(AuditRow::TABLE.name(), row?.1)).collect()
    }

    /// The least mid that was never given, of those that are counted: mids above [`LARGEST_COUNTED`] move nothing.
    pub(super) fn next_mid(&self) -> Result<u64, StorageError> {
        let read = |bytes: &[u8]| bytes.try_into().ok().map(u64::from_be_bytes);
        let kept = self.0.get(Table::Next, layout::NEXT_MID)?;
        let kept = kept.map_or(Ok(1), |bytes| layout::whole("the next mid", read(bytes)))?;
        let end = (LARGEST_COUNTED + 1).bytes();
        let last = self
            .0
            .range(Table::Chain, (Bound::Unbounded, Bound::Excluded(end.as_slice())), Order::Desc)?
            .next()
            .transpose()?;
        let last = last.map_or(Ok(0), |(key, _)| layout::whole("a member", key.get(..8).and_then(read)))?;
        Ok(kept.max(last + 1))
    }

    pub(super) fn members_after(&self, after: Option<Mid>, most: usize) -> Result<Vec<Mid>, StorageError> {
        let mut members = Vec::new();
        let mut next = after.map_or(0, Mid::get) + 1;
        while members.len() < most {
            let from = next.bytes();
            let bounds = (Bound::Included(from.as_slice()), Bound::Unbounded);
            let Some(entry) = self.0.range(Table::Chain, bounds, Order::Asc)?.next() else { break };
            let member = layout::whole("a member", Parts(entry?.0).mid())?;
            members.push(member);
            next = member.get() + 1;
        }
        Ok(members)
    }

    pub(super) fn some_ties(&self, mid: Mid, most: usize) -> Result<Vec<(Mid, Mid)>, StorageError> {
        let mut ties = Vec::new();
        let (own, fans, hidden) = (layout::ties_key(mid), layout::fans_key(mid), layout::hidden_key(mid));
        for (roll, is_own) in [(&own, true), (&fans, false), (&hidden, false)] {
            for item in Roll(roll).stretch(&self.0, 0..most - ties.len())? {
                let other = layout::member(item)?;
                ties.push(if is_own { (mid, other) } else { (other, mid) });
            }
        }
        Ok(ties)
    }

    /// Some of the keys of a member's in a table.
    pub(super) fn keys_of(&self, table: Table, mid: Mid, most: usize) -> Result<Vec<Vec<u8>>, StorageError> {
        let keys = self.0.prefix(table, &mid.bytes(), Order::Asc)?;
        keys.take(most).map(|entry| Ok(entry?.0.to_vec())).collect()
    }

    pub(super) fn session(
        &self,
        hash: TokenHash,
        day: Date,
        visitors: &DailyLoginCache,
    ) -> Result<Option<(Session, bool)>, StorageError> {
        let Some(session) = self.get::<Session>(hash)? else { return Ok(None) };
        // What a day has given is never taken back.
        if visitors.contains(session.mid, day) {
            return Ok(Some((session, true)));
        }
        let given = self.get::<RewardRow>((session.mid, day))?.is_some_and(|row| row.given.login);
        if given {
            visitors.insert(session.mid, day);
        }
        Ok(Some((session, given)))
    }

    pub(super) fn sessions(&self, mid: Mid) -> Result<Vec<Session>, StorageError> {
        let prefix = mid.bytes();
        let mut sessions = Vec::new();
        for entry in self.0.prefix(Table::Sessions, &prefix, Order::Asc)? {
            let hash = layout::whole("a session", entry?.0[prefix.len()..].try_into().ok())?;
            sessions.extend(self.get::<Session>(hash)?);
        }
        Ok(sessions)
    }
}

/// The member and the time of an item of a roll by time.
fn timed(item: Item) -> Result<(Mid, i64), StorageError> {
    Ok((layout::member(item)?, i64::from(item.0)))
}
