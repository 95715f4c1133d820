//! `GET /passport/factors`: the second factors of the caller.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /passport/factors`: returns the second factors of the caller, and the proofs that the session is missing.
    /// Errors: -101.
    ListFactors: GET "/passport/factors", Session -> Data {}
}

/// The second factors of a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "FactorList")]
pub struct Data {
    /// True if one-time codes are set up.
    pub totp: bool,
    /// The number of unused recovery codes.
    pub recovery_codes: usize,
    /// The passkeys, oldest first.
    pub passkeys: Vec<Passkey>,
    /// True if the community requires a second factor of the caller, who has none.
    pub required: bool,
    /// True if a dangerous operation needs the password first: `POST /passport/proof`.
    pub needs_password: bool,
    /// True if a dangerous operation needs a second factor first: `POST /passport/proof`.
    pub needs_factor: bool,
}

/// A passkey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Passkey {
    /// The id, for `POST /passport/passkeys/rename` and `POST /passport/passkeys/remove`.
    pub id: u32,
    /// The name that the caller gave.
    pub name: String,
    /// The time of creation, in seconds.
    pub created: i64,
    /// The time of the last use, in seconds. 0 for never.
    pub used: i64,
}
