//! `GET /operator/reviews/signs`: the bios that are pending review.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /operator/reviews/signs`: returns the bios that are pending review, oldest first. Errors: -401, -403,
    /// -400.
    ListBioReviews: GET "/operator/reviews/signs", Operator<AdminOrModerator> -> Data {
        /// The first second of submission to include. For the next page send that of the last entry, which is
        /// repeated.
        since: Option<i64>,
        /// The number of entries, 1 to 1000. 100 if absent.
        #[schemars(range(min = 1, max = 1000))]
        limit: Option<u32>,
    }
}

/// The bios that are pending review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The reviews.
    pub list: Vec<Entry>,
}

/// A bio that is pending review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "BioReviewEntry")]
pub struct Entry {
    /// The member.
    pub mid: Mid,
    /// The display name of the member.
    pub uname: String,
    /// The submitted bio.
    pub sign: String,
    /// The published bio.
    pub shown: String,
    /// The time of the automatic approval, in seconds. Null if a moderator must decide.
    pub due: Option<i64>,
    /// The time of the submission, in seconds.
    pub submitted: i64,
}
