//! `GET /x/member/web/coin/log`: where one's coins went.

use crate::endpoint::endpoint;
use guanxi_types::Coins;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// Asks for the last 7 × 24 hours of one's coins (seed 000, D28).
    CoinLog: GET "/x/member/web/coin/log", Session -> Data {}
}

/// The log, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// Its entries.
    pub list: Vec<Entry>,
    /// How many.
    pub count: usize,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CoinLogEntry")]
pub struct Entry {
    /// `YYYY-MM-DD HH:MM:SS`, Asia/Shanghai.
    pub time: String,
    /// What came or went.
    pub delta: Coins,
    /// Why.
    pub reason: String,
}
