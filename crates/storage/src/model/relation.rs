//! Relations and groups.

use super::sql_row::{Column, SqlRow, SqlType, SqlValue, SqlValues, corrupted_row, prefixed};
use super::{Sensitive, entity, stored_struct};
use crate::StorageError;
use guanxi_domain::relation::{GroupMembership, Relation, RelationKind};
use guanxi_types::{Mid, Tagid};

stored_struct! {
    /// A group of a member's followings.
    Group(/** The owner. */ mid: Mid, /** The id of the group. */ tagid: Tagid) {
        /// The name.
        name: String,
    }
}
entity!(Group in Group by (mid: Mid, tagid: Tagid));

stored_struct! {
    /// A relation in a dump.
    RelationRow(/** The owner. */ from: Mid, /** The target. */ to: Mid, /** The relation. */ relation: Relation) {}
}

stored_struct! {
    /// The private remark of a member on another. It does not depend on their relation.
    Remark(/** The member. */ mid: Mid, /** The other member. */ fid: Mid) {
        /// The remark.
        text: Option<Sensitive>,
    }
}
entity!(Remark in Remark by (mid: Mid, fid: Mid));

stored_struct! {
    /// The index entry of a [`Remark`] by its subject. The deletion of the subject finds the remarks by it.
    RemarkedBy(/** The subject. */ mid: Mid, /** The author. */ author: Mid) {}
}
entity!(RemarkedBy in RemarkedBy by (mid: Mid, author: Mid));

stored_struct! {
    /// The next ids. They are never assigned twice (D21), even after deletions.
    NextIds(/** The next mid. */ mid: u64, /** The next tagid. */ tagid: i64) {}
}

stored_struct! {
    /// The versions of a member's two lists (D17).
    Versions(/** The member. */ mid: Mid) {
        /// The version of the followers.
        followers: u32,
        /// The version of the followings.
        followings: u32,
    }
}

/// Returns the stored number of a kind: the `attribute` of the API.
pub(crate) const fn kind_number(kind: RelationKind) -> u8 {
    match kind {
        RelationKind::Whisper => 1,
        RelationKind::Follow => 2,
        RelationKind::Block => 128,
    }
}

/// Returns the kind of a stored number.
pub(crate) const fn kind_from_number(number: u8) -> Option<RelationKind> {
    match number {
        1 => Some(RelationKind::Whisper),
        2 => Some(RelationKind::Follow),
        128 => Some(RelationKind::Block),
        _ => None,
    }
}

/// The groups are two arrays: the tagids and the join sequence numbers.
impl SqlRow for Relation {
    const COLUMN_COUNT: usize = 6;

    fn push_columns(name: &str, out: &mut Vec<Column>) {
        for (part, sql_type) in [
            ("attribute", SqlType::Int),
            ("mtime", SqlType::Int),
            ("seq", SqlType::Int),
            ("source", SqlType::Int),
            ("tagids", SqlType::Ints),
            ("join_seqs", SqlType::Ints),
        ] {
            out.push(Column { name: prefixed(name, part), sql_type, nullable: false });
        }
    }

    fn push_values(&self, out: &mut Vec<SqlValue>) {
        kind_number(self.kind).push_values(out);
        self.mtime.push_values(out);
        self.seq.push_values(out);
        self.source.push_values(out);
        out.push(SqlValue::Ints(self.groups.iter().map(|membership| membership.tagid.0).collect()));
        out.push(SqlValue::Ints(self.groups.iter().map(|membership| i64::from(membership.seq)).collect()));
    }

    fn read_values(from: &mut SqlValues) -> Result<Relation, StorageError> {
        let kind =
            kind_from_number(u8::read_values(from)?).ok_or_else(|| corrupted_row("a kind of relation"))?;
        let (mtime, seq, source) =
            (i64::read_values(from)?, u32::read_values(from)?, u32::read_values(from)?);
        let (tagids, seqs): (Vec<i64>, Vec<i64>) = (SqlRow::read_values(from)?, SqlRow::read_values(from)?);
        let memberships = tagids.into_iter().zip(seqs).map(|(tagid, seq)| {
            let seq = u32::try_from(seq).map_err(|_| corrupted_row("a join sequence number"))?;
            Ok(GroupMembership { tagid: Tagid(tagid), seq })
        });
        Ok(Relation { kind, mtime, seq, source, groups: memberships.collect::<Result<_, StorageError>>()? })
    }
}
