//! Prefetch hints of a command. PostgreSQL loads and locks these rows in one round trip, in a fixed order. The
//! embedded engine ignores them. A row without a hint is loaded when the command reads it.

use crate::key::{Key, KeyReader};
use crate::model::{Entity, SqlValue, Table};
use guanxi_types::Mid;

/// The key of a row in any table.
#[derive(Clone, Debug)]
pub struct RowKey {
    /// The table.
    pub table: Table,
    /// The encoded key. Table and encoded key identify the row.
    pub bytes: Vec<u8>,
    /// The values of the key's columns.
    pub values: Vec<SqlValue>,
}

impl RowKey {
    /// Returns the row key of an entity's key.
    pub fn new<R: Entity>(key: R::Key) -> RowKey {
        RowKey { table: R::TABLE, bytes: key.bytes(), values: key.values() }
    }

    /// Returns the member that the row belongs to, or `None` if the table is not keyed by member.
    pub fn owner(&self) -> Option<Mid> {
        if self.table.schema().is_member_keyed() { KeyReader(&self.bytes).mid() } else { None }
    }

    fn identity(&self) -> (Table, &[u8]) {
        (self.table, &self.bytes)
    }
}

impl PartialEq for RowKey {
    fn eq(&self, other: &RowKey) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for RowKey {}

impl PartialOrd for RowKey {
    fn partial_cmp(&self, other: &RowKey) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for RowKey {
    fn cmp(&self, other: &RowKey) -> std::cmp::Ordering {
        self.identity().cmp(&other.identity())
    }
}

/// The rows that a command reads first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prefetch {
    /// The members whose counters the command reads or changes.
    pub members: Vec<Mid>,
    /// The relations, as (owner, target).
    pub relations: Vec<(Mid, Mid)>,
    /// The rows.
    pub rows: Vec<RowKey>,
    /// True if no concurrent writer is expected.
    pub exclusive: bool,
}

impl Prefetch {
    /// Adds the rows of another prefetch.
    pub(crate) fn append(&mut self, other: Prefetch) {
        self.members.extend(other.members);
        self.relations.extend(other.relations);
        self.rows.extend(other.rows);
        self.exclusive |= other.exclusive;
    }

    /// Returns the number of rows.
    pub(crate) fn len(&self) -> usize {
        self.members.len() + self.relations.len() + self.rows.len()
    }

    /// Adds the counters of a member.
    #[must_use]
    pub fn member(mut self, mid: Mid) -> Prefetch {
        self.members.push(mid);
        self
    }

    /// Adds a row.
    #[must_use]
    pub fn row<R: Entity>(mut self, key: R::Key) -> Prefetch {
        self.rows.push(RowKey::new::<R>(key));
        self
    }

    /// Adds the rows that decide if a member exists and is not being deleted.
    #[must_use]
    pub fn active_member(self, mid: Mid) -> Prefetch {
        self.member(mid).row::<crate::model::PendingDeletion>(mid)
    }

    /// Adds the relations between two members, in both directions.
    #[must_use]
    pub fn relation_pair(mut self, me: Mid, them: Mid) -> Prefetch {
        self.relations.extend([(me, them), (them, me)]);
        self
    }
}
