//! `POST /operator/member/coins`: coins that come or go.

use crate::operator::events::{Counted, EventId};
use crate::operator::operation;
use guanxi_types::inline_schema;
use guanxi_types::{Coins, Mid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

operation! {
    /// Adds to a member's coins, or takes from them; 7 tells it. Refused with -404, 30050, 30052, 30054.
    Pay: POST "/operator/member/coins", [Admin] -> Data {
        /// Whose.
        mid: Mid,
        /// How many; fewer if negative. Not 0, one decimal at most, 1,000,000 at most.
        #[schemars(with = "Delta")]
        delta: Coins,
        /// Why, 1 to 100 characters, none of them a control.
        #[schemars(length(min = 1, max = 100), regex(pattern = r"^[^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]*$"))]
        reason: String,
        /// An id that makes the payment count once, however often the request is sent. The service remembers it for
        /// `event_days`. Refused with 30052 if the id was used for another payment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<EventId>,
    }
}

/// The schema of what comes or goes.
struct Delta;

inline_schema!(Delta: {
    "type": "number",
    "multipleOf": 0.1,
    "anyOf": [{ "minimum": -1_000_000, "maximum": -0.1 }, { "minimum": 0.1, "maximum": 1_000_000 }],
});

/// What there is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// Their balance.
    pub coins: Coins,
    /// The outcome of this request: `before` if a payment of this id was counted already, so that this one changed nothing.
    pub counted: Counted,
}
