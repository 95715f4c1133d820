//! `GET /operator/member/coins`: the coin ledger of a member.

use crate::endpoint::endpoint;
use guanxi_types::{Coins, Mid, TimeCursor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /operator/member/coins`: returns the coin entries of a member, newest first. All of them are kept, since
    /// the balance is their sum. Errors: -401, -403, -400, -404.
    ListMemberCoins: GET "/operator/member/coins", Operator<AdminOrModerator> -> Data {
        /// The member.
        mid: Mid,
        /// The `next` of the page before.
        before: Option<TimeCursor>,
        /// The number of entries, 1 to 1000. 100 if absent.
        #[schemars(range(min = 1, max = 1000))]
        limit: Option<u32>,
    }
}

/// A page of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "MemberCoins")]
pub struct Data {
    /// The balance of the member.
    pub coins: Coins,
    /// The entries, newest first.
    pub list: Vec<Entry>,
    /// The parameter `before` of the next page. Null on the last page.
    pub next: Option<TimeCursor>,
}

/// A change of the balance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "MemberCoinEntry")]
pub struct Entry {
    /// The time, in seconds.
    pub time: i64,
    /// The amount, negative for spent coins.
    pub delta: Coins,
    /// The reason of the change.
    pub reason: String,
}
