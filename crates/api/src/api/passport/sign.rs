//! `GET /passport/sign`: one's sign, and how its review stands.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// Asks for one's sign: what is shown, what waits to be, and how the latest review ended.
    Sign: GET "/passport/sign", Session -> Data {}
}

/// One's sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// What everybody sees now; empty for none.
    pub sign: String,
    /// What waits for its review; null for nothing.
    pub waits: Option<Waiting>,
    /// How the review of what was submitted last ended; null while that waits, after clearing, and if there was none.
    pub ended: Option<Ended>,
}

/// A sign that waits for its review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "WaitingSign")]
pub struct Waiting {
    /// The sign.
    pub sign: String,
    /// When it was submitted, in seconds.
    pub submitted: i64,
    /// When the clock approves it, in seconds; null if a moderator decides.
    pub due: Option<i64>,
}

/// A sign whose review ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "EndedSign")]
pub struct Ended {
    /// The sign.
    pub sign: String,
    /// Whether it was approved.
    pub approved: bool,
    /// Why it was rejected; empty if it was not, or nobody said.
    pub remark: String,
    /// When, in seconds.
    pub time: i64,
}
