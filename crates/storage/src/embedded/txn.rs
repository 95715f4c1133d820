//! A transaction as commands see it. LMDB never waits, so every future here is ready.

use super::edit::Edit;
use super::layer::Layer;
use super::layout::{self, Table};
use super::moment::Moment;
use super::node::Item;
use super::reads::Snapshot;
use super::roll::{Look, Roll, Shelf};
use super::view::View;
use crate::StorageError;
use crate::dump::Progress;
use crate::key::{Key, Parts};
use crate::row::{self, AuditRow, CoinRow, Group, LoginRow, Record, Session};
use crate::stat::{Counters, second};
use crate::txn::Transaction;
use guanxi_domain::relation::RelationPair;
use guanxi_domain::tie::{GroupMembership, Relation};
use guanxi_domain::value::LARGEST_COUNTED;
use guanxi_types::Order;
use guanxi_types::{Mid, Tagid};

/// A write transaction.
pub(super) struct LmdbTxn<'m> {
    moment: Moment<'m>,
    written: Written,
    puts: u64,
}

/// What a transaction wrote.
#[derive(Debug)]
pub(super) struct Written {
    /// What was written since the tree last took something in, this included.
    pub(super) fresh: Layer,
    /// How the log tells what is new.
    pub(super) edits: Vec<u8>,
    /// Whose card is another now.
    pub(super) carded: Vec<Mid>,
}

impl<'m> LmdbTxn<'m> {
    pub(super) fn new(moment: Moment<'m>) -> LmdbTxn<'m> {
        let written = Written { fresh: moment.fresh().clone(), edits: Vec::new(), carded: Vec::new() };
        LmdbTxn { moment, written, puts: 0 }
    }

    /// How many puts and deletes there were. A command that refuses has made none.
    pub(super) fn puts(&self) -> u64 {
        self.puts
    }

    /// What it was begun upon, and what it wrote.
    pub(super) fn end(self) -> (Moment<'m>, Written) {
        (self.moment, self.written)
    }

    /// A moment, with what records of the log tell of the time since.
    pub(super) fn redone(moment: Moment<'m>, records: &[Vec<u8>]) -> Result<Moment<'m>, StorageError> {
        let mut tx = LmdbTxn::new(moment);
        for record in records {
            tx.redo(record)?;
        }
        let (moment, Written { fresh, .. }) = tx.end();
        Ok(moment.with(fresh))
    }

    /// Does again what a record of the log tells.
    fn redo(&mut self, record: &[u8]) -> Result<(), StorageError> {
        for edit in Edit::all(record) {
            match edit? {
                Edit::Put(table, key, value) => self.put_bytes(table, key, value),
                Edit::Delete(table, key) => self.delete_bytes(table, key),
                Edit::Enter(roll, item, load) => self.enter(roll, item, load)?,
                Edit::Leave(roll, item) => self.leave(roll, item)?,
            }
        }
        Ok(())
    }

    fn view(&self) -> View<'_> {
        self.moment.under(&self.written.fresh)
    }

    fn snapshot(&self) -> Snapshot<'_> {
        Snapshot::new(self.view())
    }

    fn put_bytes(&mut self, table: Table, key: &[u8], value: &[u8]) {
        self.note(Edit::Put(table, key, value));
        self.set(table, key, Some(value));
    }

    fn delete_bytes(&mut self, table: Table, key: &[u8]) {
        self.note(Edit::Delete(table, key));
        self.set(table, key, None);
    }

    fn set(&mut self, table: Table, key: &[u8], value: Option<&[u8]>) {
        self.written.fresh.set(table, key, value);
        if table == Table::Of(row::Table::Card) {
            self.written.carded.extend(Parts(key).mid());
        }
    }

    fn enter(&mut self, roll: &[u8], item: Item, load: Option<&[u8]>) -> Result<(), StorageError> {
        self.note(Edit::Enter(roll, item, load));
        Roll(roll).put(self, item, load)?;
        Ok(())
    }

    fn leave(&mut self, roll: &[u8], item: Item) -> Result<(), StorageError> {
        self.note(Edit::Leave(roll, item));
        Roll(roll).take(self, item)?;
        Ok(())
    }

