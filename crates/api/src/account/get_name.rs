//! `GET /passport/name`: the caller's name, and its review.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /passport/name`: returns the caller's name, the pending one, and the outcome of the latest review. At most
    /// one of `waits` and `ended` is present. Errors: -101.
    GetName: GET "/passport/name", Session -> Data {}
}

/// The name of a member, and its review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The name.
    pub uname: String,
    /// The time from which the name may be changed, in seconds. 0 if it may be changed now.
    pub changeable: i64,
    /// The name that is pending review. Null if there is none.
    pub waits: Option<PendingName>,
    /// The outcome of the latest review. Null while a review is pending, and without a review.
    pub ended: Option<ReviewedName>,
}

/// A name that is pending review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PendingName {
    /// The name.
    pub uname: String,
    /// The time of the submission, in seconds.
    pub submitted: i64,
}

/// A name with a finished review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReviewedName {
    /// The name.
    pub uname: String,
    /// True if the name was approved.
    pub approved: bool,
    /// The reason of a rejection. Empty if the name was approved.
    pub remark: String,
    /// The time of the decision, in seconds.
    pub time: i64,
}
