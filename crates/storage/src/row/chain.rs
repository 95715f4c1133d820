//! The relation chain: ties and groups.

use super::column::{Column, Columns, Kind, Value, Values, damaged, within};
use super::{record, row};
use crate::StorageError;
use guanxi_domain::tie::{self, GroupMembership, Relation};
use guanxi_types::{Mid, Tagid};

row! {
    /// A group of one's followings.
    Group(/** Whose. */ mid: Mid, /** Which. */ tagid: Tagid) {
        /// Its name.
        name: String,
    }
}
record!(Group in Group by (mid: Mid, tagid: Tagid));

row! {
    /// A tie, as a dump holds it.
    TieRow(/** Whose. */ from: Mid, /** To whom. */ to: Mid, /** What it is. */ tie: Relation) {}
}

row! {
    /// What is given next, so that neither a mid nor a tagid is given twice (D21), whoever has left and whatever was deleted.
    Next(/** The least mid. */ mid: u64, /** The least tagid. */ tagid: i64) {}
}

row! {
    /// The versions of a member's two lists (D17).
    Versions(/** Whose. */ mid: Mid) {
        /// Of their fans.
        fans: u32,
        /// Of their followings.
        followings: u32,
    }
}

/// The number of a kind of tie where it is kept: the wire's attribute.
pub(crate) const fn kind_number(kind: tie::RelationKind) -> u8 {
    match kind {
        tie::RelationKind::Whisper => 1,
        tie::RelationKind::Follow => 2,
        tie::RelationKind::Black => 128,
    }
}

/// The kind of that number.
pub(crate) const fn kind_of(number: u8) -> Option<tie::RelationKind> {
    match number {
        1 => Some(tie::RelationKind::Whisper),
        2 => Some(tie::RelationKind::Follow),
        128 => Some(tie::RelationKind::Black),
        _ => None,
    }
}

/// Its groups are two columns: which, and at which turns.
impl Columns for Relation {
    const COUNT: usize = 6;

    fn columns(name: &str, out: &mut Vec<Column>) {
        for (part, kind) in [
            ("attribute", Kind::Int),
            ("mtime", Kind::Int),
            ("seq", Kind::Int),
            ("source", Kind::Int),
            ("tagids", Kind::Ints),
            ("turns", Kind::Ints),
        ] {
            out.push(Column { name: within(name, part), kind, optional: false });
        }
    }

    fn write(&self, out: &mut Vec<Value>) {
        kind_number(self.kind).write(out);
        self.mtime.write(out);
        self.seq.write(out);
        self.source.write(out);
        out.push(Value::Ints(self.groups.iter().map(|joined| joined.tagid.0).collect()));
        out.push(Value::Ints(self.groups.iter().map(|joined| i64::from(joined.seq)).collect()));
    }

    fn read(from: &mut Values) -> Result<Relation, StorageError> {
        let kind = kind_of(u8::read(from)?).ok_or_else(|| damaged("a kind of tie"))?;
        let (mtime, seq, source) = (i64::read(from)?, u32::read(from)?, u32::read(from)?);
        let (tagids, turns): (Vec<i64>, Vec<i64>) = (Columns::read(from)?, Columns::read(from)?);
        let joined = tagids.into_iter().zip(turns).map(|(tagid, turn)| {
            let turn = u32::try_from(turn).map_err(|_| damaged("a turn"))?;
            Ok(GroupMembership { tagid: Tagid(tagid), seq: turn })
        });
        Ok(Relation { kind, mtime, seq, source, groups: joined.collect::<Result<_, StorageError>>()? })
    }
}
