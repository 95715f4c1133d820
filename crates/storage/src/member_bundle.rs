//! All data of one member, for a bulk load in the order of the engine's keys.

use crate::counters::Counters;
use crate::encryption::name_hashes;
use crate::model::{Entity, LoginIdentifier, RelationRow, Session};
use crate::{Row, StorageError};
use guanxi_domain::relation::{Relation, RelationKind};
use guanxi_types::Mid;

/// All data of one member. Its relations must be consistent with the bundles of the other members.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberBundle {
    /// The member.
    pub mid: Mid,
    /// The card and other rows keyed by the member: no account, and none pending review. Groups are in the order
    /// of their tagids.
    pub rows: Vec<Row>,
    /// The relations to other members.
    pub relations: Vec<RelationRow>,
    /// The followers, with the `mtime` and the `seq` of their relations.
    pub followers: Vec<(Mid, i64, u32)>,
    /// The members that whisper or block this member.
    pub private_relations: Vec<Mid>,
    /// The sessions.
    pub sessions: Vec<Session>,
}

/// Receives the rows of members in a bulk load.
pub(crate) trait RowSink {
    /// Adds a new row.
    fn add_row<R: Entity>(&mut self, row: &R) -> Result<(), StorageError>;
}

impl MemberBundle {
    /// Returns the counters, derived from the relations.
    pub(crate) fn counters(&self) -> Counters {
        let mut counters = Counters::default();
        for row in &self.relations {
            counters.apply_outgoing(None, Some(&row.relation));
        }
        for &(_, mtime, seq) in &self.followers {
            let (kind, source, groups) = (RelationKind::Follow, 0, Vec::new());
            counters.apply_incoming(None, Some(&Relation { kind, mtime, seq, source, groups }));
        }
        counters
    }

    /// Passes all rows to a sink.
    pub(crate) fn add_rows(&self, sink: &mut impl RowSink) -> Result<(), StorageError> {
        self.rows.iter().try_for_each(|row| match row {
            Row::Card(row) => sink.add_row(&**row),
            Row::Profile(row) => sink.add_row(&**row),
            Row::Upstat(row) => sink.add_row(row),
            Row::Experience(row) => sink.add_row(row),
            Row::Reward(row) => sink.add_row(row),
            Row::Password(row) => sink.add_row(row),
            Row::Group(row) => sink.add_row(row),
            _ => Err(StorageError::engine(
                "a bulk load accepts rows of members only: no accounts, and none pending review",
            )),
        })
    }
}

/// The values of a bulk load that all members share.
#[derive(Debug)]
pub(crate) struct SharedValues {
    identifiers: Vec<LoginIdentifier>,
    /// The least tagid above those of all groups.
    pub(crate) next_tagid: i64,
}

impl Default for SharedValues {
    fn default() -> SharedValues {
        SharedValues { identifiers: Vec::new(), next_tagid: 1 }
    }
}

impl SharedValues {
    /// Adds those of a member.
    pub(crate) fn add_member(&mut self, member: &MemberBundle) {
        for row in &member.rows {
            match row {
                Row::Card(card) if !card.uname.is_empty() => {
                    let identifier = |hash| LoginIdentifier { hash, mid: card.mid };
                    self.identifiers.extend(name_hashes(&card.uname).map(identifier));
                }
                Row::Group(group) => {
                    self.next_tagid = self.next_tagid.max(group.tagid.0.saturating_add(1));
                }
                _ => (),
            }
        }
    }

    /// Takes the identifiers of the names, in the order of their hashes. Of two members whose names are equal or
    /// look alike, the first keeps the identifier.
    pub(crate) fn take_identifiers(&mut self) -> Vec<LoginIdentifier> {
        let mut identifiers = std::mem::take(&mut self.identifiers);
        identifiers.sort_unstable_by_key(|row| (row.hash, row.mid));
        identifiers.dedup_by_key(|row| row.hash);
        identifiers
    }
}
