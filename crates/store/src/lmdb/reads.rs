//! A snapshot as the service sees it: one moment's truth, held for one question and never across a wait.

use super::layout::{self, Db, Tables};
use crate::Fault;
use crate::dump::Progress;
use crate::key::{Key, Parts};
use crate::row::{
    AuditRow, Card, CoinRow, Due, Group, Growth, LoginRow, Profile, Record, RewardRow, Session, Table,
    TokenHash, Upstat,
};
use crate::stat::Stat;
use crate::store::{Entry, Groups, JoinedGroups, List, Page, PageOf, Space};
use guanxi_rules::page::Window;
use guanxi_rules::relation::Pair;
use guanxi_rules::tie::{self, Kind, Tie};
use guanxi_wire::paging::Order;
use guanxi_wire::{Mid, Tagid};
use heed::{AnyTls, RoTxn};
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use std::ops::Bound;

/// What a transaction sees.
#[derive(Clone, Copy)]
pub(super) struct Snapshot<'t> {
    pub(super) txn: &'t RoTxn<'t, AnyTls>,
    pub(super) tables: &'t Tables,
}

/// How much the clock looks at in one go.
const DUE_AT_ONCE: usize = 256;

impl<'t> Snapshot<'t> {
    pub(super) fn new(txn: &'t RoTxn<'_, AnyTls>, tables: &'t Tables) -> Snapshot<'t> {
        Snapshot { txn, tables }
    }

    pub(super) fn loading(&self) -> Result<Option<Progress>, Fault> {
        let bytes = self.tables.next.get(self.txn, layout::LOADING)?;
        bytes.map(|bytes| layout::decode("how far a load came", bytes)).transpose()
    }

    pub(super) fn members(&self) -> Result<u64, Fault> {
        Ok(self.tables.stat.len(self.txn)?)
    }

    pub(super) fn get<R: Record>(&self, key: R::Key) -> Result<Option<R>, Fault> {
        let bytes = self.tables.of(R::TABLE).get(self.txn, &key.bytes())?;
        bytes.map(|bytes| layout::decode(R::TABLE.name(), bytes)).transpose()
    }

    pub(super) fn stat(&self, mid: Mid) -> Result<Option<Stat>, Fault> {
        self.tables.stat.get(self.txn, &mid.get().to_be_bytes())?.map(layout::stat_of).transpose()
    }

    pub(super) fn tie(&self, from: Mid, to: Mid) -> Result<Option<Tie>, Fault> {
        self.tables.tie.get(self.txn, &(from, to).bytes())?.map(layout::tie_of).transpose()
    }

    pub(super) fn pair(&self, me: Mid, them: Mid) -> Result<Option<Pair>, Fault> {
        if self.stat(them)?.is_none() {
            return Ok(None);
        }
        Ok(Some(Pair { mine: self.tie(me, them)?, theirs: self.tie(them, me)? }))
    }

    pub(super) fn page(&self, page: PageOf) -> Result<Option<Page>, Fault> {
        let PageOf { owner, list, viewer, window, order } = page;
        let Some(stat) = self.stat(owner)?.filter(|_| list.is_for(viewer, owner)) else { return Ok(None) };
        let (members, total, version) = match (list, list.kind()) {
            (List::Group(tagid), _) => {
                let Some(size) = self.size(owner, tagid, &stat)? else { return Ok(None) };
                (self.group(owner, tagid, window, size)?, size, stat.version_of_followings(true))
            }
            (_, Some(kind)) => {
                let (total, version) = (stat.of(kind), stat.version_of_followings(viewer == Some(owner)));
                (self.ties_of(owner, kind, window, order, total)?, total, version)
            }
            (_, None) => (self.fans(owner, window, order, stat.follower)?, stat.follower, stat.fans_version),
        };
        let own = viewer == Some(owner) && list == List::Followings;
        let entries = members.into_iter().map(|(mid, mtime)| self.entry(mid, mtime, viewer, own));
        Ok(Some(Page { entries: entries.collect::<Result<_, _>>()?, total, version }))
    }

    fn entry(&self, mid: Mid, mtime: i64, viewer: Option<Mid>, own: bool) -> Result<Entry, Fault> {
        let card = self.get(mid)?.unwrap_or(Card::of(mid));
        let mine = viewer.map(|viewer| self.tie(viewer, mid)).transpose()?.flatten();
        let theirs = match viewer {
            Some(viewer) if mine.as_ref().is_some_and(Tie::is_follow) => self.tie(mid, viewer)?,
            _ => None,
        };
        let attribute = tie::attribute(mine.as_ref(), theirs.as_ref());
        let groups = mine.filter(|_| own).map(|tie| tie.groups).unwrap_or_default();
        Ok(Entry { card, mtime, attribute, groups })
    }

    fn fans(&self, owner: Mid, window: Window, order: Order, total: u32) -> Result<Vec<(Mid, i64)>, Fault> {
        self.stretch(&self.tables.fans, &owner.bytes(), window, order, total, timed)
    }

    fn ties_of(
        &self,
        owner: Mid,
        kind: Kind,
        window: Window,
        order: Order,
        total: u32,
    ) -> Result<Vec<(Mid, i64)>, Fault> {
        self.stretch(&self.tables.out, &layout::out_prefix(owner, kind), window, order, total, timed)
    }

    fn group(&self, owner: Mid, tagid: Tagid, window: Window, total: u32) -> Result<Vec<(Mid, i64)>, Fault> {
        self.stretch(&self.tables.grouped, &(owner, tagid).bytes(), window, Order::Asc, total, turned)
    }

    /// The entries of an index in a window, read by what stands behind the prefix. It is walked from the nearer end.
    fn stretch<T>(
        &self,
        db: &Db,
        prefix: &[u8],
        window: Window,
        order: Order,
        total: u32,
        read: fn(Parts<'_>) -> Option<T>,
    ) -> Result<Vec<T>, Fault> {
        let total = total as usize;
        let Some(skip) = usize::try_from(window.skip).ok().filter(|skip| *skip < total) else {
            return Ok(Vec::new());
        };
        let take = window.take.min(total - skip);
        let behind = total - skip - take;
        let nearer = if behind < skip { turned_round(order) } else { order };
        let skip = skip.min(behind);
        let entry =
            |key: heed::Result<(&[u8], &[u8])>| layout::whole("a list", read(Parts(&key?.0[prefix.len()..])));
        let walked: Result<Vec<T>, Fault> = match nearer {
            Order::Asc => db.prefix_iter(self.txn, prefix)?.skip(skip).take(take).map(entry).collect(),
            Order::Desc => db.rev_prefix_iter(self.txn, prefix)?.skip(skip).take(take).map(entry).collect(),
        };
        let mut entries = walked?;
        if nearer != order {
            entries.reverse();
        }
        Ok(entries)
    }

    /// How many are in a group; none if it is not the owner's.
    fn size(&self, owner: Mid, tagid: Tagid, stat: &Stat) -> Result<Option<u32>, Fault> {
        match tagid {
            Tagid::SPECIAL => Ok(Some(stat.special)),
            Tagid::DEFAULT => Ok(Some(stat.default)),
            _ if self.get::<Group>((owner, tagid))?.is_none() => Ok(None),
            _ => self.group_size(owner, tagid).map(Some),
        }
    }

    pub(super) fn group_size(&self, owner: Mid, tagid: Tagid) -> Result<u32, Fault> {
        let bytes = self.tables.group_size.get(self.txn, &(owner, tagid).bytes())?;
        bytes.map_or(Ok(0), |bytes| layout::whole("a group's size", Parts(bytes).number()))
    }

    pub(super) fn groups(&self, owner: Mid) -> Result<Groups, Fault> {
        let Stat { special, default, .. } = self.stat(owner)?.unwrap_or_default();
        let sized = self.own_groups(owner)?.into_iter().map(|group| {
            let size = self.group_size(owner, group.tagid)?;
            Ok((group, size))
        });
        Ok(Groups { special, default, own: sized.collect::<Result<_, Fault>>()? })
    }

    pub(super) fn own_groups(&self, owner: Mid) -> Result<Vec<Group>, Fault> {
        let groups = self.tables.of(Group::TABLE).prefix_iter(self.txn, &owner.bytes())?;
        groups.map(|group| layout::decode(Group::TABLE.name(), group?.1)).collect()
    }

    pub(super) fn groups_of(&self, me: Mid, them: Mid) -> Result<Option<JoinedGroups>, Fault> {
        let Some(pair) = self.pair(me, them)? else { return Ok(None) };
        let joined = pair.mine.map(|tie| tie.groups).unwrap_or_default().into_iter();
        let named = joined.map(|joined| {
            let group: Option<Group> = self.get((me, joined.tagid))?;
            Ok((joined.tagid, group.map(|group| group.name)))
        });
        named.collect::<Result<_, Fault>>().map(Some)
    }

    /// The number of the next group.
    pub(super) fn next_tagid(&self) -> Result<i64, Fault> {
        let next = self.tables.next.get(self.txn, layout::NEXT_TAGID)?;
        let read = |bytes: &[u8]| bytes.try_into().ok().map(i64::from_be_bytes);
        next.map_or(Ok(1), |bytes| layout::whole("the next tagid", read(bytes)))
    }

    pub(super) fn grouped(&self, owner: Mid, tagid: Tagid) -> Result<Vec<Mid>, Fault> {
        let all = Window { skip: 0, take: usize::MAX };
        let size = self.size(owner, tagid, &self.stat(owner)?.unwrap_or_default())?.unwrap_or(0);
        Ok(self.group(owner, tagid, all, size)?.into_iter().map(|(mid, _)| mid).collect())
    }

    pub(super) fn space(&self, mid: Mid, viewer: Option<Mid>) -> Result<Option<Space>, Fault> {
        let Some(stat) = self.stat(mid)? else { return Ok(None) };
        let tie = viewer.map(|viewer| self.tie(viewer, mid)).transpose()?.flatten();
        Ok(Some(Space {
            card: self.get(mid)?.unwrap_or(Card::of(mid)),
            profile: self.get(mid)?.unwrap_or(Profile::of(mid)),
            growth: self.get(mid)?.unwrap_or(Growth::of(mid)),
            upstat: self.get(mid)?.unwrap_or(Upstat::of(mid)),
            stat,
            followed: tie.is_some_and(|tie| tie.kind != Kind::Black),
        }))
    }

    pub(super) fn coins(&self, mid: Mid, since: i64) -> Result<Vec<CoinRow>, Fault> {
        self.log(&self.tables.coin, mid, since)?.collect()
    }

    pub(super) fn logins(&self, mid: Mid, since: i64) -> Result<Vec<LoginRow>, Fault> {
        self.log(&self.tables.login, mid, since)?.collect()
    }

    pub(super) fn first_login(&self, mid: Mid) -> Result<Option<LoginRow>, Fault> {
        let first = self.tables.login.prefix_iter(self.txn, &mid.bytes())?.next();
        first.map(|row| layout::decode("a log", row?.1)).transpose()
    }

    /// The rows of a member's log from a second on, newest first.
    fn log<R: DeserializeOwned>(
        &self,
        db: &Db,
        mid: Mid,
        since: i64,
    ) -> Result<impl Iterator<Item = Result<R, Fault>>, Fault> {
        let from = (mid, layout::second(since)).bytes();
        let rows = db.rev_prefix_iter(self.txn, &mid.bytes())?;
        let recent =
            rows.take_while(move |row| row.as_ref().map_or(true, |(key, _)| *key >= from.as_slice()));
        Ok(recent.map(|row| layout::decode("a log", row?.1)))
    }

    /// How many rows of a log equal one of that member and that second.
    pub(super) fn entries<R: DeserializeOwned + PartialEq>(
        &self,
        db: &Db,
        mid: Mid,
        time: i64,
        row: &R,
    ) -> Result<usize, Fault> {
        let mut equal = 0;
        for entry in db.prefix_iter(self.txn, &(mid, layout::second(time)).bytes())? {
            equal += usize::from(layout::decode::<R>("a log", entry?.1)? == *row);
        }
        Ok(equal)
    }

    pub(super) fn due(&self, now: i64) -> Result<Vec<Due>, Fault> {
        let late = layout::second(now).saturating_add(1).to_be_bytes();
        let due = self.tables.due.range(self.txn, &(Bound::Unbounded, Bound::Excluded(late.as_slice())))?;
        let read = |key: &[u8]| {
            let (table, key) = key.get(4..)?.split_first()?;
            Some(Due { table: Table::of(*table)?, key: key.to_vec() })
        };
        due.take(DUE_AT_ONCE).map(|entry| layout::whole("what is due", read(entry?.0))).collect()
    }

    pub(super) fn waiting<R: Record>(&self, since: i64, most: usize) -> Result<Vec<R>, Fault> {
        let (from, past) = (layout::waiting_from(R::TABLE, since), [R::TABLE as u8 + 1]);
        let bounds = (Bound::Included(from.as_slice()), Bound::Excluded(past.as_slice()));
        let rows = self.tables.waiting.range(self.txn, &bounds)?.take(most).map(|entry| {
            let key = entry?.0.get(from.len()..).unwrap_or_default();
            let bytes = self.tables.of(R::TABLE).get(self.txn, key)?;
            bytes.map(|bytes| layout::decode(R::TABLE.name(), bytes)).transpose()
        });
        rows.filter_map(Result::transpose).collect()
    }

    pub(super) fn all<R: Record>(&self) -> Result<Vec<R>, Fault> {
        let rows = self.tables.of(R::TABLE).iter(self.txn)?;
        rows.map(|row| layout::decode(R::TABLE.name(), row?.1)).collect()
    }

    pub(super) fn audit(&self, before: Option<u64>, most: usize) -> Result<Vec<AuditRow>, Fault> {
        let end = before.map(Key::bytes);
        let bounds = (Bound::Unbounded, end.as_deref().map_or(Bound::Unbounded, Bound::Excluded));
        let rows = self.tables.of(AuditRow::TABLE).rev_range(self.txn, &bounds)?;
        rows.take(most).map(|row| layout::decode(AuditRow::TABLE.name(), row?.1)).collect()
    }

    /// The least mid that was never given.
    pub(super) fn next_mid(&self) -> Result<u64, Fault> {
        let read = |bytes: &[u8]| bytes.try_into().ok().map(u64::from_be_bytes);
        let kept = self.tables.next.get(self.txn, layout::NEXT_MID)?;
        let kept = kept.map_or(Ok(1), |bytes| layout::whole("the next mid", read(bytes)))?;
        let last = self.tables.stat.last(self.txn)?;
        let last = last.map_or(Ok(0), |(key, _)| layout::whole("a member's counters", read(key)))?;
        Ok(kept.max(last + 1))
    }

    pub(super) fn members_after(&self, after: Option<Mid>, most: usize) -> Result<Vec<Mid>, Fault> {
        let after = after.map(Key::bytes);
        let bounds = (after.as_deref().map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let members = self.tables.stat.range(self.txn, &bounds)?;
        members.take(most).map(|entry| layout::whole("a member", Parts(entry?.0).mid())).collect()
    }

    pub(super) fn some_ties(&self, mid: Mid, most: usize) -> Result<Vec<(Mid, Mid)>, Fault> {
        let behind =
            |key: &[u8], at: usize| layout::whole("a tie", key.get(at..).and_then(|key| Parts(key).mid()));
        let (prefix, mut ties) = (mid.bytes(), Vec::new());
        for entry in self.tables.tie.prefix_iter(self.txn, &prefix)?.take(most) {
            ties.push((mid, behind(entry?.0, prefix.len())?));
        }
        // Behind the member: a fan's time and the fan, or the owner of a hidden tie.
        for (db, at) in [(&self.tables.fans, prefix.len() + 4), (&self.tables.hidden, prefix.len())] {
            for entry in db.prefix_iter(self.txn, &prefix)?.take(most - ties.len()) {
                ties.push((behind(entry?.0, at)?, mid));
            }
        }
        Ok(ties)
    }

    /// Some of the keys of a member's in a table.
    pub(super) fn keys_of(&self, db: &Db, mid: Mid, most: usize) -> Result<Vec<Vec<u8>>, Fault> {
        let keys = db.prefix_iter(self.txn, &mid.bytes())?;
        keys.take(most).map(|entry| Ok(entry?.0.to_vec())).collect()
    }

    pub(super) fn session(&self, hash: TokenHash, day: Date) -> Result<Option<(Session, bool)>, Fault> {
        let Some(session) = self.get::<Session>(hash)? else { return Ok(None) };
        let given = self.get::<RewardRow>((session.mid, day))?.is_some_and(|row| row.given.login);
        Ok(Some((session, given)))
    }

    pub(super) fn sessions(&self, mid: Mid) -> Result<Vec<Session>, Fault> {
        let prefix = mid.bytes();
        let mut sessions = Vec::new();
        for entry in self.tables.sessions.prefix_iter(self.txn, &prefix)? {
            let hash = layout::whole("a session", entry?.0[prefix.len()..].try_into().ok())?;
            sessions.extend(self.get::<Session>(hash)?);
        }
        Ok(sessions)
    }
}

/// The other direction.
fn turned_round(order: Order) -> Order {
    match order {
        Order::Desc => Order::Asc,
        Order::Asc => Order::Desc,
    }
}

/// The member and the time of a tie in a list by time.
fn timed(mut parts: Parts<'_>) -> Option<(Mid, i64)> {
    let mtime = parts.number()?;
    Some((parts.mid()?, i64::from(mtime)))
}

/// The member of a tie in a group, where no time is shown.
fn turned(mut parts: Parts<'_>) -> Option<(Mid, i64)> {
    parts.number()?;
    Some((parts.mid()?, 0))
}
