//! A transaction as commands see it. LMDB never waits, so every future here is ready.

use super::layout::{self, Tables};
use super::reads::Snapshot;
use crate::Fault;
use crate::dump::Progress;
use crate::key::{Key, Parts};
use crate::row::{AuditRow, CoinRow, Group, LoginRow, Record, Session, Table};
use crate::stat::Stat;
use crate::txn::Txn;
use guanxi_rules::relation::Pair;
use guanxi_rules::tie::{Joined, Tie};
use guanxi_wire::{Mid, Tagid};
use heed::RwTxn;

/// A write transaction.
pub(super) struct LmdbTxn<'e> {
    txn: RwTxn<'e>,
    tables: &'e Tables,
    puts: u64,
}

impl<'e> LmdbTxn<'e> {
    pub(super) fn new((txn, tables): (RwTxn<'e>, &'e Tables)) -> LmdbTxn<'e> {
        LmdbTxn { txn, tables, puts: 0 }
    }

    /// How many puts and deletes there were. A command that refuses has made none.
    pub(super) fn puts(&self) -> u64 {
        self.puts
    }

    /// Makes all of it durable.
    pub(super) fn commit(self) -> Result<(), Fault> {
        Ok(self.txn.commit()?)
    }

    fn snapshot(&self) -> Snapshot<'_> {
        Snapshot::new(&self.txn, self.tables)
    }

    fn put_bytes(&mut self, db: layout::Db, key: &[u8], value: &[u8]) -> Result<(), Fault> {
        self.puts += 1;
        Ok(db.put(&mut self.txn, key, value)?)
    }

    fn delete_bytes(&mut self, db: layout::Db, key: &[u8]) -> Result<(), Fault> {
        self.puts += 1;
        db.delete(&mut self.txn, key)?;
        Ok(())
    }

    fn put_row<R: Record>(&mut self, row: &R) -> Result<(), Fault> {
        let bytes = layout::encode(row)?;
        self.await_row(row.key(), Some(row))?;
        self.put_bytes(*self.tables.of(R::TABLE), &row.key().bytes(), &bytes)
    }

    fn delete_row<R: Record>(&mut self, key: R::Key) -> Result<(), Fault> {
        self.await_row::<R>(key, None)?;
        self.delete_bytes(*self.tables.of(R::TABLE), &key.bytes())
    }

    /// Moves what tells the clock and the moderators of a row.
    fn await_row<R: Record>(&mut self, key: R::Key, next: Option<&R>) -> Result<(), Fault> {
        if !R::AWAITED {
            return Ok(());
        }
        let was: Option<R> = self.snapshot().get(key)?;
        let (due, waiting) = (layout::due_key::<R>, layout::waiting_key::<R>);
        self.move_entry(self.tables.due, was.as_ref().and_then(due), next.and_then(due))?;
        self.move_entry(self.tables.waiting, was.as_ref().and_then(waiting), next.and_then(waiting))
    }

    fn change_stat(&mut self, mid: Mid, change: impl FnOnce(&mut Stat)) -> Result<(), Fault> {
        let mut stat = self.snapshot().stat(mid)?.unwrap_or_default();
        change(&mut stat);
        self.put_bytes(self.tables.stat, &mid.bytes(), &layout::stat_bytes(&stat))
    }

    /// Moves an entry of an index from one key to another; either may be none.
    fn move_entry(
        &mut self,
        db: layout::Db,
        was: Option<Vec<u8>>,
        next: Option<Vec<u8>>,
    ) -> Result<(), Fault> {
        if was == next {
            return Ok(());
        }
        if let Some(key) = was {
            self.delete_bytes(db, &key)?;
        }
        match next {
            Some(key) => self.put_bytes(db, &key, &[]),
            None => Ok(()),
        }
    }

    fn move_groups(&mut self, from: Mid, to: Mid, was: &[Joined], next: &[Joined]) -> Result<(), Fault> {
        for left in was.iter().filter(|joined| !next.contains(joined)) {
            self.delete_bytes(self.tables.grouped, &(from, left.tagid, left.turn, to).bytes())?;
            self.resize_group(from, left.tagid, -1)?;
        }
        for joined in next.iter().filter(|joined| !was.contains(joined)) {
            self.put_bytes(self.tables.grouped, &(from, joined.tagid, joined.turn, to).bytes(), &[])?;
            self.resize_group(from, joined.tagid, 1)?;
        }
        Ok(())
    }

    /// Counts a member into, or out of, one of the owner's own groups. Those that everybody has are counted in the stat.
    fn resize_group(&mut self, owner: Mid, tagid: Tagid, by: i32) -> Result<(), Fault> {
        if tagid.is_built_in() {
            return Ok(());
        }
        let size = self.snapshot().group_size(owner, tagid)?.wrapping_add_signed(by);
        let key = (owner, tagid).bytes();
        match size {
            0 => self.delete_bytes(self.tables.group_size, &key),
            size => self.put_bytes(self.tables.group_size, &key, &size.to_be_bytes()),
        }
    }

    fn raise_next_mid(&mut self, mid: u64) -> Result<(), Fault> {
        let next = self.snapshot().next_mid()?.max(mid);
        self.put_bytes(self.tables.next, layout::NEXT_MID, &next.to_be_bytes())
    }

    fn raise_next_tagid(&mut self, tagid: i64) -> Result<(), Fault> {
        let next = self.snapshot().next_tagid()?.max(tagid);
        self.put_bytes(self.tables.next, layout::NEXT_TAGID, &next.to_be_bytes())
    }

    /// Adds a row behind those of its member and its second.
    fn append<R: serde::Serialize>(
        &mut self,
        db: layout::Db,
        mid: Mid,
        time: i64,
        row: &R,
    ) -> Result<(), Fault> {
        let prefix = (mid, layout::second(time)).bytes();
        let last = db.rev_prefix_iter(&self.txn, &prefix)?.next().transpose()?;
        let turn = match last {
            Some((key, _)) => layout::whole("a log", Parts(&key[prefix.len()..]).number())?.saturating_add(1),
            None => 0,
        };
        let bytes = layout::encode(row)?;
        self.put_bytes(db, &(mid, layout::second(time), turn).bytes(), &bytes)
    }
}

