//! `GET /x/member/web/coin/log`: the latest coin entries of the caller.

use crate::endpoint::endpoint;
use guanxi_types::Coins;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /x/member/web/coin/log`: returns the caller's coin entries of the last 7 × 24 hours, newest first (seed
    /// 000, D26, D28). The log has at most `log_limit` (1,000) entries. Errors: -101.
    GetCoinLog: GET "/x/member/web/coin/log", Session -> Data {}
}

/// The coin log, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The entries.
    pub list: Vec<Entry>,
    /// The number of entries.
    pub count: usize,
}

/// A change of the balance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CoinLogEntry")]
pub struct Entry {
    /// The time as `YYYY-MM-DD HH:MM:SS`, Asia/Shanghai.
    pub time: String,
    /// The amount, negative for spent coins. At most one decimal: `1`, `0.1` or `-1` (D28).
    pub delta: Coins,
    /// The reason of the change.
    pub reason: String,
}
