//! Data of operators: tokens, the audit log, applied events and key fingerprints.

use super::{Sensitive, entity, stored_struct};
use crate::encryption::{Hash, KeyFingerprint};
use guanxi_types::{Mid, Role};

stored_struct! {
    /// The token of an operator.
    OperatorToken(/** The hash of the token. */ hash: Hash, /** The role. */ role: Role) {
        /// The name.
        name: String,
        /// The time of creation, in seconds.
        created: i64,
    }
}
entity!(OperatorToken in OperatorToken by hash: Hash);

stored_struct! {
    /// An audit log entry: a write of an operator. Entries are never changed.
    AuditRow(/** The sequence number, from 1. */ seq: u64) {
        /// The time, in seconds.
        time: i64,
        /// The name of the token.
        operator: String,
        /// The path of the endpoint.
        action: String,
        /// The affected member.
        mid: Option<Mid>,
        /// The state before, as JSON without private data.
        before: String,
        /// The state after, as JSON without private data.
        after: String,
    }
}
entity!(AuditRow in Audit by seq: u64);

stored_struct! {
    /// A note of operators on a member. The member never sees it.
    MemberNote(/** The member. */ mid: Mid, /** The number, ascending with time. */ id: u64) {
        /// The time, in seconds.
        time: i64,
        /// The name of the author's token.
        operator: String,
        /// The text.
        text: Option<Sensitive>,
    }
}
entity!(MemberNote in MemberNote by (mid: Mid, id: u64));

stored_struct! {
    /// An applied event. The row detects duplicates until it expires.
    EventRow(/** The hash of the event id. */ #[serde(with = "crate::model::serde_hex")] hash: Hash) {
        /// The hash of the other fields of the event.
        #[serde(with = "crate::model::serde_hex")]
        content_hash: u64,
        /// The time of the event, in seconds.
        time: i64,
        /// The second from which the row may be deleted.
        expires: i64,
    }
}
entity!(EventRow in Event by hash: Hash, run_at: |row| Some(row.expires));

stored_struct! {
    /// The watermark of deleted event ids. An event that is not later is rejected, even if the retention grows
    /// afterwards.
    EventIdWatermark(/** Always 0: there is one row. */ id: u8) {
        /// The latest time of an event whose id was deleted, in seconds.
        time: i64,
    }
}
entity!(EventIdWatermark in EventIdWatermark by id: u8);

stored_struct! {
    /// The fingerprint of a key that encrypts private data.
    KeyFingerprintRow(/** The number of the key. */ id: u32) {
        /// The fingerprint, derived from the key.
        fingerprint: u64,
    }
}
entity!(KeyFingerprintRow in KeyFingerprint by id: u32);

impl KeyFingerprintRow {
    /// Returns the fingerprint with the number of its key.
    pub fn fingerprint(&self) -> KeyFingerprint {
        KeyFingerprint { id: self.id, fingerprint: self.fingerprint }
    }
}
