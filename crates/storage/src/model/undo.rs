//! The last change of a member that can be undone.

use super::sql_row::{Column, SqlRow, SqlType, SqlValue, SqlValues, corrupted_row, impl_single_column};
use super::{Group, entity, stored_struct};
use crate::StorageError;
use guanxi_domain::undo::RelationChange;
use guanxi_types::Mid;
use serde::{Deserialize, Serialize};

stored_struct! {
    /// The last change of a member that can be undone.
    UndoRow(/** The member. */ mid: Mid) {
        /// The random id of the change.
        id: u64,
        /// The second from which the change cannot be undone.
        expires: i64,
        /// The change.
        change: Change,
    }
}
entity!(UndoRow in Undo by mid: Mid, run_at: |row| Some(row.expires));

/// A change of relations and groups.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The relations before and after.
    pub relations: Vec<RelationChange>,
    /// The deleted group.
    pub group: Option<Group>,
    /// True if each member was changed on its own. Then each is undone on its own, and a refusal leaves the others.
    #[serde(default, skip_serializing_if = "crate::model::is_default")]
    pub is_batch: bool,
}

impl Change {
    /// Returns true if the change is worth undoing: it lost something, or it changed several members.
    pub fn is_undoable(&self) -> bool {
        let is_loss = self.group.is_some() || self.relations.iter().any(RelationChange::is_loss);
        is_loss || self.is_batch && self.relations.iter().any(RelationChange::is_change)
    }

    /// Appends a later change.
    pub fn append(&mut self, other: Change) {
        self.relations.extend(other.relations);
        self.group = self.group.take().or(other.group);
        self.is_batch |= other.is_batch;
    }

    /// Returns the last changes that one command undoes: whole members of a batch, and otherwise all.
    pub fn last_part(&self, me: Mid) -> &[RelationChange] {
        if !self.is_batch {
            return &self.relations;
        }
        let members: Vec<_> = self.members(me).collect();
        let before: usize = members.iter().rev().skip(Change::PART).map(|changes| changes.len()).sum();
        &self.relations[before..]
    }

    /// Returns the changes of each member of a batch.
    pub fn members(&self, me: Mid) -> impl Iterator<Item = &[RelationChange]> {
        members(&self.relations, me)
    }

    /// The maximum number of members that one command undoes, so that it holds no other command up for long.
    const PART: usize = 200;
}

/// Returns the changes of each member. Those of one member are neighbours.
pub(crate) fn members(changes: &[RelationChange], me: Mid) -> impl Iterator<Item = &[RelationChange]> {
    let other = move |change: &RelationChange| if change.from == me { change.to } else { change.from };
    changes.chunk_by(move |left, right| other(left) == other(right))
}

impl_single_column!(
    Change,
    Text,
    |change| SqlValue::Text(serde_json::to_string(change).unwrap_or_default()),
    |value| { if let SqlValue::Text(json) = value { serde_json::from_str(&json).ok() } else { None } }
);
