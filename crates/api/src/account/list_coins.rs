//! `GET /passport/coins/log`: the caller's coin log by month.

use crate::endpoint::endpoint;
use guanxi_types::{Coins, Month, PageSize, TimeCursor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /passport/coins/log`: returns the caller's coin entries of a month, newest first. All months are kept, since
    /// the balance is the sum of the log. Errors: -101, -400.
    ListCoins: GET "/passport/coins/log", Session -> Data {
        /// The month, as `YYYY-MM`, in Asia/Shanghai. By default the current one.
        month: Option<Month>,
        /// The `id` of the last entry of the page before.
        before: Option<TimeCursor>,
        /// Entries per page. A number above 50 counts as 50.
        ps: PageSize,
    }
}

/// A page of the coin log of a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CoinPage")]
pub struct Data {
    /// The month.
    pub month: Month,
    /// The entries, newest first.
    pub list: Vec<Entry>,
    /// The parameter `before` of the next page. Null on the last page.
    pub next: Option<TimeCursor>,
}

/// A change of the balance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CoinEntry")]
pub struct Entry {
    /// The position of the entry, for the next page.
    pub id: TimeCursor,
    /// The time as `YYYY-MM-DD HH:MM:SS`, Asia/Shanghai.
    pub time: String,
    /// The amount, negative for spent coins.
    pub delta: Coins,
    /// The reason of the change.
    pub reason: String,
}