    fn note(&mut self, edit: Edit<'_>) {
        edit.write(&mut self.written.edits);
        self.puts += 1;
    }

    fn put_row<R: Record>(&mut self, row: &R) -> Result<(), StorageError> {
        let bytes = layout::encode(row)?;
        self.await_row(row.key(), Some(row))?;
        self.put_bytes(Table::Of(R::TABLE), &row.key().bytes(), &bytes);
        Ok(())
    }

    fn delete_row<R: Record>(&mut self, key: R::Key) -> Result<(), StorageError> {
        self.await_row::<R>(key, None)?;
        self.delete_bytes(Table::Of(R::TABLE), &key.bytes());
        Ok(())
    }

    /// Moves what tells the clock and the moderators of a row.
    fn await_row<R: Record>(&mut self, key: R::Key, next: Option<&R>) -> Result<(), StorageError> {
        if !R::AWAITED {
            return Ok(());
        }
        let was: Option<R> = self.snapshot().get(key)?;
        let (due, waiting) = (layout::due_key::<R>, layout::waiting_key::<R>);
        self.move_entry(Table::Due, was.as_ref().and_then(due), next.and_then(due));
        self.move_entry(Table::Waiting, was.as_ref().and_then(waiting), next.and_then(waiting));
        Ok(())
    }

    fn change_stat(&mut self, mid: Mid, change: impl FnOnce(&mut Counters)) -> Result<(), StorageError> {
        let mut stat = self.snapshot().stat(mid)?.unwrap_or_default();
        change(&mut stat);
        self.put_bytes(Table::Chain, &layout::stat_key(mid), &layout::stat_bytes(&stat));
        Ok(())
    }

    /// Moves an entry of an index from one key to another; either may be none.
    fn move_entry(&mut self, table: Table, was: Option<Vec<u8>>, next: Option<Vec<u8>>) {
        if was == next {
            return;
        }
        if let Some(key) = was {
            self.delete_bytes(table, &key);
        }
        if let Some(key) = next {
            self.put_bytes(table, &key, &[]);
        }
    }

    /// Moves an entry from its place in a roll to one in that or another; either may be none.
    fn move_item(
        &mut self,
        was: Option<(Vec<u8>, Item)>,
        next: Option<(Vec<u8>, Item)>,
    ) -> Result<(), StorageError> {
        if was == next {
            return Ok(());
        }
        if let Some((roll, item)) = was {
            self.leave(&roll, item)?;
        }
        match next {
            Some((roll, item)) => self.enter(&roll, item, None),
            None => Ok(()),
        }
    }

    fn move_groups(
        &mut self,
        from: Mid,
        to: Mid,
        was: &[GroupMembership],
        next: &[GroupMembership],
    ) -> Result<(), StorageError> {
        for left in was.iter().filter(|joined| !next.contains(joined)) {
            self.leave(&layout::group_key(from, left.tagid), layout::grouped(*left, to))?;
        }
        for joined in next.iter().filter(|joined| !was.contains(joined)) {
            self.enter(&layout::group_key(from, joined.tagid), layout::grouped(*joined, to), None)?;
        }
        Ok(())
    }

    fn raise_next_mid(&mut self, mid: u64) -> Result<(), StorageError> {
        let next = self.snapshot().next_mid()?.max(mid);
        self.put_bytes(Table::Next, layout::NEXT_MID, &next.to_be_bytes());
        Ok(())
    }

    fn raise_next_tagid(&mut self, tagid: i64) -> Result<(), StorageError> {
        let next = self.snapshot().next_tagid()?.max(tagid);
        self.put_bytes(Table::Next, layout::NEXT_TAGID, &next.to_be_bytes());
        Ok(())
    }

    /// Adds a row behind those of its member and its second.
    fn append<R: serde::Serialize>(
        &mut self,
        table: Table,
        mid: Mid,
        time: i64,
        row: &R,
    ) -> Result<(), StorageError> {
        let prefix = (mid, second(time)).bytes();
        let last = self.view().prefix(table, &prefix, Order::Desc)?.next().transpose()?;
        let turn = match last {
            Some((key, _)) => layout::whole("a log", Parts(&key[prefix.len()..]).number())?.saturating_add(1),
            None => 0,
        };
        let bytes = layout::encode(row)?;
        self.put_bytes(table, &(mid, second(time), turn).bytes(), &bytes);
        Ok(())
    }
}

