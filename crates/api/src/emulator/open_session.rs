//! `POST /emulator/session`: logs a member in without a password.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `POST /emulator/session`: logs a member in without a password, and creates the member if it does not exist.
    /// Without `mid` the member is found by `uname`, and without either it is a new one. Errors: -401, -403, -400,
    /// -404, 30001, 30002, 30006.
    OpenSession: POST "/emulator/session", Operator<AdminOnly> -> Data {
        /// The mid, at most 2^52 for a new member.
        mid: Option<Mid>,
        /// The display name. `成员` and a number if absent. The name of an existing member does not change.
        #[schemars(length(min = 1, max = 16))]
        uname: Option<String>,
    }
}

/// The session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The mid of the member.
    pub mid: Mid,
    /// True if the member is new.
    pub created: bool,
    /// The cookies by name.
    pub cookies: SessionCookies,
    /// The value of the `Cookie` header of a request in the session.
    pub cookie: String,
}

/// The cookies of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionCookies {
    /// The session token.
    #[serde(rename = "SESSDATA")]
    pub sessdata: String,
    /// The `csrf` of writes.
    pub bili_jct: String,
    /// The mid.
    #[serde(rename = "DedeUserID")]
    pub dede_user_id: String,
    /// The id of the device.
    pub buvid3: String,
}
