//! `POST /operator/member/coins`: credits or debits coins.

use crate::endpoint::endpoint;
use guanxi_types::{Coins, EventId, EventOutcome, Mid, inline_schema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `POST /operator/member/coins`: credits coins to a member, or debits them. `GET /x/member/web/coin/log` shows
    /// the entry. A balance below 0 is 30050, and a balance above 1,000,000,000,000 is 30054. Errors: -401, -403,
    /// -400, -404, 30052, 30050, 30054.
    AdjustCoins: POST "/operator/member/coins", Operator<AdminOnly> -> Data {
        /// The member.
        mid: Mid,
        /// The amount, negative for a debit. Not 0, at most one decimal, at most 1,000,000.
        #[schemars(with = "Delta")]
        delta: Coins,
        /// The reason, 1 to 100 characters without control characters.
        #[schemars(length(min = 1, max = 100), regex(pattern = r"^[^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]*$"))]
        reason: String,
        /// The id that makes the request idempotent, 1 to 128 characters. A second request with the same id changes
        /// nothing. The service stores ids for `event_retention_days`. The id of a different payment is 30052.
        /// Without an id, a repeated request pays again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<EventId>,
    }
}

/// The JSON schema of an amount.
struct Delta;

inline_schema!(Delta: {
    "type": "number",
    "multipleOf": 0.1,
    "anyOf": [{ "minimum": -1_000_000, "maximum": -0.1 }, { "minimum": 0.1, "maximum": 1_000_000 }],
});

/// The balance after the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The balance of the member.
    pub coins: Coins,
    /// The outcome of this request. `before` if an earlier request with the same id took effect.
    pub counted: EventOutcome,
}
