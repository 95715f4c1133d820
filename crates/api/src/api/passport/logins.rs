//! `GET /passport/logins`: one's logins of late, with what is new about them.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// Asks for one's logins, and tries to, of the last days: as many as 26 tells of, and more of each.
    Logins: GET "/passport/logins", Session -> Data {}
}

/// One's logins, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// They.
    pub list: Vec<Entry>,
}

/// One try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "MarkedLogin")]
pub struct Entry {
    /// When, in seconds.
    pub time: i64,
    /// Whether it succeeded.
    pub status: bool,
    /// 0 password, 1 QR code.
    pub r#type: u8,
    /// With what; empty if that is not known.
    pub device: String,
    /// From which address, masked as in 26.
    pub ip: String,
    /// Place and carrier, as in 26.
    pub place: String,
    /// Whether no login of the 30 days before was made with that device. Never so of a try that failed, nor of the first login
    /// that is known.
    pub new_device: bool,
    /// Whether none of these was made from that place, likewise.
    pub new_place: bool,
    /// The session that it opened, if that lives, for `/passport/sessions/revoke`; else null.
    pub session: Option<String>,
    /// Whether the request was made with that session.
    pub current: bool,
}