impl Transaction for LmdbTxn<'_> {
    async fn get<R: Record>(&mut self, key: R::Key) -> Result<Option<R>, StorageError> {
        self.snapshot().get(key)
    }

    async fn put<R: Record>(&mut self, row: &R) -> Result<(), StorageError> {
        self.put_row(row)
    }

    async fn delete<R: Record>(&mut self, key: R::Key) -> Result<(), StorageError> {
        self.delete_row::<R>(key)
    }

    async fn counters(&mut self, mid: Mid) -> Result<Option<Counters>, StorageError> {
        self.snapshot().stat(mid)
    }

    async fn create_member(&mut self, mid: Mid) -> Result<(), StorageError> {
        match self.snapshot().stat(mid)? {
            Some(_) => Ok(()),
            None => self.change_stat(mid, |_| ()),
        }
    }

    async fn relation_pair(&mut self, me: Mid, them: Mid) -> Result<RelationPair, StorageError> {
        let snapshot = self.snapshot();
        Ok(RelationPair { outgoing: snapshot.tie(me, them)?, incoming: snapshot.tie(them, me)? })
    }

    async fn relation(&mut self, from: Mid, to: Mid) -> Result<Option<Relation>, StorageError> {
        self.snapshot().tie(from, to)
    }

    async fn last_seq(&mut self, mid: Mid, second: i64) -> Result<Option<u32>, StorageError> {
        self.snapshot().last_seq(mid, second)
    }

    async fn put_relation(
        &mut self,
        from: Mid,
        to: Mid,
        was: Option<&Relation>,
        next: Option<&Relation>,
    ) -> Result<(), StorageError> {
        let ties = layout::ties_key(from);
        match next {
            Some(tie) => self.enter(&ties, layout::only(to), Some(&layout::tie_bytes(tie)))?,
            None => self.leave(&ties, layout::only(to))?,
        }
        let out = |tie: &Relation| (layout::out_key(from, tie.kind), layout::timed(tie, to));
        self.move_item(was.map(out), next.map(out))?;
        let fan = |tie: &Relation| tie.is_follow().then(|| (layout::fans_key(to), layout::timed(tie, from)));
        self.move_item(was.and_then(fan), next.and_then(fan))?;
        let hidden =
            |tie: &Relation| (!tie.is_follow()).then(|| (layout::hidden_key(to), layout::only(from)));
        self.move_item(was.and_then(hidden), next.and_then(hidden))?;
        let groups = |tie: Option<&Relation>| tie.map(|tie| tie.groups.clone()).unwrap_or_default();
        self.move_groups(from, to, &groups(was), &groups(next))?;
        self.change_stat(from, |stat| stat.count(was, next))?;
        self.change_stat(to, |stat| stat.count_fan(was, next))
    }

    async fn set_loading(&mut self, progress: Option<Progress>) -> Result<(), StorageError> {
        match progress {
            Some(progress) => self.put_bytes(Table::Next, layout::LOADING, &layout::encode(&progress)?),
            None => self.delete_bytes(Table::Next, layout::LOADING),
        }
        Ok(())
    }

    async fn set_next(&mut self, mid: u64, tagid: i64) -> Result<(), StorageError> {
        self.raise_next_mid(mid)?;
        self.raise_next_tagid(tagid)
    }

    async fn set_versions(&mut self, mid: Mid, fans: u32, followings: u32) -> Result<(), StorageError> {
        self.change_stat(mid, |stat| {
            stat.fans_version = fans;
            stat.followings_version = followings;
            stat.hidden_version = 0;
        })
    }

    async fn groups(&mut self, owner: Mid) -> Result<Vec<Group>, StorageError> {
        self.snapshot().own_groups(owner)
    }

    async fn grouped(&mut self, owner: Mid, tagid: Tagid) -> Result<Vec<Mid>, StorageError> {
        self.snapshot().grouped(owner, tagid)
    }

    async fn new_tagid(&mut self) -> Result<Tagid, StorageError> {
        Ok(Tagid(self.snapshot().next_tagid()?))
    }

    async fn put_group(&mut self, group: &Group) -> Result<(), StorageError> {
        self.raise_next_tagid(group.tagid.0.saturating_add(1))?;
        self.put_row(group)
    }

    async fn append_coin_entry(&mut self, row: &CoinRow) -> Result<(), StorageError> {
        self.append(Table::Coin, row.mid, row.time, row)?;
        self.change_stat(row.mid, |stat| stat.coins += row.delta)
    }

    async fn coin_entries(&mut self, row: &CoinRow) -> Result<usize, StorageError> {
        self.snapshot().entries(Table::Coin, row.mid, row.time, row)
    }

    async fn put_login(&mut self, row: &LoginRow) -> Result<(), StorageError> {
        self.append(Table::Login, row.mid, row.time, row)
    }

    async fn login_entries(&mut self, row: &LoginRow) -> Result<usize, StorageError> {
        self.snapshot().entries(Table::Login, row.mid, row.time, row)
    }

    async fn put_session(&mut self, session: &Session) -> Result<(), StorageError> {
        self.put_bytes(Table::Sessions, &(session.mid, session.hash).bytes(), &[]);
        self.put_row(session)
    }

    async fn drop_session(&mut self, session: &Session) -> Result<(), StorageError> {
        self.delete_bytes(Table::Sessions, &(session.mid, session.hash).bytes());
        self.delete_row::<Session>(session.hash)
    }

    async fn sessions(&mut self, mid: Mid) -> Result<Vec<Session>, StorageError> {
        self.snapshot().sessions(mid)
    }

    async fn new_mid(&mut self) -> Result<Mid, StorageError> {
        let next = self.snapshot().next_mid()?;
        Mid::new(next).ok_or_else(|| StorageError::Engine("there is no mid left to give".to_owned()))
    }

    async fn touch(&mut self) -> Result<(), StorageError> {
        self.put_bytes(Table::Next, layout::TOUCHED, &layout::TOUCH);
        Ok(())
    }

    async fn members_after(&mut self, after: Option<Mid>, most: usize) -> Result<Vec<Mid>, StorageError> {
        self.snapshot().members_after(after, most)
    }

    async fn relations_batch(&mut self, mid: Mid, most: usize) -> Result<Vec<(Mid, Mid)>, StorageError> {
        self.snapshot().some_ties(mid, most)
    }

    async fn delete_rows_batch(&mut self, mid: Mid, most: usize) -> Result<usize, StorageError> {
        let mut left = most;
        let of_member = row::Table::OF_MEMBERS.iter().map(|table| Table::Of(*table));
        for table in of_member.chain([Table::Coin, Table::Login]) {
            let keys = self.snapshot().keys_of(table, mid, left)?;
            left -= keys.len();
            for key in keys {
                self.delete_bytes(table, &key);
            }
        }
        if left > 0 {
            // No mid is given twice, that of who left last included.
            if mid.get() <= LARGEST_COUNTED {
                self.raise_next_mid(mid.get() + 1)?;
            }
            self.delete_bytes(Table::Chain, &layout::stat_key(mid));
        }
        Ok(most - left)
    }

    async fn all<R: Record>(&mut self) -> Result<Vec<R>, StorageError> {
        self.snapshot().all()
    }

    async fn put_audit(&mut self, row: AuditRow) -> Result<(), StorageError> {
        let last = self.snapshot().audit(None, 1)?.first().map_or(0, |row| row.seq);
        self.put_row(&AuditRow { seq: last.saturating_add(1), ..row })
    }
}

impl Look for LmdbTxn<'_> {
    fn look(&self, key: &[u8]) -> Result<Option<&[u8]>, StorageError> {
        self.view().get(Table::Chain, key)
    }
}

impl Shelf for LmdbTxn<'_> {
    fn keep(&mut self, key: &[u8], value: &[u8]) {
        self.set(Table::Chain, key, Some(value));
    }

    fn drop(&mut self, key: &[u8]) {
        self.set(Table::Chain, key, None);
    }
}
