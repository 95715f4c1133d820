//! `GET /passport/logins`: the latest logins of the caller, with new devices and places marked.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /passport/logins`: returns the logins and failed attempts of `GET /x/member/web/login/log`, newest
    /// first, with more detail. A device is known by its `buvid3`, or by its name if one of two logins has no
    /// `buvid3`. Errors: -101.
    ListLogins: GET "/passport/logins", Session -> Data {}
}

/// The login attempts of a member, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The attempts.
    pub list: Vec<Entry>,
}

/// A login attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "LoginEntry")]
pub struct Entry {
    /// The time of the attempt, in seconds.
    pub time: i64,
    /// True if the login succeeded.
    pub status: bool,
    /// The login method: 0 password, 1 QR code, 2 passkey.
    pub r#type: u8,
    /// The name of the device, derived from its User-Agent. Empty if it is unknown.
    pub device: String,
    /// The address, masked as in `GET /x/member/web/login/log`.
    pub ip: String,
    /// The place and the internet provider, as in `GET /x/member/web/login/log`.
    pub place: String,
    /// True if no successful login of the 30 days before used the device. Always false for a failed attempt, and
    /// for the first login on record.
    pub new_device: bool,
    /// True if no successful login of the 30 days before came from the place. Always false for a failed attempt,
    /// and for the first login on record.
    pub new_place: bool,
    /// The id of the session that the login opened, as in `GET /passport/sessions`. Null if that session has ended.
    pub session: Option<String>,
    /// True if the login opened the session of the request.
    pub current: bool,
}
