//! The changes of a transaction as rows, by the kind of their statement.

use super::connection::Query;
use super::sql::{WriteStatements, counters, entities, groups, logs, names, relations};
use super::unit_of_work::{Loaded, RowChange};
use crate::StorageError;
use crate::commands::RowKey;
use crate::counters::{Counters, relation_identity};
use crate::key::Key;
use crate::member_bundle::RowSink;
use crate::model::{Card, Entity, IndexedName, SqlRow, SqlValue, Table, kind_number};
use crate::store::CardVersion;
use guanxi_domain::name_index::NameEntry;
use guanxi_domain::relation::{GroupMembership, Relation, memberships};
use guanxi_types::{Mid, Tagid};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// An append-only log of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Log {
    Coin,
    Login,
}

/// A kind of write to a table. Statements are sent in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Write {
    DeleteRelation,
    DeleteFollower,
    DeleteGroupMember,
    DeleteNamesOfMember,
    DeleteName,
    DeleteEntity(Table),
    DeleteCounters,
    UpdateRelation,
    UpdateFollower,
    UpdateEntity(Table),
    UpdateCounters,
    InsertCounters,
    InsertRelation,
    InsertFollower,
    InsertGroupMember,
    InsertName,
    InsertEntity(Table),
    InsertLog(Log),
}

impl Write {
    pub(super) fn statements(self) -> &'static WriteStatements {
        match self {
            Write::DeleteRelation => &relations::DELETE,
            Write::DeleteFollower => &relations::DELETE_FOLLOWER,
            Write::DeleteGroupMember => &groups::DELETE_GROUP_MEMBER,
            Write::DeleteNamesOfMember => &names::DELETE_OF_MEMBER,
            Write::DeleteName => &names::DELETE,
            Write::InsertName => &names::INSERT,
            Write::DeleteEntity(table) => &entities::of(table).delete,
            Write::DeleteCounters => &counters::DELETE,
            Write::UpdateRelation => &relations::UPSERT,
            Write::UpdateFollower => &relations::UPSERT_FOLLOWER,
            Write::InsertRelation => &relations::INSERT,
            Write::InsertFollower => &relations::INSERT_FOLLOWER,
            Write::UpdateEntity(table) | Write::InsertEntity(table) => &entities::of(table).upsert,
            Write::UpdateCounters => &counters::UPDATE,
            Write::InsertCounters => &counters::INSERT,
            Write::InsertGroupMember => &groups::INSERT_GROUP_MEMBER,
            Write::InsertLog(Log::Coin) => &logs::INSERT_COIN,
            Write::InsertLog(Log::Login) => &logs::INSERT_LOGIN,
        }
    }

    /// Returns true if the rows are new, so that `COPY` can write them.
    pub(super) fn is_insert(self) -> bool {
        self >= Write::InsertCounters
    }
}

/// The changes to write.
#[derive(Debug, Default)]
pub(super) struct ChangeSet {
    /// The rows of each kind of write.
    pub(super) writes: BTreeMap<Write, Vec<Vec<SqlValue>>>,
    /// All other statements.
    pub(super) statements: Vec<Query<'static>>,
}

