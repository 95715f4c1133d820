//! A transaction as commands see it: what was loaded, and what is different now.
//!
//! Loads ask the database, each at most once; what a command says that it will load first is asked in the first trip. Puts
//! change what was loaded, and go out together with the commit, so that most commands take two trips.
//!
//! What is a member's is written by whoever holds the member's row in `stat`, and nothing of a member is looked at before
//! that row is held. What is of no member is held by a number that stands for its key. So no two transactions decide upon
//! the same thing at once, and what was read is true until the commit.

use super::link::{Ask, Link};
use super::slot::{Change, Slot};
use super::sql;
use super::write::{Log, Write};
use crate::command::{Ahead, Command, RowKey};
use crate::dump::Progress;
use crate::key::Key;
use crate::row::{AuditRow, CoinRow, Columns, Group, LoginRow, Record, Session, Table, Value, Values};
use crate::stat::{Stat, is_seen};
use crate::txn::Txn;
use crate::{Error, Fault};
use guanxi_rules::relation::Pair;
use guanxi_rules::tie::Tie;
use guanxi_wire::{Mid, Tagid};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// From how many new rows of a table on they are sent as one.
const MANY: usize = 64;

/// In how many numbers the keys of a table fall that are of no member.
const NUMBERS: i64 = 1024;

/// A transaction.
#[derive(Debug)]
pub(super) struct PgTxn {
    link: Link,
    /// Whether Citus has distributed the tables.
    distributed: bool,
    /// Whether nobody else is expected to write.
    alone: bool,
    begun: bool,
    puts: u64,
    /// Members who are held, with their counters.
    stats: BTreeMap<Mid, Slot<Stat>>,
    ties: BTreeMap<(Mid, Mid), Slot<Tie>>,
    rows: BTreeMap<RowKey, Slot<Vec<Value>>>,
    groups: HashMap<Mid, Vec<Group>>,
    held: BTreeSet<i64>,
    /// The rows that logs grow by.
    logs: BTreeMap<Log, Vec<Vec<Value>>>,
    /// What else is to be written, in its order.
    more: Vec<Ask<'static>>,
    /// The least to give next, by name.
    next: BTreeMap<&'static str, i64>,
}

/// What an answer is of.
enum Of {
    Nothing,
    Stats,
    Ties,
    Rows(Table),
    Row(RowKey),
}

impl PgTxn {
    /// One that is not begun yet.
    pub(super) fn on(link: Link, distributed: bool) -> PgTxn {
        link.hold();
        PgTxn {
            link,
            distributed,
            alone: false,
            begun: false,
            puts: 0,
            stats: BTreeMap::new(),
            ties: BTreeMap::new(),
            rows: BTreeMap::new(),
            groups: HashMap::new(),
            held: BTreeSet::new(),
            logs: BTreeMap::new(),
            more: Vec::new(),
            next: BTreeMap::new(),
        }
    }

    /// Does a command, from its begin to its commit. What it will ask for first is loaded first: whatever is of no member
    /// before what is, each in its order, so that two that begin so never wait for each other.
    pub(super) async fn whole<C: Command>(&mut self, command: &C, ahead: Ahead) -> Result<C::Answer, Error> {
        self.load(ahead).await?;
        let answer = command.apply(self).await.map_err(|error| match error {
            Error::Refused(_) if self.puts > 0 => {
                Fault::Engine("a command refused after it had written".to_owned()).into()
            }
            error => error,
        })?;
        self.write(Some("commit")).await?;
        self.link.let_go();
        Ok(answer)
    }

    /// Ends it, as if it had never been.
    pub(super) async fn roll_back(self) {
        if !self.begun || self.link.say("rollback").await.is_ok() {
            self.link.let_go();
        }
    }

    /// All that it looked at, or was about to: done again, it holds that from the beginning.
    pub(super) fn seen(&self) -> Ahead {
        Ahead {
            members: self.stats.keys().copied().collect(),
            ties: self.ties.keys().copied().collect(),
            rows: self.rows.keys().cloned().collect(),
            alone: self.alone,
        }
    }

