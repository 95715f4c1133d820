//! What the service asks: each question is one statement, or some in one snapshot.

use super::link::{Ask, Link};
use super::sql;
use super::txn::count;
use crate::StorageError;
use crate::cards::Faces;
use crate::dump::Progress;
use crate::key::Key;
use crate::row::{
    AuditRow, Card, CoinRow, Columns, Due, Group, Growth, LoginRow, Profile, Record, RewardRow, Session,
    Table, TokenHash, Upstat, Value, Values, kind_of,
};
use crate::stat::Counters;
use crate::store::{Entry, Groups, JoinedGroups, List, ListQuery, Page, Space};
use crate::visitors::DailyLoginCache;
use guanxi_domain::page::Window;
use guanxi_domain::relation::RelationPair;
use guanxi_domain::tie::{self, Relation, RelationKind};
use guanxi_types::Order;
use guanxi_types::{Mid, Tagid};
use jiff::civil::Date;
use std::collections::HashMap;

/// How much the clock looks at in one go.
const DUE_AT_ONCE: usize = 256;

/// From which entry on a list is walked from its nearer end, which costs a question more.
const FAR: u64 = 1_000;

/// What begins a snapshot of several statements, and what ends it.
pub(super) const SNAPSHOT: &str = "begin isolation level repeatable read read only";
pub(super) const END: &str = "commit";

/// A connection as the service sees it.
pub(super) struct Reads<'l> {
    pub(super) link: &'l Link,
    pub(super) visitors: &'l DailyLoginCache,
}

