//! Loading of rows into a transaction, with their locks, in one pipeline.

use super::PgTransaction;
use super::locks::row_lock;
use crate::StorageError;
use crate::commands::{Prefetch, RowKey};
use crate::counters::Counters;
use crate::key::Key;
use crate::model::{SqlRow, SqlValue, SqlValues, Table};
use crate::postgres::connection::Query;
use crate::postgres::sql::{counters, entities, relations, system};
use crate::postgres::sql_value::{mids, numbered_rows, transpose};
use crate::postgres::unit_of_work::TrackedRow;
use guanxi_domain::relation::Relation;
use guanxi_types::Mid;
use std::collections::{BTreeMap, BTreeSet};

/// The meaning of a query's rows.
enum Answer {
    Lock,
    Counters,
    Relations,
    Entities(Vec<RowKey>),
    Entity(RowKey),
}

impl PgTransaction {
    /// Loads and locks the rows of a prefetch that are not loaded yet.
    ///
    /// Advisory locks come first, then members in the order of their shards and mids. Transactions that start with all
    /// their locks therefore cannot deadlock.
    pub(in crate::postgres) async fn load(&mut self, prefetch: Prefetch) -> Result<(), StorageError> {
        let Prefetch { members, relations, rows, exclusive } = prefetch;
        if exclusive {
            self.set_exclusive();
        }
        let rows: BTreeSet<RowKey> =
            rows.into_iter().filter(|row| !self.entities.contains_key(row)).collect();
        let relations: BTreeSet<(Mid, Mid)> =
            relations.into_iter().filter(|ends| !self.relations.contains_key(ends)).collect();
        let owners = rows.iter().filter_map(RowKey::owner).chain(relations.iter().map(|(from, _)| *from));
        let members: BTreeSet<Mid> =
            members.into_iter().chain(owners).filter(|mid| !self.counters.contains_key(mid)).collect();
        let locks: BTreeSet<i64> =
            rows.iter().filter_map(row_lock).filter(|lock| !self.advisory_locks.contains(lock)).collect();

        if !members.is_empty() || !locks.is_empty() {
            self.check_may_lock()?;
        }
        let mut queries: Vec<Query<'_>> = Vec::new();
        let mut answers = Vec::new();
        for &lock in &locks {
            queries.push((system::ADVISORY_LOCK, vec![SqlValue::Int(lock)]));
            answers.push(Answer::Lock);
        }
        self.query_members(members, &mut queries, &mut answers);
        self.query_relations(relations, &mut queries, &mut answers);
        self.query_entities(rows, &mut queries, &mut answers);
        if queries.is_empty() {
            return Ok(());
        }
        let results = match self.pipeline(&queries, None).await {
            Ok(results) => results,
            Err(error) => {
                // A retry prefetches these rows too.
                let rows = answers.into_iter().flat_map(|answer| match answer {
                    Answer::Entities(rows) => rows,
                    Answer::Entity(row) => vec![row],
                    _ => Vec::new(),
                });
                self.entities.extend(rows.map(|row| (row, TrackedRow::not_loaded())));
                return Err(error);
            }
        };
        self.advisory_locks.extend(locks);
        answers.into_iter().zip(results).try_for_each(|(answer, rows)| self.receive(answer, rows))
    }

    fn query_members(
        &mut self,
        members: BTreeSet<Mid>,
        queries: &mut Vec<Query<'_>>,
        answers: &mut Vec<Answer>,
    ) {
        self.counters.extend(members.iter().map(|mid| (*mid, TrackedRow::loaded(None))));
        for members in self.batches(members, |mid| Some(*mid)) {
            queries.push(match &members[..] {
                [mid] => (&counters::LOCK, mid.values()),
                _ if self.is_distributed() && self.exclusive => {
                    (&counters::LOCK_BATCH_CITUS, vec![mids(members)])
                }
                _ => (&counters::LOCK_BATCH, vec![mids(members)]),
            });
            answers.push(Answer::Counters);
        }
    }

