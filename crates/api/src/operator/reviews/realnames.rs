//! `GET /operator/reviews/realnames`: applications for real name verification that wait.

use crate::operator::operation;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

operation! {
    /// Asks for applications for real name verification that wait, the longest first.
    Realnames: GET "/operator/reviews/realnames", [Admin, Moderator] -> Data {
        /// Since which second on they wait: that of the last entry, to see more.
        since: Option<i64>,
        /// How many, 1 to 1000; 100 if it is not said.
        #[schemars(range(min = 1, max = 1000))]
        limit: Option<u32>,
    }
}

/// What waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// Each.
    pub list: Vec<Entry>,
}

/// One that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "WaitingRealname")]
pub struct Entry {
    /// Whose.
    pub mid: Mid,
    /// Their name.
    pub uname: String,
    /// The name, in the clear: the moderator has to compare it.
    pub name: String,
    /// The card's number, likewise.
    pub card: String,
    /// What kind of card, 0 to 6 as in 6.
    pub card_type: u8,
    /// When it was submitted, in seconds.
    pub submitted: i64,
}
