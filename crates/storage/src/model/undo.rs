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
}

impl Change {
    /// Returns true if the change lost something that undoing restores.
    pub fn is_loss(&self) -> bool {
        self.group.is_some() || self.relations.iter().any(RelationChange::is_loss)
    }
}

impl_single_column!(
    Change,
    Text,
    |change| SqlValue::Text(serde_json::to_string(change).unwrap_or_default()),
    |value| { if let SqlValue::Text(json) = value { serde_json::from_str(&json).ok() } else { None } }
);
