//! `GET /passport/sessions`: where one is logged in.

pub mod revoke;

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// Asks for one's sessions.
    Sessions: GET "/passport/sessions", Session -> Data {}
}

/// One's sessions, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// They.
    pub list: Vec<Entry>,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SessionEntry")]
pub struct Entry {
    /// What tells it from one's others, for `/passport/sessions/revoke`.
    pub id: String,
    /// Whether the request was made with it.
    pub current: bool,
    /// When it was opened, in seconds.
    pub created: i64,
    /// From when it is none, in seconds.
    pub expires: i64,
    /// What it was opened with; empty if that is not known.
    pub device: String,
    /// From which address, masked as in 26; empty if that is not known.
    pub ip: String,
    /// Where.
    pub place: String,
    /// How: 0 password, 1 QR code, as in 26; null if an operator opened it.
    pub r#type: Option<u8>,
}
