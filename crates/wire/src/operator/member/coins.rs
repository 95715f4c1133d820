//! `POST /operator/member/coins`: coins that come or go.

use crate::operator::operation;
use crate::{Coins, Mid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

operation! {
    /// Adds to a member's coins, or takes from them; 7 tells it. Refused with -404, 30050.
    Pay: POST "/operator/member/coins", [Admin] -> Data {
        /// Whose.
        mid: Mid,
        /// How many; fewer if negative. One decimal at most, 1,000,000 at most.
        delta: Coins,
        /// Why, 1 to 100 characters.
        reason: String,
    }
}

/// What there is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// Their balance.
    pub coins: Coins,
}