    fn query_relations(
        &mut self,
        relations: BTreeSet<(Mid, Mid)>,
        queries: &mut Vec<Query<'_>>,
        answers: &mut Vec<Answer>,
    ) {
        self.relations.extend(relations.iter().map(|ends| (*ends, TrackedRow::loaded(None))));
        for relations in self.batches(relations, |(from, _)| Some(*from)) {
            queries.push(match &relations[..] {
                [ends] => (&relations::GET_WITH_KEY, ends.values()),
                many => {
                    let get: &str =
                        if self.goes_by_shard() { &relations::GET_OF_SHARD } else { &relations::GET_BATCH };
                    let (from, to): (Vec<Mid>, Vec<Mid>) = many.iter().copied().unzip();
                    (get, vec![mids(from), mids(to)])
                }
            });
            answers.push(Answer::Relations);
        }
    }

    fn query_entities(
        &mut self,
        rows: BTreeSet<RowKey>,
        queries: &mut Vec<Query<'_>>,
        answers: &mut Vec<Answer>,
    ) {
        let mut by_table: BTreeMap<Table, Vec<RowKey>> = BTreeMap::new();
        for row in rows {
            by_table.entry(row.table).or_default().push(row);
        }
        for (table, rows) in by_table {
            let statements = entities::of(table);
            for mut rows in self.batches(rows, RowKey::owner) {
                if rows.len() == 1
                    && let Some(row) = rows.pop()
                {
                    queries.push((&statements.get, row.values.clone()));
                    answers.push(Answer::Entity(row));
                    continue;
                }
                let get = if self.goes_by_shard() { &statements.get_of_shard } else { &statements.get_batch };
                queries.push((get, transpose(rows.iter().map(|row| row.values.clone()).collect())));
                answers.push(Answer::Entities(rows));
            }
        }
    }

    /// Divides rows into those of one statement.
    ///
    /// On distributed tables these are the rows of one shard. A statement for several shards would wait for other
    /// such statements, so only exclusive transactions use it. All transactions lock shards in the same order.
    pub(super) fn batches<T>(
        &self,
        rows: impl IntoIterator<Item = T>,
        owner: impl Fn(&T) -> Option<Mid>,
    ) -> Vec<Vec<T>> {
        if !self.goes_by_shard() {
            let rows: Vec<T> = rows.into_iter().collect();
            return if rows.is_empty() { Vec::new() } else { vec![rows] };
        }
        let (mut by_shard, mut others): (BTreeMap<usize, Vec<T>>, _) = (BTreeMap::new(), Vec::new());
        for row in rows {
            match owner(&row) {
                Some(mid) => by_shard.entry(self.shards.of(mid)).or_default().push(row),
                None => others.push(vec![row]),
            }
        }
        by_shard.into_values().chain(others).collect()
    }

    /// Returns true if a statement has rows of one shard only.
    pub(super) fn goes_by_shard(&self) -> bool {
        self.is_distributed() && !self.exclusive
    }

    /// Stores the rows of a query. Rows that are missing were marked as absent before.
    fn receive(&mut self, answer: Answer, rows: Vec<SqlValues>) -> Result<(), StorageError> {
        match answer {
            Answer::Lock => (),
            Answer::Counters => {
                for mut row in rows {
                    let (mid, counters) = (Mid::read_values(&mut row)?, Counters::read_values(&mut row)?);
                    self.counters.insert(mid, TrackedRow::loaded(Some(counters)));
                }
            }
            Answer::Relations => {
                for mut row in rows {
                    let ends = (Mid::read_values(&mut row)?, Mid::read_values(&mut row)?);
                    let relation = Relation::read_values(&mut row)?;
                    self.relations.insert(ends, TrackedRow::loaded(Some(relation)));
                }
            }
            Answer::Entities(keys) => {
                let stored = numbered_rows(keys.len(), rows)?;
                self.entities.extend(keys.into_iter().zip(stored.into_iter().map(TrackedRow::loaded)));
            }
            Answer::Entity(key) => {
                let row = rows.into_iter().next().map(SqlValues::into_remaining);
                self.entities.insert(key, TrackedRow::loaded(row));
            }
        }
        Ok(())
    }
}