    async fn trip(&mut self, asks: &[Ask<'_>], after: Option<&str>) -> Result<Vec<Vec<Values>>, Fault> {
        let begin = match (self.alone, self.distributed) {
            (false, _) => "begin",
            (true, false) => sql::BEGIN_ALONE,
            (true, true) => sql::BEGIN_ALONE_DISTRIBUTED,
        };
        let begin = (!self.begun).then_some(begin);
        self.begun = true;
        let commits = after.is_some() && self.puts > 0;
        let told = self.link.trip(begin, asks, after).await;
        told.map_err(|broken| if commits { broken.of_commit() } else { broken.into() })
    }

    async fn ask(&mut self, text: &str, with: Vec<Value>) -> Result<Vec<Values>, Fault> {
        Ok(self.trip(&[(text, with)], None).await?.pop().unwrap_or_default())
    }

    /// Loads what is not here yet.
    async fn load(&mut self, ahead: Ahead) -> Result<(), Fault> {
        let Ahead { members, ties, rows, alone } = ahead;
        if alone {
            self.alone = true;
            self.link.take_time();
        }
        let rows: BTreeSet<RowKey> = rows.into_iter().filter(|row| !self.rows.contains_key(row)).collect();
        let ties: BTreeSet<(Mid, Mid)> =
            ties.into_iter().filter(|tie| !self.ties.contains_key(tie)).collect();
        let owners = rows.iter().filter_map(RowKey::member).chain(ties.iter().map(|(from, _)| *from));
        let members: BTreeSet<Mid> =
            members.into_iter().chain(owners).filter(|mid| !self.stats.contains_key(mid)).collect();
        let numbers: BTreeSet<i64> =
            rows.iter().filter_map(number).filter(|number| !self.held.contains(number)).collect();

        let mut asks: Vec<Ask<'_>> = Vec::new();
        let mut of = Vec::new();
        for &number in &numbers {
            asks.push((sql::HOLD, vec![Value::Int(number)]));
            of.push(Of::Nothing);
        }
        self.stats.extend(members.iter().map(|mid| (*mid, Slot::loaded(None))));
        if self.joins(members.len()) {
            let lock = if self.distributed { &sql::TOUCH_MANY } else { &sql::LOCK_MANY };
            asks.push((lock, vec![numbers_of(members)]));
            of.push(Of::Stats);
        } else {
            asks.extend(members.into_iter().map(|mid| (sql::LOCK.as_str(), mid.values())));
            of.resize_with(asks.len(), || Of::Stats);
        }
        self.ties.extend(ties.iter().map(|tie| (*tie, Slot::loaded(None))));
        if self.joins(ties.len()) {
            let (from, to): (Vec<Mid>, Vec<Mid>) = ties.into_iter().unzip();
            asks.push((&sql::TIE_MANY, vec![numbers_of(from), numbers_of(to)]));
            of.push(Of::Ties);
        } else {
            asks.extend(ties.into_iter().map(|tie| (sql::TIE_ENDS.as_str(), tie.values())));
            of.resize_with(asks.len(), || Of::Ties);
        }
        let mut by_table: BTreeMap<Table, Vec<RowKey>> = BTreeMap::new();
        for row in rows {
            by_table.entry(row.table).or_default().push(row);
        }
        for (table, rows) in by_table {
            if let Some(keys) = self.joins(rows.len()).then(|| keys_of(&rows)).flatten() {
                self.rows.extend(rows.into_iter().map(|row| (row, Slot::loaded(None))));
                asks.push((&sql::of(table).get_many, vec![keys]));
                of.push(Of::Rows(table));
                continue;
            }
            for row in rows {
                asks.push((&sql::of(table).get, row.values.clone()));
                of.push(Of::Row(row));
            }
        }
        if asks.is_empty() {
            return Ok(());
        }
        let answers = match self.trip(&asks, None).await {
            Ok(answers) => answers,
            Err(fault) => {
                let rows =
                    of.into_iter().filter_map(|of| if let Of::Row(row) = of { Some(row) } else { None });
                self.rows.extend(rows.map(|row| (row, Slot::unknown())));
                return Err(fault);
            }
        };
        self.held.extend(numbers);
        of.into_iter().zip(answers).try_for_each(|(of, answer)| self.take(of, answer))
    }

    /// Whether so many things are asked for in one statement. With Citus that goes to all nodes, and locks all of a table.
    fn joins(&self, count: usize) -> bool {
        count >= MANY && (self.alone || !self.distributed)
    }

    /// Takes in an answer. What it does not tell of is not there.
    fn take(&mut self, of: Of, answer: Vec<Values>) -> Result<(), Fault> {
        match of {
            Of::Nothing => (),
            Of::Stats => {
                for mut row in answer {
                    self.stats.insert(Mid::read(&mut row)?, Slot::loaded(Some(Stat::read(&mut row)?)));
                }
            }
            Of::Ties => {
                for mut row in answer {
                    let ends = (Mid::read(&mut row)?, Mid::read(&mut row)?);
                    self.ties.insert(ends, Slot::loaded(Some(Tie::read(&mut row)?)));
                }
            }
            Of::Rows(table) => {
                for row in answer {
                    let values = row.into_rest();
                    let bytes = match values.first() {
                        Some(Value::Int(number)) => number.cast_unsigned().bytes(),
                        Some(Value::Bytes(hash)) => hash.clone(),
                        _ => return Err(Fault::Damaged("a row", "it has no key".to_owned())),
                    };
                    let key = RowKey { table, bytes, values: values[..1].to_vec() };
                    self.rows.insert(key, Slot::loaded(Some(values)));
                }
            }
            Of::Row(row) => {
                let told = answer.into_iter().next().map(Values::into_rest);
                self.rows.insert(row, Slot::loaded(told));
            }
        }
        Ok(())
    }

    /// Holds a member; tells their counters.
    async fn member(&mut self, mid: Mid) -> Result<&mut Slot<Stat>, Fault> {
        if !self.stats.contains_key(&mid) {
            self.load(Ahead::default().member(mid)).await?;
        }
        Ok(self.stats.entry(mid).or_insert_with(Slot::unknown))
    }

    async fn row(&mut self, key: RowKey) -> Result<&mut Slot<Vec<Value>>, Fault> {
        if !self.rows.contains_key(&key) {
            self.load(Ahead { rows: vec![key.clone()], ..Ahead::default() }).await?;
        }
        Ok(self.rows.entry(key).or_insert_with(Slot::unknown))
    }

    fn put_row<R: Record>(&mut self, key: RowKey, row: Option<&R>) {
        self.puts += 1;
        let values = row.map(|row| {
            let mut values = Vec::new();
            row.write(&mut values);
            if R::AWAITED {
                row.due().write(&mut values);
                row.waits().write(&mut values);
            }
            values
        });
        self.rows.entry(key).or_insert_with(Slot::unknown).put(values);
    }

    async fn change_stat(&mut self, mid: Mid, change: impl FnOnce(&mut Stat)) -> Result<(), Fault> {
        self.puts += 1;
        let slot = self.member(mid).await?;
        let mut stat = slot.get().unwrap_or_default();
        change(&mut stat);
        slot.put(Some(stat));
        Ok(())
    }

    /// The least that was never given; nobody else is given any until the transaction ends.
    async fn least(&mut self, name: &'static str) -> Result<i64, Fault> {
        let told = self.ask(sql::NEXT, vec![Value::Text(name.to_owned())]).await?;
        let kept = told.into_iter().next().as_mut().map_or(Ok(1), i64::read)?;
        Ok(kept.max(self.next.get(name).copied().unwrap_or(1)))
    }

    /// Notes what was given.
    fn given(&mut self, name: &'static str, number: i64) {
        let next = self.next.entry(name).or_insert(1);
        *next = (*next).max(number.saturating_add(1));
    }

    /// How many entries of a member's log equal a row.
    async fn entries(&mut self, mid: Mid, text: &str, row: &impl Columns) -> Result<usize, Fault> {
        self.member(mid).await?;
        self.write(None).await?;
        let mut values = Vec::new();
        row.write(&mut values);
        let told = self.ask(text, values).await?;
        let count = told.into_iter().next().as_mut().map_or(Ok(0), i64::read)?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// Writes what is different, and then says `after`.
    async fn write(&mut self, after: Option<&str>) -> Result<(), Fault> {
        let mut write = Write::default();
        for ((from, to), slot) in &mut self.ties {
            if let Some(Change { was, next }) = slot.change() {
                write.tie(*from, *to, was.known(), next.as_ref());
            }
        }
        for (row, slot) in &mut self.rows {
            if let Some(change) = slot.change() {
                write.row(row, change);
            }
        }
        for (log, rows) in std::mem::take(&mut self.logs) {
            write.log(log, rows);
        }
        for (mid, slot) in &mut self.stats {
            if let Some(Change { was, next }) = slot.change() {
                write.stat(*mid, was.known(), next);
            }
        }
        let Write { added, stats, mut asks } = write;
        if self.joins(stats.len()) {
            asks.push((&sql::PUT_STATS, transposed(&stats)));
        } else {
            asks.extend(stats.into_iter().map(|row| (sql::PUT_STAT.as_str(), row)));
        }
        asks.append(&mut self.more);
        for (name, value) in std::mem::take(&mut self.next) {
            asks.push((sql::RAISE, vec![Value::Text(name.to_owned()), Value::Int(value)]));
        }
        for (to, rows) in added {
            if rows.len() < MANY {
                asks.extend(rows.into_iter().map(|row| (to.put, row)));
                continue;
            }
            if !self.begun {
                self.trip(&[], None).await?;
            }
            self.link.copy(to.table, to.columns, &rows).await?;
        }
        if !asks.is_empty() || after.is_some() {
            self.trip(&asks, after).await?;
        }
        Ok(())
    }
}

/// Members as one value.
fn numbers_of(members: impl IntoIterator<Item = Mid>) -> Value {
    Value::Ints(members.into_iter().map(|mid| mid.get().cast_signed()).collect())
}

/// The keys of a table's rows as one value, if they are members or hashes alone.
fn keys_of(rows: &[RowKey]) -> Option<Value> {
    match rows.first()?.values.as_slice() {
        [Value::Int(_)] if rows[0].member().is_some() => {
            Some(numbers_of(rows.iter().filter_map(RowKey::member)))
        }
        [Value::Bytes(_)] => Some(Value::Hashes(rows.iter().map(|row| row.bytes.clone()).collect())),
        _ => None,
    }
}

/// Rows of numbers as columns of numbers.
fn transposed(rows: &[Vec<Value>]) -> Vec<Value> {
    let columns = 0..rows.first().map_or(0, Vec::len);
    let number = |value: &Value| if let Value::Int(number) = value { *number } else { 0 };
    columns.map(|at| Value::Ints(rows.iter().map(|row| number(&row[at])).collect())).collect()
}

/// The number that holds a row which is of no member.
fn number(row: &RowKey) -> Option<i64> {
    if row.table.shape().is_of_members() {
        return None;
    }
    let folded = row.bytes.iter().fold(0, |sum: i64, byte| (sum * 31 + i64::from(*byte)) % NUMBERS);
    Some(number_of(row.table) + folded)
}

/// The first number of a table.
fn number_of(table: Table) -> i64 {
    // Apart from what others who use the database may hold by small numbers.
    const OURS: i64 = 0x6775_616e_7869 << 16;
    OURS + (table as i64) * (NUMBERS + 1)
}

impl Txn for PgTxn {
    async fn get<R: Record>(&mut self, key: R::Key) -> Result<Option<R>, Fault> {
        let kept = self.row(RowKey::of::<R>(key)).await?.get();
        kept.map(|values| R::read(&mut values.into())).transpose()
    }

    async fn put<R: Record>(&mut self, row: &R) -> Result<(), Fault> {
        let key = RowKey::of::<R>(row.key());
        if R::TABLE == Table::Audit {
            let seq = key.values.first().map(|value| if let Value::Int(seq) = value { *seq } else { 0 });
            self.given("audit", seq.unwrap_or(0));
        }
        self.put_row(key, Some(row));
        Ok(())
    }

    async fn delete<R: Record>(&mut self, key: R::Key) -> Result<(), Fault> {
        self.put_row::<R>(RowKey::of::<R>(key), None);
        Ok(())
    }

    async fn stat(&mut self, mid: Mid) -> Result<Option<Stat>, Fault> {
        Ok(self.member(mid).await?.get())
    }

    async fn enrol(&mut self, mid: Mid) -> Result<(), Fault> {
        self.given("mid", mid.get().cast_signed());
        match self.stat(mid).await? {
            Some(_) => Ok(()),
            None => self.change_stat(mid, |_| ()).await,
        }
    }

    async fn pair(&mut self, me: Mid, them: Mid) -> Result<Pair, Fault> {
        Ok(Pair { mine: self.tie(me, them).await?, theirs: self.tie(them, me).await? })
    }

    async fn tie(&mut self, from: Mid, to: Mid) -> Result<Option<Tie>, Fault> {
        if !self.ties.contains_key(&(from, to)) {
            self.load(Ahead { ties: vec![(from, to)], ..Ahead::default() }).await?;
        }
        Ok(self.ties.get(&(from, to)).and_then(Slot::get))
    }

    async fn put_tie(
        &mut self,
        from: Mid,
        to: Mid,
        was: Option<&Tie>,
        next: Option<&Tie>,
    ) -> Result<(), Fault> {
        self.puts += 1;
        let slot = self.ties.entry((from, to)).or_insert_with(|| Slot::loaded(was.cloned()));
        slot.put(next.cloned());
        self.change_stat(from, |stat| stat.count(was, next)).await?;
        // Whoever has many fans should not be held for what is no change to them.
        if is_seen(was, next) {
            self.change_stat(to, |stat| stat.count_fan(was, next)).await?;
        }
        Ok(())
    }

    async fn set_loading(&mut self, progress: Option<Progress>) -> Result<(), Fault> {
        self.puts += 1;
        self.more.push(match progress {
            Some(Progress { rows, digest }) => (sql::SET_LOADING, (rows, digest).values()),
            None => (sql::LOADED, Vec::new()),
        });
        Ok(())
    }

    async fn set_next(&mut self, mid: u64, tagid: i64) -> Result<(), Fault> {
        self.puts += 1;
        self.given("mid", mid.cast_signed() - 1);
        self.given("tagid", tagid - 1);
        Ok(())
    }

    async fn set_versions(&mut self, mid: Mid, fans: u32, followings: u32) -> Result<(), Fault> {
        self.change_stat(mid, |stat| {
            stat.fans_version = fans;
            stat.followings_version = followings;
            stat.hidden_version = 0;
        })
        .await
    }

    async fn groups(&mut self, owner: Mid) -> Result<Vec<Group>, Fault> {
        if !self.groups.contains_key(&owner) {
            self.member(owner).await?;
            let told = self.ask(&sql::OWN_GROUPS, owner.values()).await?;
            let groups: Result<_, Fault> = told.into_iter().map(|mut row| Group::read(&mut row)).collect();
            self.groups.insert(owner, groups?);
        }
        let mut own: BTreeMap<Tagid, Group> =
            self.groups[&owner].iter().map(|group| (group.tagid, group.clone())).collect();
        // What was put since stands over what is kept.
        let first = RowKey { table: Table::Group, bytes: owner.bytes(), values: Vec::new() };
        let put = self
            .rows
            .range(first..)
            .take_while(|(row, _)| row.table == Table::Group && row.bytes.starts_with(&owner.bytes()));
        for (row, slot) in put {
            let tagid = crate::key::Parts(&row.bytes[owner.bytes().len()..]).tagid();
            let group = slot.get().map(|values| Group::read(&mut values.into())).transpose()?;
            match (tagid, group) {
                (_, Some(group)) => drop(own.insert(group.tagid, group)),
                (Some(tagid), None) => drop(own.remove(&tagid)),
                (None, None) => (),
            }
        }
        Ok(own.into_values().collect())
    }

    async fn grouped(&mut self, owner: Mid, tagid: Tagid) -> Result<Vec<Mid>, Fault> {
        self.member(owner).await?;
        self.write(None).await?;
        let told = if tagid == Tagid::DEFAULT {
            self.ask(sql::UNGROUPED, owner.values()).await?
        } else {
            self.ask(sql::GROUPED, (owner, tagid).values()).await?
        };
        told.into_iter().map(|mut row| Mid::read(&mut row)).collect()
    }

    async fn new_tagid(&mut self) -> Result<Tagid, Fault> {
        Ok(Tagid(self.least("tagid").await?))
    }

    async fn put_group(&mut self, group: &Group) -> Result<(), Fault> {
        self.given("tagid", group.tagid.0);
        self.put(group).await
    }

    async fn pay(&mut self, row: &CoinRow) -> Result<(), Fault> {
        let mut values = Vec::new();
        row.write(&mut values);
        self.logs.entry(Log::Coin).or_default().push(values);
        self.change_stat(row.mid, |stat| stat.coins += row.delta).await
    }

    async fn put_login(&mut self, row: &LoginRow) -> Result<(), Fault> {
        self.puts += 1;
        self.member(row.mid).await?;
        let mut values = Vec::new();
        row.write(&mut values);
        self.logs.entry(Log::Login).or_default().push(values);
        Ok(())
    }

    async fn coin_entries(&mut self, row: &CoinRow) -> Result<usize, Fault> {
        self.entries(row.mid, &sql::COIN_ENTRIES, row).await
    }

    async fn login_entries(&mut self, row: &LoginRow) -> Result<usize, Fault> {
        self.entries(row.mid, &sql::LOGIN_ENTRIES, row).await
    }

    async fn put_session(&mut self, session: &Session) -> Result<(), Fault> {
        self.member(session.mid).await?;
        self.more.push((sql::PUT_MEMBER_SESSION, (session.mid, session.hash).values()));
        self.put(session).await
    }

    async fn drop_session(&mut self, session: &Session) -> Result<(), Fault> {
        self.member(session.mid).await?;
        self.more.push((sql::DROP_MEMBER_SESSION, (session.mid, session.hash).values()));
        self.delete::<Session>(session.hash).await
    }

    async fn sessions(&mut self, mid: Mid) -> Result<Vec<Session>, Fault> {
        self.member(mid).await?;
        self.write(None).await?;
        let told = self.ask(sql::MEMBER_SESSIONS, mid.values()).await?;
        let hashes = told.into_iter().map(|mut row| <[u8; 32]>::read(&mut row));
        let hashes = hashes.collect::<Result<Vec<_>, Fault>>()?;
        let rows = hashes.iter().map(|hash| RowKey::of::<Session>(*hash)).collect();
        self.load(Ahead { rows, ..Ahead::default() }).await?;
        let mut sessions = Vec::with_capacity(hashes.len());
        for hash in hashes {
            sessions.extend(self.get::<Session>(hash).await?);
        }
        Ok(sessions)
    }

    async fn new_mid(&mut self) -> Result<Mid, Fault> {
        let next = self.least("mid").await?.cast_unsigned();
        Mid::new(next).ok_or_else(|| Fault::Engine("there is no mid left to give".to_owned()))
    }

    async fn members_after(&mut self, after: Option<Mid>, most: usize) -> Result<Vec<Mid>, Fault> {
        self.write(None).await?;
        let after = after.map_or(0, |after| after.get().cast_signed());
        let told = self.ask(sql::MEMBERS_AFTER, vec![Value::Int(after), count(most)]).await?;
        told.into_iter().map(|mut row| Mid::read(&mut row)).collect()
    }

    async fn some_ties(&mut self, mid: Mid, most: usize) -> Result<Vec<(Mid, Mid)>, Fault> {
        self.member(mid).await?;
        self.write(None).await?;
        let mut ties = Vec::new();
        for text in [sql::SOME_TIES, sql::SOME_FANS] {
            let told = self.ask(text, vec![mid.values().remove(0), count(most - ties.len())]).await?;
            for mut row in told {
                ties.push((Mid::read(&mut row)?, Mid::read(&mut row)?));
            }
        }
        // Held in their order, all in one trip.
        let others = ties.iter().flat_map(|(from, to)| [*from, *to]);
        self.load(Ahead { members: others.collect(), ties: ties.clone(), ..Ahead::default() }).await?;
        Ok(ties)
    }

    async fn erase(&mut self, mid: Mid, most: usize) -> Result<usize, Fault> {
        self.member(mid).await?;
        self.write(None).await?;
        let mut left = most;
        let of_member = Table::OF_MEMBERS.iter().map(|table| sql::of(*table).erase.as_str());
        for text in of_member.chain([sql::ERASE_COINS, sql::ERASE_LOGINS]) {
            left -= self.ask(text, vec![mid.values().remove(0), count(left)]).await?.len();
        }
        self.rows.retain(|row, _| row.member() != Some(mid));
        self.puts += 1;
        if left > 0 {
            self.member(mid).await?.put(None);
        }
        Ok(most - left)
    }

    async fn all<R: Record>(&mut self) -> Result<Vec<R>, Fault> {
        let whole = number_of(R::TABLE) + NUMBERS;
        if self.held.insert(whole) {
            self.ask(sql::HOLD, vec![Value::Int(whole)]).await?;
        }
        self.write(None).await?;
        let told = self.ask(&sql::of(R::TABLE).all, Vec::new()).await?;
        told.into_iter().map(|mut row| R::read(&mut row)).collect()
    }

    async fn put_audit(&mut self, row: AuditRow) -> Result<(), Fault> {
        let seq = self.least("audit").await?.cast_unsigned();
        self.put(&AuditRow { seq, ..row }).await
    }
}

/// How many, as the database counts.
pub(super) fn count(most: usize) -> Value {
    Value::Int(i64::try_from(most).unwrap_or(i64::MAX))
}
