//! `GET /x/member/web/login/log`: one's logins of late.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// Asks for one's logins of the last days (seed 003, D35). `jsonp` and `web_location` are ignored.
    LoginLog: GET "/x/member/web/login/log", Session -> Data {}
}

/// The log, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// How many.
    pub count: usize,
    /// Its entries.
    pub list: Vec<Entry>,
}

/// One try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "LoginLogEntry")]
pub struct Entry {
    /// Where from, masked (D31).
    pub ip: String,
    /// When, in seconds.
    pub time: i64,
    /// `YYYY-MM-DD HH:MM:SS`, Asia/Shanghai.
    pub time_at: String,
    /// Whether it succeeded.
    pub status: bool,
    /// 0 password, 1 QR code.
    pub r#type: u8,
    /// Place and carrier.
    pub geo: String,
}