impl Txn for LmdbTxn<'_> {
    async fn get<R: Record>(&mut self, key: R::Key) -> Result<Option<R>, Fault> {
        self.snapshot().get(key)
    }

    async fn put<R: Record>(&mut self, row: &R) -> Result<(), Fault> {
        self.put_row(row)
    }

    async fn delete<R: Record>(&mut self, key: R::Key) -> Result<(), Fault> {
        self.delete_row::<R>(key)
    }

    async fn stat(&mut self, mid: Mid) -> Result<Option<Stat>, Fault> {
        self.snapshot().stat(mid)
    }

    async fn enrol(&mut self, mid: Mid) -> Result<(), Fault> {
        match self.snapshot().stat(mid)? {
            Some(_) => Ok(()),
            None => self.change_stat(mid, |_| ()),
        }
    }

    async fn pair(&mut self, me: Mid, them: Mid) -> Result<Pair, Fault> {
        let snapshot = self.snapshot();
        Ok(Pair { mine: snapshot.tie(me, them)?, theirs: snapshot.tie(them, me)? })
    }

    async fn tie(&mut self, from: Mid, to: Mid) -> Result<Option<Tie>, Fault> {
        self.snapshot().tie(from, to)
    }

    async fn put_tie(
        &mut self,
        from: Mid,
        to: Mid,
        was: Option<&Tie>,
        next: Option<&Tie>,
    ) -> Result<(), Fault> {
        let key = (from, to).bytes();
        match next {
            Some(tie) => self.put_bytes(self.tables.tie, &key, &layout::tie_bytes(tie))?,
            None => self.delete_bytes(self.tables.tie, &key)?,
        }
        let out = |tie: &Tie| layout::out_key(from, to, tie);
        self.move_entry(self.tables.out, was.map(out), next.map(out))?;
        let fan = |tie: &Tie| tie.is_follow().then(|| layout::fan_key(from, to, tie));
        self.move_entry(self.tables.fans, was.and_then(fan), next.and_then(fan))?;
        let hidden = |tie: &Tie| layout::hidden_key(from, to, tie);
        self.move_entry(self.tables.hidden, was.and_then(hidden), next.and_then(hidden))?;
        let groups = |tie: Option<&Tie>| tie.map(|tie| tie.groups.clone()).unwrap_or_default();
        self.move_groups(from, to, &groups(was), &groups(next))?;
        self.change_stat(from, |stat| stat.count(was, next))?;
        self.change_stat(to, |stat| stat.count_fan(was, next))
    }

    async fn set_loading(&mut self, progress: Option<Progress>) -> Result<(), Fault> {
        let (db, key) = (self.tables.next, layout::LOADING);
        match progress {
            Some(progress) => self.put_bytes(db, key, &layout::encode(&progress)?),
            None => self.delete_bytes(db, key),
        }
    }

    async fn set_next(&mut self, mid: u64, tagid: i64) -> Result<(), Fault> {
        self.raise_next_mid(mid)?;
        self.raise_next_tagid(tagid)
    }

    async fn set_versions(&mut self, mid: Mid, fans: u32, followings: u32) -> Result<(), Fault> {
        self.change_stat(mid, |stat| {
            stat.fans_version = fans;
            stat.followings_version = followings;
            stat.hidden_version = 0;
        })
    }

    async fn groups(&mut self, owner: Mid) -> Result<Vec<Group>, Fault> {
        self.snapshot().own_groups(owner)
    }

    async fn grouped(&mut self, owner: Mid, tagid: Tagid) -> Result<Vec<Mid>, Fault> {
        self.snapshot().grouped(owner, tagid)
    }

    async fn new_tagid(&mut self) -> Result<Tagid, Fault> {
        Ok(Tagid(self.snapshot().next_tagid()?))
    }

    async fn put_group(&mut self, group: &Group) -> Result<(), Fault> {
        self.raise_next_tagid(group.tagid.0.saturating_add(1))?;
        self.put_row(group)
    }

    async fn pay(&mut self, row: &CoinRow) -> Result<(), Fault> {
        self.append(self.tables.coin, row.mid, row.time, row)?;
        self.change_stat(row.mid, |stat| stat.coins += row.delta)
    }

    async fn coin_entries(&mut self, row: &CoinRow) -> Result<usize, Fault> {
        self.snapshot().entries(&self.tables.coin, row.mid, row.time, row)
    }

    async fn put_login(&mut self, row: &LoginRow) -> Result<(), Fault> {
        self.append(self.tables.login, row.mid, row.time, row)
    }

    async fn login_entries(&mut self, row: &LoginRow) -> Result<usize, Fault> {
        self.snapshot().entries(&self.tables.login, row.mid, row.time, row)
    }

    async fn put_session(&mut self, session: &Session) -> Result<(), Fault> {
        self.put_bytes(self.tables.sessions, &(session.mid, session.hash).bytes(), &[])?;
        self.put_row(session)
    }

    async fn drop_session(&mut self, session: &Session) -> Result<(), Fault> {
        self.delete_bytes(self.tables.sessions, &(session.mid, session.hash).bytes())?;
        self.delete_row::<Session>(session.hash)
    }

    async fn sessions(&mut self, mid: Mid) -> Result<Vec<Session>, Fault> {
        self.snapshot().sessions(mid)
    }

    async fn new_mid(&mut self) -> Result<Mid, Fault> {
        let next = self.snapshot().next_mid()?;
        Mid::new(next).ok_or_else(|| Fault::Engine("there is no mid left to give".to_owned()))
    }

    async fn members_after(&mut self, after: Option<Mid>, most: usize) -> Result<Vec<Mid>, Fault> {
        self.snapshot().members_after(after, most)
    }

    async fn some_ties(&mut self, mid: Mid, most: usize) -> Result<Vec<(Mid, Mid)>, Fault> {
        self.snapshot().some_ties(mid, most)
    }

    async fn erase(&mut self, mid: Mid, most: usize) -> Result<usize, Fault> {
        let mut left = most;
        let tables = self.tables;
        let of_member = Table::OF_MEMBERS.iter().map(|table| tables.of(*table));
        for db in of_member.chain([&tables.coin, &tables.login, &tables.group_size]) {
            let keys = self.snapshot().keys_of(db, mid, left)?;
            left -= keys.len();
            for key in keys {
                self.delete_bytes(*db, &key)?;
            }
        }
        if left > 0 {
            // No mid is given twice, that of who left last included.
            self.raise_next_mid(mid.get() + 1)?;
            self.delete_bytes(tables.stat, &mid.bytes())?;
        }
        Ok(most - left)
    }

    async fn all<R: Record>(&mut self) -> Result<Vec<R>, Fault> {
        self.snapshot().all()
    }

    async fn put_audit(&mut self, row: AuditRow) -> Result<(), Fault> {
        let last = self.snapshot().audit(None, 1)?.first().map_or(0, |row| row.seq);
        self.put_row(&AuditRow { seq: last.saturating_add(1), ..row })
    }
}
