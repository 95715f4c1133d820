//! `GET /passport/sign`: the caller's bio, and its review.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /passport/sign`: returns the caller's published bio, the pending one, and the outcome of the latest
    /// review. At most one of `waits` and `ended` is present, and neither after the bio was cleared. Errors: -101.
    GetBio: GET "/passport/sign", Session -> Data {}
}

/// The bio of a member, and its review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The published bio. Empty if there is none.
    pub sign: String,
    /// The bio that is pending review. Null if there is none.
    pub waits: Option<PendingBio>,
    /// The outcome of the latest review. Null while a review is pending, after the bio was cleared, and without a
    /// review.
    pub ended: Option<ReviewedBio>,
}

/// A bio that is pending review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PendingBio {
    /// The bio.
    pub sign: String,
    /// The time of the submission, in seconds.
    pub submitted: i64,
    /// The time of the automatic approval, in seconds. Null if a moderator decides.
    pub due: Option<i64>,
}

/// A bio with a finished review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReviewedBio {
    /// The bio.
    pub sign: String,
    /// True if the bio was approved.
    pub approved: bool,
    /// The reason of a rejection. Empty if the bio was approved, or no reason was given.
    pub remark: String,
    /// The time of the decision, in seconds. 0 if it is unknown.
    pub time: i64,
}