impl ChangeSet {
    fn add(&mut self, write: Write, row: Vec<SqlValue>) {
        self.writes.entry(write).or_default().push(row);
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
                self.add(Write::UpdateRelation, row);
                if relation_identity(Some(old)) != relation_identity(new) {
                    self.add(Write::UpdateFollower, follower_row);
                }
            } else {
                self.add(Write::InsertRelation, row);
                self.add(Write::InsertFollower, follower_row);
            }
        } else {
            self.add(Write::DeleteRelation, (from, to).values());
            self.add(Write::DeleteFollower, (to, from).values());
        }
        let (old_groups, new_groups) = (stored_groups(old), stored_groups(new));
        let row = |group: &GroupMembership| (from, group.tagid, group.seq, to).values();
        for group in old_groups.iter().filter(|group| !new_groups.contains(group)) {
            self.add(Write::DeleteGroupMember, row(group));
        }
        for group in new_groups.iter().filter(|group| !old_groups.contains(group)) {
            self.add(Write::InsertGroupMember, row(group));
        }
    }

    /// Adds the change of an entity, and of the name index.
    pub(super) fn entity(
        &mut self,
        key: &RowKey,
        change: RowChange<Vec<SqlValue>>,
    ) -> Result<(), StorageError> {
        if key.table == Table::Card {
            let card = |values: &Vec<SqlValue>| Card::read_values(&mut values.clone().into());
            let old = change.old.value().map(card).transpose()?;
            let new = change.new.as_ref().map(card).transpose()?;
            if change.old == Loaded::Unread {
                self.add(Write::DeleteNamesOfMember, key.values.clone());
            }
            self.names(old.as_ref(), new.as_ref());
        }
        match (change.old, change.new) {
            (Loaded::Absent, None) => (),
            (Loaded::Absent, Some(row)) => self.add(Write::InsertEntity(key.table), row),
            (_, Some(row)) => self.add(Write::UpdateEntity(key.table), row),
            (_, None) => self.add(Write::DeleteEntity(key.table), key.values.clone()),
        }
        Ok(())
    }

    /// Adds the change of a row's name, in `name_index`.
    fn names<R: Entity>(&mut self, old: Option<&R>, new: Option<&R>) {
        let name = |row: Option<&R>| row.and_then(R::indexed_name).map(IndexedName::entries);
        if old.and_then(R::indexed_name) == new.and_then(R::indexed_name) {
            return;
        }
        let (old_entries, new_entries) = (name(old).unwrap_or_default(), name(new).unwrap_or_default());
        let values = |row: Option<&R>, entry: &NameEntry| {
            let mut values = row.map(|row| row.key().values()).unwrap_or_default();
            values.extend([SqlValue::Int((entry.kind as u8).into()), SqlValue::Text(entry.text.clone())]);
            values
        };
        for entry in old_entries.difference(&new_entries) {
            self.add(Write::DeleteName, values(old, entry));
        }
        for entry in new_entries.difference(&old_entries) {
            self.add(Write::InsertName, values(new, entry));
        }
    }

    /// Adds new entries of a log.
    pub(super) fn log(&mut self, log: Log, rows: Vec<Vec<SqlValue>>) {
        self.writes.entry(Write::InsertLog(log)).or_default().extend(rows);
    }

    /// Adds the change of a member's counters. `None` deletes the member.
    pub(super) fn counters(&mut self, mid: Mid, old: Option<&Counters>, new: Option<Counters>) {
        let mut row = mid.values();
        if let Some(new) = new {
            new.push_values(&mut row);
        }
        match (old, new) {
            (None, Some(_)) => self.add(Write::InsertCounters, row),
            (Some(_), None) => self.add(Write::DeleteCounters, row),
            (old, new) if old == new.as_ref() => (),
            _ => self.add(Write::UpdateCounters, row),
        }
    }
}

impl RowSink for ChangeSet {
    fn add_row<R: Entity>(&mut self, row: &R) -> Result<(), StorageError> {
        self.names(None, Some(row));
        self.add(Write::InsertEntity(R::TABLE), entity_values(row));
        Ok(())
    }
}

/// Returns the columns of an entity, with a card's version and the columns of its schedule.
pub(super) fn entity_values<R: Entity>(row: &R) -> Vec<SqlValue> {
    let mut values = Vec::new();
    row.push_values(&mut values);
    if R::TABLE == Table::Card {
        values.push(SqlValue::Int(content_version(row)));
    }
    if R::IS_SCHEDULED {
        row.run_at().push_values(&mut values);
        row.review_since().push_values(&mut values);
    }
    values
}

/// Returns the version of a row, a hash of its content. A counter could repeat a version with another content, once a
/// standby without the last commits, or a restored backup, continues it.
pub(super) fn content_version<R: Entity>(row: &R) -> CardVersion {
    let json = serde_json::to_vec(row).expect("a row serializes");
    let hash: [u8; 32] = Sha256::digest(json).into();
    let (first, _) = hash.split_first_chunk().expect("the hash is longer than a version");
    CardVersion::from_be_bytes(*first)
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
