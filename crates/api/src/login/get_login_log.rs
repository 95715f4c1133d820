//! `GET /x/member/web/login/log`: the latest logins of the caller.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /x/member/web/login/log`: returns the caller's logins and failed attempts of the last 7 days, newest
    /// first (seed 003, D26, D31, D35). The setting `login_log_days` changes the 7 days. The log has at most
    /// `log_limit` (1,000) entries. `jsonp` and `web_location` are ignored. Errors: -101.
    GetLoginLog: GET "/x/member/web/login/log", Session -> Data {}
}

/// The login log, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The number of entries.
    pub count: usize,
    /// The entries.
    pub list: Vec<Entry>,
}

/// A login attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "LoginLogEntry")]
pub struct Entry {
    /// The address, masked (D31): `36.40.*.*`. Of an IPv6 address only the first group is shown.
    pub ip: String,
    /// The time of the attempt, in seconds.
    pub time: i64,
    /// The time as `YYYY-MM-DD HH:MM:SS`, Asia/Shanghai.
    pub time_at: String,
    /// True if the login succeeded.
    pub status: bool,
    /// The login method: 0 password, 1 QR code, 2 passkey.
    pub r#type: u8,
    /// The place and the internet provider.
    pub geo: String,
}
