//! A transaction: a unit of work that loads and locks rows, and writes their changes with the commit.
//!
//! Each row is read once. The rows of a prefetch are read in the first pipeline. Changes are sent together with the
//! commit, so most transactions take two round trips. Rows of one table go in one statement, however many commands
//! share the transaction. On distributed tables a statement has rows of one shard.
//!
//! A transaction locks a member's row in `counters` before it reads or writes any of the member's data. Rows
//! without an owner are locked by an advisory lock of their key. So no two transactions decide on the same data at
//! once, and every value that was read stays current until the commit.

mod bulk_load;
mod flush;
mod loading;
pub(super) mod locks;
mod operations;

use super::changeset::{Log, entity_values};
use super::connection::{Connection, Query};
use super::shards::Shards;
use super::sql::system;
use super::unit_of_work::TrackedRow;
use crate::StorageError;
use crate::commands::{Prefetch, RowKey};
use crate::counters::Counters;
use crate::model::{Entity, Group, SqlRow, SqlValue, SqlValues};
use guanxi_domain::news::NewsLimits;
use guanxi_domain::relation::Relation;
use guanxi_domain::value::MAX_ASSIGNED_ID;
use guanxi_types::Mid;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// The number of new rows of a table from which a bulk load copies them.
const COPY_THRESHOLD: usize = 64;

/// A transaction on one connection.
#[derive(Debug)]
pub(super) struct PgTransaction {
    connection: Connection,
    shards: Arc<Shards>,
    /// True if no other writer is expected, as in an import.
    exclusive: bool,
    /// True if several commands share the transaction. Then all locks are taken at its start.
    shared: bool,
    /// True if a command of a shared transaction needed another lock.
    missed_lock: bool,
    begun: bool,
    news_limits: NewsLimits,
    /// The number of writes of the command. A command that rejects must not have written.
    write_count: u64,
    /// The counters of locked members.
    counters: BTreeMap<Mid, TrackedRow<Counters>>,
    relations: BTreeMap<(Mid, Mid), TrackedRow<Relation>>,
    entities: BTreeMap<RowKey, TrackedRow<Vec<SqlValue>>>,
    /// The stored groups of a member, without the changes of this transaction.
    stored_groups: HashMap<Mid, Vec<Group>>,
    advisory_locks: BTreeSet<i64>,
    new_log_entries: BTreeMap<Log, Vec<Vec<SqlValue>>>,
    /// Other statements to execute, in their order.
    statements: Vec<Query<'static>>,
    /// The locked sequences with their stored next ids. Empty until one is needed.
    stored_next_ids: HashMap<String, i64>,
    /// The raised next ids, by the name of their sequence.
    next_ids: BTreeMap<&'static str, i64>,
}

impl PgTransaction {
    /// Creates a transaction. Its first statement begins it.
    pub(super) fn new(connection: Connection, shards: &Arc<Shards>) -> PgTransaction {
        connection.mark_busy();
        PgTransaction {
            connection,
            shards: Arc::clone(shards),
            exclusive: false,
            shared: false,
            missed_lock: false,
            begun: false,
            news_limits: NewsLimits::default(),
            write_count: 0,
            counters: BTreeMap::new(),
            relations: BTreeMap::new(),
            entities: BTreeMap::new(),
            stored_groups: HashMap::new(),
            advisory_locks: BTreeSet::new(),
            new_log_entries: BTreeMap::new(),
            statements: Vec::new(),
            stored_next_ids: HashMap::new(),
            next_ids: BTreeMap::new(),
        }
    }

    /// Sets the bounds of the stored news of a member.
    pub(super) fn set_news_limits(&mut self, limits: NewsLimits) {
        self.news_limits = limits;
    }

    /// Permits statements that run long or lock whole tables, as no other writer is expected.
    fn set_exclusive(&mut self) {
        self.exclusive = true;
        self.connection.extend_timeout();
    }

    /// Returns true if Citus distributes the tables.
    fn is_distributed(&self) -> bool {
        self.shards.are_distributed()
    }

    pub(super) fn write_count(&self) -> u64 {
        self.write_count
    }

    /// Lets several commands share the transaction. All locks are then taken at its start.
    pub(super) fn set_shared(&mut self) {
        self.shared = true;
    }

    /// Returns true if a command needed a lock that was not taken at the start, and forgets that.
    pub(super) fn take_missed_lock(&mut self) -> bool {
        std::mem::take(&mut self.missed_lock)
    }

    /// Writes all changes and commits. On an error the transaction is still open.
    pub(super) async fn commit(&mut self) -> Result<(), StorageError> {
        self.flush(Some(system::COMMIT)).await?;
        self.connection.mark_idle();
        Ok(())
    }

    /// Returns an error if the transaction is shared and has begun.
    fn check_may_lock(&mut self) -> Result<(), StorageError> {
        if self.shared && self.begun {
            self.missed_lock = true;
            return Err(StorageError::conflict("a shared transaction takes its locks at its start"));
        }
        Ok(())
    }

    /// Rolls back. The connection returns to the pool if that succeeds.
    pub(super) async fn roll_back(self) {
        if !self.begun || self.connection.execute(system::ROLLBACK).await.is_ok() {
            self.connection.mark_idle();
        }
    }

    /// Returns all rows that were read or requested. A retry locks them from the start, in order.
    pub(super) fn accessed_rows(&self) -> Prefetch {
        Prefetch {
            members: self.counters.keys().copied().collect(),
            relations: self.relations.keys().copied().collect(),
            rows: self.entities.keys().cloned().collect(),
            exclusive: self.exclusive,
        }
    }

