//! `GET /passport/sessions`: the live sessions of the caller.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /passport/sessions`: returns the caller's live sessions, newest first. Errors: -101.
    ListSessions: GET "/passport/sessions", Session -> Data {}
}

/// The live sessions of a member, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The sessions.
    pub list: Vec<Entry>,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SessionEntry")]
pub struct Entry {
    /// The id for `POST /passport/sessions/revoke`. Unique among the sessions of the member.
    pub id: String,
    /// True for the session of the request.
    pub current: bool,
    /// The time at which the session was opened, in seconds.
    pub created: i64,
    /// The time at which the session expires, in seconds.
    pub expires: i64,
    /// The device of the login. Empty if it is unknown.
    pub device: String,
    /// The address of the login, masked as in `GET /x/member/web/login/log`. Empty if it is unknown.
    pub ip: String,
    /// The place of the login. Empty if it is unknown.
    pub place: String,
    /// The login method: 0 password, 1 QR code, 2 passkey. Null if an operator opened the session.
    pub r#type: Option<u8>,
}
