//! `GET /operator/reviews/signs`: signs that wait.

use crate::operator::operation;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

operation! {
    /// Asks for signs that wait, the longest first.
    Signs: GET "/operator/reviews/signs", [Admin, Moderator] -> Data {
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
#[schemars(rename = "WaitingSign")]
pub struct Entry {
    /// Whose.
    pub mid: Mid,
    /// Their name.
    pub uname: String,
    /// The sign.
    pub sign: String,
    /// The one that is shown meanwhile.
    pub shown: String,
    /// From when the clock shows it; null if a moderator must say so.
    pub due: Option<i64>,
    /// When it was submitted, in seconds.
    pub submitted: i64,
}