    async fn pipeline(
        &mut self,
        queries: &[Query<'_>],
        after: Option<&str>,
    ) -> Result<Vec<Vec<SqlValues>>, StorageError> {
        let begin = match (self.exclusive, self.is_distributed()) {
            (false, false) if self.shared => system::BEGIN_SHARED,
            (false, true) if self.shared => system::BEGIN_SHARED_CITUS,
            (false, _) => "begin",
            (true, false) => system::BEGIN_EXCLUSIVE,
            (true, true) => system::BEGIN_EXCLUSIVE_CITUS,
        };
        let begin = (!self.begun).then_some(begin);
        self.begun = true;
        let commits_writes = after.is_some() && self.write_count > 0;
        let answers = self.connection.pipeline(begin, queries, after).await;
        answers.map_err(|error| if commits_writes { error.into_commit_error() } else { error.into() })
    }

    async fn query(&mut self, text: &str, params: Vec<SqlValue>) -> Result<Vec<SqlValues>, StorageError> {
        Ok(self.pipeline(&[(text, params)], None).await?.pop().unwrap_or_default())
    }

    /// Locks a member. Returns their counters.
    async fn lock_member(&mut self, mid: Mid) -> Result<&mut TrackedRow<Counters>, StorageError> {
        if !self.counters.contains_key(&mid) {
            self.load(Prefetch::default().member(mid)).await?;
        }
        Ok(self.counters.entry(mid).or_insert_with(TrackedRow::not_loaded))
    }

    async fn entity(&mut self, key: RowKey) -> Result<&mut TrackedRow<Vec<SqlValue>>, StorageError> {
        if !self.entities.contains_key(&key) {
            self.load(Prefetch { rows: vec![key.clone()], ..Prefetch::default() }).await?;
        }
        Ok(self.entities.entry(key).or_insert_with(TrackedRow::not_loaded))
    }

    fn put_entity<R: Entity>(&mut self, key: RowKey, row: Option<&R>) {
        self.write_count += 1;
        let values = row.map(entity_values);
        self.entities.entry(key).or_insert_with(TrackedRow::not_loaded).put(values);
    }

    async fn update_counters(
        &mut self,
        mid: Mid,
        update: impl FnOnce(&mut Counters),
    ) -> Result<(), StorageError> {
        self.write_count += 1;
        let row = self.lock_member(mid).await?;
        let mut counters = row.get().unwrap_or_default();
        update(&mut counters);
        row.put(Some(counters));
        Ok(())
    }

    /// Returns the next id of a sequence, and locks all sequences until the end of the transaction.
    async fn next_id(&mut self, sequence: &'static str) -> Result<i64, StorageError> {
        if self.stored_next_ids.is_empty() {
            for mut row in self.query(system::LOCK_NEXT_IDS, Vec::new()).await? {
                let name = String::read_values(&mut row)?;
                self.stored_next_ids.insert(name, i64::read_values(&mut row)?);
            }
        }
        let next = self.stored_next_ids.get(sequence).copied().unwrap_or(1);
        Ok(next.max(self.next_ids.get(sequence).copied().unwrap_or(1)))
    }

    /// Marks an id and all below it as used.
    fn mark_used(&mut self, sequence: &'static str, id: i64) {
        let next = self.next_ids.entry(sequence).or_insert(1);
        *next = (*next).max(id.saturating_add(1));
    }

    /// Marks the mid of a new member as used, unless it is above [`MAX_ASSIGNED_ID`].
    fn mark_mid_used(&mut self, mid: Mid) {
        if mid.get() <= MAX_ASSIGNED_ID {
            self.mark_used("mid", mid.get().cast_signed());
        }
    }

    /// Counts the entries of a member's log that equal a row.
    async fn count_equal(&mut self, mid: Mid, text: &str, row: &impl SqlRow) -> Result<usize, StorageError> {
        self.lock_member(mid).await?;
        self.flush(None).await?;
        let mut values = Vec::new();
        row.push_values(&mut values);
        let rows = self.query(text, values).await?;
        let count = rows.into_iter().next().as_mut().map_or(Ok(0), i64::read_values)?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }
}

/// Returns a row limit as a parameter.
pub(super) fn limit_value(limit: usize) -> SqlValue {
    SqlValue::Int(i64::try_from(limit).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{Command, InsertRows};
    use crate::encryption::{FieldCipher, Keyring};
    use crate::postgres::{Options, PostgresStore, parse_url, schema};
    use crate::{Row, dump};
    use guanxi_test_postgres::Schema;

    /// The example members, with rows of most kinds.
    const COMMUNITY: &[u8] = include_bytes!("../../../../fixtures/community.jsonl");

    #[tokio::test]
    async fn import_accesses_only_prefetched_rows() {
        let Some(schema) = Schema::create().await else { return };
        let config = parse_url(&schema.url()).unwrap();
        schema::migrate(&config, false).await.unwrap();
        let store = PostgresStore::open(config, Options::default()).await.unwrap();
        let rows: Vec<Row> = dump::read_rows(COMMUNITY).map(|row| row.unwrap().1).collect();
        let count = rows.len();
        let insert = InsertRows { rows, cipher: Arc::new(FieldCipher::new(Keyring::generate())) };
        let mut transaction = PgTransaction::new(store.acquire(true).await.unwrap(), &store.0.shards);
        transaction.load(insert.prefetch()).await.unwrap();
        let prefetched = transaction.accessed_rows();
        let result = insert.apply(&mut transaction).await.unwrap();
        assert_eq!((result.rows, result.error), (count, None));
        assert_eq!(transaction.accessed_rows(), prefetched);
    }
}
