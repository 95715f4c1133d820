//! A transaction as commands see it: what was loaded, and what is different now.
//!
//! Loads ask the database, each at most once; what a command says that it will load first is asked in the first trip. Puts
//! change what was loaded, and go out together with the commit, so that most commands take two trips.
//!
//! What is a member's is written by whoever holds the member's row in `stat`, and nothing of a member is looked at before
//! that row is held. What is of no member is held by a number that stands for its key. So no two transactions decide upon
//! the same thing at once, and what was read is true until the commit.

mod commands;

use super::link::{Ask, Link};
use super::slot::{Change, Slot};
use super::sql;
use super::write::{Log, Write};
use crate::command::{Command, Prefetch, RowKey};
use crate::key::Key;
use crate::row::{Columns, Group, Record, Table, Value, Values};
use crate::stat::Counters;
use crate::{CommandError, StorageError};
use guanxi_domain::tie::Relation;
use guanxi_types::Mid;
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
    stats: BTreeMap<Mid, Slot<Counters>>,
    ties: BTreeMap<(Mid, Mid), Slot<Relation>>,
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
    pub(super) async fn whole<C: Command>(
        &mut self,
        command: &C,
        ahead: Prefetch,
    ) -> Result<C::Answer, CommandError> {
        self.load(ahead).await?;
        let answer = command.apply(self).await.map_err(|error| match error {
            CommandError::Rejected(_) if self.puts > 0 => {
                StorageError::Engine("a command refused after it had written".to_owned()).into()
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
    pub(super) fn seen(&self) -> Prefetch {
        Prefetch {
            members: self.stats.keys().copied().collect(),
            ties: self.ties.keys().copied().collect(),
            rows: self.rows.keys().cloned().collect(),
            alone: self.alone,
        }
    }

    async fn trip(
        &mut self,
        asks: &[Ask<'_>],
        after: Option<&str>,
    ) -> Result<Vec<Vec<Values>>, StorageError> {
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

    async fn ask(&mut self, text: &str, with: Vec<Value>) -> Result<Vec<Values>, StorageError> {
        Ok(self.trip(&[(text, with)], None).await?.pop().unwrap_or_default())
    }

    /// Loads what is not here yet.
    async fn load(&mut self, ahead: Prefetch) -> Result<(), StorageError> {
        let Prefetch { members, ties, rows, alone } = ahead;
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
    fn take(&mut self, of: Of, answer: Vec<Values>) -> Result<(), StorageError> {
        match of {
            Of::Nothing => (),
            Of::Stats => {
                for mut row in answer {
                    self.stats.insert(Mid::read(&mut row)?, Slot::loaded(Some(Counters::read(&mut row)?)));
                }
            }
            Of::Ties => {
                for mut row in answer {
                    let ends = (Mid::read(&mut row)?, Mid::read(&mut row)?);
                    self.ties.insert(ends, Slot::loaded(Some(Relation::read(&mut row)?)));
                }
            }
            Of::Rows(table) => {
                for row in answer {
                    let values = row.into_rest();
                    let bytes = match values.first() {
                        Some(Value::Int(number)) => number.cast_unsigned().bytes(),
                        Some(Value::Bytes(hash)) => hash.clone(),
                        _ => return Err(StorageError::Corrupted("a row", "it has no key".to_owned())),
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
    async fn member(&mut self, mid: Mid) -> Result<&mut Slot<Counters>, StorageError> {
        if !self.stats.contains_key(&mid) {
            self.load(Prefetch::default().member(mid)).await?;
        }
        Ok(self.stats.entry(mid).or_insert_with(Slot::unknown))
    }

    async fn row(&mut self, key: RowKey) -> Result<&mut Slot<Vec<Value>>, StorageError> {
        if !self.rows.contains_key(&key) {
            self.load(Prefetch { rows: vec![key.clone()], ..Prefetch::default() }).await?;
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

    async fn change_stat(
        &mut self,
        mid: Mid,
        change: impl FnOnce(&mut Counters),
    ) -> Result<(), StorageError> {
        self.puts += 1;
        let slot = self.member(mid).await?;
        let mut stat = slot.get().unwrap_or_default();
        change(&mut stat);
        slot.put(Some(stat));
        Ok(())
    }

    /// The least that was never given; nobody else is given any until the transaction ends.
    async fn least(&mut self, name: &'static str) -> Result<i64, StorageError> {
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
    async fn entries(&mut self, mid: Mid, text: &str, row: &impl Columns) -> Result<usize, StorageError> {
        self.member(mid).await?;
        self.write(None).await?;
        let mut values = Vec::new();
        row.write(&mut values);
        let told = self.ask(text, values).await?;
        let count = told.into_iter().next().as_mut().map_or(Ok(0), i64::read)?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// Writes what is different, and then says `after`.
    async fn write(&mut self, after: Option<&str>) -> Result<(), StorageError> {
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

/// How many, as the database counts.
pub(super) fn count(most: usize) -> Value {
    Value::Int(i64::try_from(most).unwrap_or(i64::MAX))
}
