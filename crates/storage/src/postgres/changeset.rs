//! The changes of a transaction as statements: new rows in bulk, everything else one by one.

use super::connection::Query;
use super::sql::{counters, entities, groups, logs, relations};
use super::unit_of_work::{Loaded, RowChange};
use crate::StorageError;
use crate::commands::RowKey;
use crate::counters::{Counters, relation_identity};
use crate::key::Key;
use crate::member_bundle::RowSink;
use crate::model::{Entity, SqlRow, SqlValue, Table, kind_number};
use guanxi_domain::relation::{GroupMembership, Relation, memberships};
use guanxi_types::{Mid, Tagid};
use std::collections::BTreeMap;

/// An append-only log of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Log {
    Coin,
    Login,
}

/// The table of new rows, and the ways to insert them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct InsertTarget {
    pub(super) table: &'static str,
    /// The columns of a row, for `COPY`.
    pub(super) columns: &'static str,
    /// The statement that inserts one row.
    pub(super) insert: &'static str,
}

impl InsertTarget {
    const RELATION: InsertTarget =
        InsertTarget { table: "relation", columns: relations::RELATION_COLUMNS, insert: relations::UPSERT };
    const FOLLOWER: InsertTarget = InsertTarget {
        table: "follower_index",
        columns: relations::FOLLOWER_COLUMNS,
        insert: relations::UPSERT_FOLLOWER,
    };
    const GROUP_MEMBER: InsertTarget = InsertTarget {
        table: "group_member",
        columns: groups::GROUP_MEMBER_COLUMNS,
        insert: groups::INSERT_GROUP_MEMBER,
    };

    fn counters() -> InsertTarget {
        InsertTarget { table: "counters", columns: &counters::COLUMNS, insert: &counters::INSERT }
    }

    fn log(log: Log) -> InsertTarget {
        match log {
            Log::Coin => {
                InsertTarget { table: "coin", columns: &logs::COIN_COLUMNS, insert: &logs::INSERT_COIN }
            }
            Log::Login => {
                InsertTarget { table: "login", columns: &logs::LOGIN_COLUMNS, insert: &logs::INSERT_LOGIN }
            }
        }
    }

    fn entities(table: Table) -> InsertTarget {
        let statements = entities::of(table);
        InsertTarget { table: table.name(), columns: &statements.columns, insert: &statements.upsert }
    }
}

/// The changes to write.
#[derive(Debug, Default)]
pub(super) struct ChangeSet {
    /// New rows by their table. Many of one table go in one `COPY`.
    pub(super) inserts: BTreeMap<InsertTarget, Vec<Vec<SqlValue>>>,
    /// Changed counters of existing members.
    pub(super) counter_updates: Vec<Vec<SqlValue>>,
    /// All other statements.
    pub(super) statements: Vec<Query<'static>>,
}

impl ChangeSet {
    fn insert(&mut self, target: InsertTarget, row: Vec<SqlValue>) {
        self.inserts.entry(target).or_default().push(row);
    }

    /// Adds the change of a relation, in `relation`, `follower_index` and `group_member`.
    pub(super) fn relation(
        &mut self,
        (from, to): (Mid, Mid),
        old: Option<&Relation>,
        new: Option<&Relation>,
    ) {
        if old == new {
            return;
        }
        if let Some(relation) = new {
            let attribute = SqlValue::Int(kind_number(relation.kind).into());
            let mut row = (from, to).values();
            row.extend([
                attribute.clone(),
                SqlValue::Int(relation.mtime),
                SqlValue::Int(relation.seq.into()),
                SqlValue::Int(relation.source.into()),
                default_group_seq(relation),
            ]);
            let mut follower_row = (to, from).values();
            follower_row.extend([
                attribute,
                SqlValue::Int(relation.mtime),
                SqlValue::Int(relation.seq.into()),
            ]);
            if let Some(old) = old {
                self.statements.push((relations::UPSERT, row));
                if relation_identity(Some(old)) != relation_identity(new) {
                    self.statements.push((relations::UPSERT_FOLLOWER, follower_row));
                }
            } else {
                self.insert(InsertTarget::RELATION, row);
                self.insert(InsertTarget::FOLLOWER, follower_row);
            }
        } else {
            self.statements.push((relations::DELETE, (from, to).values()));
            self.statements.push((relations::DELETE_FOLLOWER, (to, from).values()));
        }
        let (old_groups, new_groups) = (stored_groups(old), stored_groups(new));
        let row = |group: &GroupMembership| (from, group.tagid, group.seq, to).values();
        for group in old_groups.iter().filter(|group| !new_groups.contains(group)) {
            self.statements.push((groups::DELETE_GROUP_MEMBER, row(group)));
        }
        for group in new_groups.iter().filter(|group| !old_groups.contains(group)) {
            self.insert(InsertTarget::GROUP_MEMBER, row(group));
        }
    }

    /// Adds the change of an entity.
    pub(super) fn entity(&mut self, key: &RowKey, change: RowChange<Vec<SqlValue>>) {
        let statements = entities::of(key.table);
        match (change.old, change.new) {
            (Loaded::Absent, None) => (),
            (Loaded::Absent, Some(row)) => self.insert(InsertTarget::entities(key.table), row),
            (_, Some(row)) => self.statements.push((&statements.upsert, row)),
            (_, None) => self.statements.push((&statements.delete, key.values.clone())),
        }
    }

    /// Adds new entries of a log.
    pub(super) fn log(&mut self, log: Log, rows: Vec<Vec<SqlValue>>) {
        self.inserts.entry(InsertTarget::log(log)).or_default().extend(rows);
    }

    /// Adds the change of a member's counters. `None` deletes the member.
    pub(super) fn counters(&mut self, mid: Mid, old: Option<&Counters>, new: Option<Counters>) {
        let mut row = mid.values();
        let Some(new) = new else {
            self.statements.extend(old.map(|_| (counters::DELETE, row)));
            return;
        };
        new.push_values(&mut row);
        match old {
            None => self.insert(InsertTarget::counters(), row),
            Some(old) if *old == new => (),
            Some(_) => self.counter_updates.push(row),
        }
    }
}

impl RowSink for ChangeSet {
    fn add_row<R: Entity>(&mut self, row: &R) -> Result<(), StorageError> {
        self.insert(InsertTarget::entities(R::TABLE), entity_values(row));
        Ok(())
    }
}

/// Returns the columns of an entity, with those of its schedule.
pub(super) fn entity_values<R: Entity>(row: &R) -> Vec<SqlValue> {
    let mut values = Vec::new();
    row.push_values(&mut values);
    if R::IS_SCHEDULED {
        row.run_at().push_values(&mut values);
        row.review_since().push_values(&mut values);
    }
    values
}

/// Returns the `join_seq` of a relation in the default group, or null.
fn default_group_seq(relation: &Relation) -> SqlValue {
    let group = relation.groups.iter().find(|group| group.tagid == Tagid::DEFAULT);
    group.map_or(SqlValue::Null, |group| SqlValue::Int(group.seq.into()))
}

/// Returns the groups of a relation that are rows of `group_member`: all but the default group.
fn stored_groups(relation: Option<&Relation>) -> Vec<GroupMembership> {
    memberships(relation).iter().copied().filter(|group| group.tagid != Tagid::DEFAULT).collect()
}