impl Reads<'_> {
    async fn one(&self, text: &str, with: Vec<Value>) -> Result<Option<Values>, StorageError> {
        Ok(self.link.ask(text, with).await?.into_iter().next())
    }

    async fn many<R: Columns>(&self, text: &str, with: Vec<Value>) -> Result<Vec<R>, StorageError> {
        read_all(self.link.ask(text, with).await?)
    }

    /// The answers to some questions, all of one moment.
    async fn snapshot(&self, asks: &[Ask<'_>]) -> Result<Vec<Vec<Values>>, StorageError> {
        Ok(self.link.trip(Some(SNAPSHOT), asks, Some(END)).await?)
    }

    pub(super) async fn get<R: Record>(&self, key: R::Key) -> Result<Option<R>, StorageError> {
        let row = self.one(&sql::of(R::TABLE).get, key.values()).await?;
        row.map(|mut row| R::read(&mut row)).transpose()
    }

    pub(super) async fn stat(&self, mid: Mid) -> Result<Option<Counters>, StorageError> {
        let row = self.one(&sql::STAT, mid.values()).await?;
        row.map(|mut row| Counters::read(&mut row)).transpose()
    }

    pub(super) async fn pair(&self, me: Mid, them: Mid) -> Result<Option<RelationPair>, StorageError> {
        let asks: [Ask<'_>; 2] =
            [(&sql::TIE, (me, them).values()), (&sql::TIE_OF_SOMEBODY, (them, me).values())];
        let mut answers = self.snapshot(&asks).await?.into_iter().map(|rows| rows.into_iter().next());
        let mine = answers.next().flatten().map(|mut row| Relation::read(&mut row)).transpose()?;
        let Some(mut theirs) = answers.next().flatten() else { return Ok(None) };
        Ok(Some(RelationPair { outgoing: mine, incoming: Columns::read(&mut theirs)? }))
    }

    pub(super) async fn page(&self, page: ListQuery) -> Result<Option<Page>, StorageError> {
        let ListQuery { owner, list, viewer, window, order } = page;
        if !list.is_for(viewer, owner) {
            return Ok(None);
        }
        let walk = match window.skip {
            0..FAR => Walk { skip: window.skip, take: window.take, order },
            _ => match self.total(owner, list).await?.and_then(|total| Walk::nearer(window, order, total)) {
                Some(walk) => walk,
                None => Walk { skip: window.skip, take: 0, order },
            },
        };
        let own = viewer == Some(owner);
        let mut with = owner.values();
        with.extend([Value::Int(walk.skip.try_into().unwrap_or(i64::MAX)), count(walk.take)]);
        if let List::Group(tagid) = list
            && tagid != Tagid::DEFAULT
        {
            with.push(Value::Int(tagid.0));
        }
        let text = sql::page(list, walk.order, own);
        let Some(viewer) = viewer.filter(|_| !own) else {
            return listed(self.link.ask(text, with).await?, list, order, own);
        };
        // Whom somebody else follows lies with them.
        let told = self.link.trip(Some(SNAPSHOT), &[(text, with)], None).await?.remove(0);
        let mut page = listed(told, list, order, false)?;
        let fids = page.iter().flat_map(|page| &page.entries).map(|entry| entry.mid.get().cast_signed());
        let mut with = viewer.values();
        with.push(Value::Ints(fids.collect()));
        let told = self.link.trip(None, &[(sql::ATTRIBUTES, with)], Some(END)).await?.remove(0);
        let mut attributes = HashMap::new();
        for mut row in told {
            let (mid, mine, theirs) = (Mid::read(&mut row)?, bare(&mut row)?, bare(&mut row)?);
            attributes.insert(mid, tie::attribute(mine.as_ref(), theirs.as_ref()));
        }
        for entry in page.iter_mut().flat_map(|page| &mut page.entries) {
            entry.attribute = attributes.get(&entry.mid).copied().unwrap_or(0);
        }
        Ok(page)
    }

    /// How many a list has.
    async fn total(&self, owner: Mid, list: List) -> Result<Option<u64>, StorageError> {
        let List::Group(tagid) = list else {
            let stat = self.stat(owner).await?;
            let count = |stat: Counters| list.kind().map_or(stat.follower, |kind| stat.of(kind));
            return Ok(stat.map(|stat| u64::from(count(stat))));
        };
        let groups = self.groups(owner).await?;
        Ok(match tagid {
            Tagid::DEFAULT => Some(groups.default.into()),
            Tagid::SPECIAL => Some(groups.special.into()),
            _ => groups.own.iter().find(|(group, _)| group.tagid == tagid).map(|(_, size)| u64::from(*size)),
        })
    }

    pub(super) async fn groups(&self, owner: Mid) -> Result<Groups, StorageError> {
        let mut groups = Groups::default();
        for mut row in self.link.ask(&sql::GROUPS, owner.values()).await? {
            (groups.special, groups.default) = (u32::read(&mut row)?, u32::read(&mut row)?);
            let size = u32::read(&mut row)?;
            groups.own.extend(Option::<Group>::read(&mut row)?.map(|group| (group, size)));
        }
        Ok(groups)
    }

    pub(super) async fn groups_of(&self, me: Mid, them: Mid) -> Result<Option<JoinedGroups>, StorageError> {
        let asks: [Ask<'_>; 2] = [(sql::STAT.as_str(), them.values()), (sql::GROUPS_OF, (me, them).values())];
        let mut answers = self.snapshot(&asks).await?;
        let (groups, other) = (answers.pop().unwrap_or_default(), answers.pop().unwrap_or_default());
        if other.is_empty() {
            return Ok(None);
        }
        let named = groups.into_iter().map(|mut row| Ok((Tagid::read(&mut row)?, Columns::read(&mut row)?)));
        named.collect::<Result<_, StorageError>>().map(Some)
    }

    pub(super) async fn space(&self, mid: Mid, viewer: Option<Mid>) -> Result<Option<Space>, StorageError> {
        let told = match viewer {
            None => (self.one(&sql::SPACE, mid.values()).await?, None),
            Some(viewer) => {
                let asks: [Ask<'_>; 2] = [(&sql::SPACE, mid.values()), (&sql::TIE, (viewer, mid).values())];
                let mut answers = self.snapshot(&asks).await?.into_iter().map(|rows| rows.into_iter().next());
                (answers.next().flatten(), answers.next().flatten())
            }
        };
        let (Some(mut row), tie) = told else { return Ok(None) };
        let tie = tie.map(|mut tie| Relation::read(&mut tie)).transpose()?;
        Ok(Some(Space {
            stat: Counters::read(&mut row)?,
            card: Option::read(&mut row)?.unwrap_or(Card::of(mid)),
            profile: Option::read(&mut row)?.unwrap_or(Profile::of(mid)),
            growth: Option::read(&mut row)?.unwrap_or(Growth::of(mid)),
            upstat: Option::read(&mut row)?.unwrap_or(Upstat::of(mid)),
            followed: tie.is_some_and(|tie| tie.kind != RelationKind::Black),
        }))
    }

    pub(super) async fn coins(
        &self,
        mid: Mid,
        since: i64,
        most: usize,
    ) -> Result<Vec<CoinRow>, StorageError> {
        self.many(&sql::COINS, vec![mid.values().remove(0), Value::Int(since), count(most)]).await
    }

    pub(super) async fn logins(
        &self,
        mid: Mid,
        since: i64,
        most: usize,
    ) -> Result<Vec<LoginRow>, StorageError> {
        self.many(&sql::LOGINS, vec![mid.values().remove(0), Value::Int(since), count(most)]).await
    }

    pub(super) async fn first_login(&self, mid: Mid) -> Result<Option<LoginRow>, StorageError> {
        Ok(self.many(&sql::FIRST_LOGIN, mid.values()).await?.pop())
    }

    pub(super) async fn due(&self, now: i64, tables: &[Table]) -> Result<Vec<Due>, StorageError> {
        let tables = Value::Ints(tables.iter().map(|table| *table as i64).collect());
        let told = self.link.ask(&sql::DUE, vec![Value::Int(now), count(DUE_AT_ONCE), tables]).await?;
        let due = told.into_iter().map(|mut row| {
            let (_, table) = (i64::read(&mut row)?, u8::read(&mut row)?);
            let key = match (row.take(), row.take()) {
                (Some(Value::Int(mid)), _) => mid.cast_unsigned().bytes(),
                (_, Some(Value::Bytes(hash))) => hash,
                _ => return Err(StorageError::Corrupted("what is due", "it has no key".to_owned())),
            };
            let table = Table::of(table);
            table
                .map(|table| Due { table, key })
                .ok_or(StorageError::Corrupted("what is due", "of no table".to_owned()))
        });
        due.collect()
    }

    pub(super) async fn waiting<R: Record>(&self, since: i64, most: usize) -> Result<Vec<R>, StorageError> {
        self.many(&sql::of(R::TABLE).waiting, vec![Value::Int(since), count(most)]).await
    }

    pub(super) async fn all<R: Record>(&self) -> Result<Vec<R>, StorageError> {
        self.many(&sql::of(R::TABLE).all, Vec::new()).await
    }

    pub(super) async fn audit(
        &self,
        before: Option<u64>,
        most: usize,
    ) -> Result<Vec<AuditRow>, StorageError> {
        let before = before.and_then(|before| i64::try_from(before).ok()).unwrap_or(i64::MAX);
        self.many(&sql::AUDIT, vec![Value::Int(before), count(most)]).await
    }

    pub(super) async fn session(
        &self,
        hash: TokenHash,
        day: Date,
    ) -> Result<Option<(Session, bool)>, StorageError> {
        let Some(session) = self.get::<Session>(hash).await? else { return Ok(None) };
        // What a day has given is never taken back.
        if self.visitors.contains(session.mid, day) {
            return Ok(Some((session, true)));
        }
        let given = self.get::<RewardRow>((session.mid, day)).await?.is_some_and(|row| row.given.login);
        if given {
            self.visitors.insert(session.mid, day);
        }
        Ok(Some((session, given)))
    }

    pub(super) async fn is_empty(&self) -> Result<bool, StorageError> {
        Ok(self.one(sql::SOMEBODY, Vec::new()).await?.is_none())
    }

    pub(super) async fn loading(&self) -> Result<Option<Progress>, StorageError> {
        let row = self.one(sql::LOADING, Vec::new()).await?;
        row.map(|mut row| Ok(Progress { rows: u64::read(&mut row)?, digest: Columns::read(&mut row)? }))
            .transpose()
    }

    pub(super) async fn sessions(&self, mid: Mid) -> Result<Vec<Session>, StorageError> {
        let hashes: Vec<TokenHash> = self.many(sql::MEMBER_SESSIONS, mid.values()).await?;
        let get = sql::of(Session::TABLE).get.as_str();
        let asks: Vec<Ask<'_>> = hashes.iter().map(|hash| (get, hash.values())).collect();
        read_all(self.link.trip(None, &asks, None).await?.into_iter().flatten().collect())
    }
}

/// Which way a list is walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Walk {
    skip: u64,
    take: usize,
    order: Order,
}

impl Walk {
    /// From the nearer end of a list; none if the window lies behind it.
    fn nearer(window: Window, order: Order, total: u64) -> Option<Walk> {
        let rest = total.checked_sub(window.skip).filter(|rest| *rest > 0)?;
        let take = usize::try_from(rest).unwrap_or(usize::MAX).min(window.take);
        let behind = rest - take as u64;
        if behind < window.skip {
            let order = if order == Order::Asc { Order::Desc } else { Order::Asc };
            return Some(Walk { skip: behind, take, order });
        }
        Some(Walk { skip: window.skip, take, order })
    }
}

fn read_all<R: Columns>(rows: Vec<Values>) -> Result<Vec<R>, StorageError> {
    rows.into_iter().map(|mut row| R::read(&mut row)).collect()
}

/// A tie of which only the kind is asked.
fn bare(row: &mut Values) -> Result<Option<Relation>, StorageError> {
    let kind = Option::<u8>::read(row)?.and_then(kind_of);
    Ok(kind.map(|kind| Relation { kind, mtime: 0, seq: 0, source: 0, groups: Vec::new() }))
}

/// A page as the database told it, in the order asked for.
fn listed(told: Vec<Values>, list: List, order: Order, own: bool) -> Result<Option<Page>, StorageError> {
    let (mut page, mut entries) = (None, Vec::with_capacity(told.len()));
    for mut row in told {
        let (total, version, hidden) = (u32::read(&mut row)?, u32::read(&mut row)?, u32::read(&mut row)?);
        let sees_hidden = matches!(list, List::Group(_)) || own && list.kind().is_some();
        let version = version.wrapping_add(if sees_hidden { hidden } else { 0 });
        page = Some((total, version));
        let (fid, at) = (Option::<Mid>::read(&mut row)?, Option::<i64>::read(&mut row)?);
        let seq = Option::<u32>::read(&mut row)?;
        let card = Option::<Card>::read(&mut row)?;
        let Some(((fid, at), seq)) = fid.zip(at).zip(seq) else { continue };
        let mtime = if matches!(list, List::Group(_)) { 0 } else { at };
        let mut entry = Entry { mid: fid, mtime, attribute: 0, groups: Vec::new() };
        if own {
            let (theirs, mine) = (bare(&mut row)?, Option::<Relation>::read(&mut row)?);
            entry.attribute = tie::attribute(mine.as_ref(), theirs.as_ref());
            if let Some(mine) = mine.filter(|_| list.is_followings()) {
                (entry.mtime, entry.groups) = (mine.mtime, mine.groups);
            }
        }
        entries.push(((at, seq, fid), entry, card.unwrap_or(Card::of(fid))));
    }
    entries.sort_unstable_by_key(|(place, ..)| *place);
    if order == Order::Desc {
        entries.reverse();
    }
    let (entries, cards): (_, Vec<Card>) = entries.into_iter().map(|(.., entry, card)| (entry, card)).unzip();
    let faces = Faces::of(cards)?;
    Ok(page.map(|(total, version)| Page { entries, faces, total, version }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_far_window_is_walked_from_the_other_end() {
        let walk = |skip, take, order, total| {
            Walk::nearer(Window { skip, take }, order, total).map(|walk| (walk.skip, walk.take, walk.order))
        };
        assert_eq!(walk(1_000, 50, Order::Desc, 5_000), Some((1_000, 50, Order::Desc)));
        assert_eq!(walk(4_000, 50, Order::Desc, 5_000), Some((950, 50, Order::Asc)));
        assert_eq!(walk(4_990, 50, Order::Asc, 5_000), Some((0, 10, Order::Desc)));
        assert_eq!(walk(5_000, 50, Order::Desc, 5_000), None);
        assert_eq!(walk(u64::MAX, usize::MAX, Order::Desc, 5_000), None);
    }
}
