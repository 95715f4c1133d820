//! The second factors of a member, and the unfinished steps of logins and of passkeys.

use super::sql_row::{Column, SqlRow, SqlType, SqlValue, SqlValues, corrupted_row, impl_single_column};
use super::{Sensitive, entity, stored_struct};
use crate::StorageError;
use crate::encryption::Hash;
use guanxi_types::Mid;
use serde::{Deserialize, Serialize};

stored_struct! {
    /// The second factors of a member.
    Factors(/** The member. */ mid: Mid) {
        /// The secret of the one-time codes, in base32. `None` without them.
        totp: Option<Sensitive>,
        /// The secret that the member has not confirmed by a code yet.
        pending_totp: Option<Sensitive>,
        /// The step of the one-time code that was used last.
        totp_step: i64,
        /// The SHA-256 hashes of the unused recovery codes, in hexadecimal digits.
        recovery_codes: Vec<String>,
        /// The passkeys, in the order of their ids.
        passkeys: Vec<Passkey>,
        /// The id of the last passkey.
        last_passkey: u32,
    }
}
entity!(Factors in Factors by mid: Mid);

impl Factors {
    /// Returns true if a login needs a second step. Recovery codes only stand in for a factor.
    pub fn has_any(&self) -> bool {
        self.totp.is_some() || !self.passkeys.is_empty()
    }
}

/// A passkey of a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passkey {
    /// The id, unique among the member's passkeys.
    pub id: u32,
    /// The name that the member gave.
    pub name: String,
    /// The time of creation, in seconds.
    pub created: i64,
    /// The time of the last use, in seconds. 0 for never.
    pub used: i64,
    /// The id of the credential, in hexadecimal digits.
    pub credential_id: String,
    /// The public key, the sign counter and the properties of the credential, as JSON.
    pub credential: String,
}

impl_single_column!(
    Vec<Passkey>,
    Text,
    |passkeys| SqlValue::Text(serde_json::to_string(passkeys).unwrap_or_default()),
    |value| { if let SqlValue::Text(json) = value { serde_json::from_str(&json).ok() } else { None } }
);

stored_struct! {
    /// An unfinished step of a login or of a passkey. Only the client with the secret finishes it.
    Challenge(/** The hash of the purpose and the secret. */ #[serde(with = "crate::model::serde_hex")] hash: Hash) {
        /// The second from which the challenge is expired.
        expires: i64,
        /// The member of a login. `None` for a passkey, which names its member.
        mid: Option<Mid>,
        /// The hash of the verified password's PHC string. A new password ends the login.
        password: Option<Hash>,
        /// The number of codes that were tried.
        tries: u32,
        /// The state of the passkey library, as JSON. Empty for a login.
        state: String,
    }
}
entity!(Challenge in Challenge by hash: Hash, run_at: |row| Some(row.expires));
