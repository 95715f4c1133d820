//! What operators leave behind: their tokens, their writes, the events they tell, and the marks of the keys.

use super::{record, row};
use crate::vault::Hash;
use guanxi_types::Mid;
use guanxi_types::Role;

row! {
    /// An operator's token.
    OperatorToken(/** The hash of it. */ hash: Hash, /** What it may do. */ role: Role) {
        /// What it is called.
        name: String,
        /// When it was made, in seconds.
        created: i64,
    }
}
record!(OperatorToken in OperatorToken by hash: Hash);

row! {
    /// A write of an operator's. It is never changed.
    AuditRow(/** The how manieth, from 1. */ seq: u64) {
        /// When, in seconds.
        time: i64,
        /// The name of the token.
        by: String,
        /// What was done.
        deed: String,
        /// To whom.
        mid: Option<Mid>,
        /// What was, as JSON; nothing private.
        before: String,
        /// What is, as JSON; nothing private.
        after: String,
    }
}
record!(AuditRow in Audit by seq: u64);

row! {
    /// An event that was counted.
    EventRow(/** The hash of its id. */ #[serde(with = "crate::row::number::hex")] hash: Hash) {
        /// The hash of the rest of it.
        #[serde(with = "crate::row::number::hex")]
        what: u64,
        /// When it was, in seconds.
        time: i64,
        /// From when its id is forgotten, in seconds.
        forgotten: i64,
    }
}
record!(EventRow in Event by hash: Hash, due: |row| Some(row.forgotten));

row! {
    /// How far ids of events are forgotten: none counts that is not later, however long ids are remembered from now on.
    EventHorizon(/** There is one, 0. */ id: u8) {
        /// The latest second of an event whose id was forgotten.
        time: i64,
    }
}
record!(EventHorizon in EventHorizon by id: u8);

row! {
    /// A key that private data were sealed with, by its mark.
    KeyMark(/** The key's number. */ id: u32) {
        /// What follows from the key.
        check: u64,
    }
}
record!(KeyMark in KeyMark by id: u32);
