//! `GET /operator/reviews/names`: the names that are pending review.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /operator/reviews/names`: returns the names that are pending review, oldest first. Errors: -401, -403,
    /// -400.
    ListNameReviews: GET "/operator/reviews/names", Operator<AdminOrModerator> -> Data {
        /// The first second of submission to include. For the next page send that of the last entry, which is
        /// repeated.
        since: Option<i64>,
        /// The number of entries, 1 to 1000. 100 if absent.
        #[schemars(range(min = 1, max = 1000))]
        limit: Option<u32>,
    }
}

/// The names that are pending review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "NameReviews")]
pub struct Data {
    /// The reviews.
    pub list: Vec<Entry>,
}

/// A name that is pending review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "NameReviewEntry")]
pub struct Entry {
    /// The member.
    pub mid: Mid,
    /// The submitted name.
    pub uname: String,
    /// The current name.
    pub shown: String,
    /// The time of the submission, in seconds.
    pub submitted: i64,
}
