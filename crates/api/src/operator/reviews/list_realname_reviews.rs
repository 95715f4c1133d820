//! `GET /operator/reviews/realnames`: the applications for real-name verification that are pending review.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /operator/reviews/realnames`: returns the applications for real-name verification that are pending
    /// review, oldest first. No other endpoint shows a name or a card number in plain text. Errors: -401, -403,
    /// -400.
    ListRealnameReviews: GET "/operator/reviews/realnames", Operator<AdminOrModerator> -> Data {
        /// The first second of submission to include. For the next page send that of the last entry, which is
        /// repeated.
        since: Option<i64>,
        /// The number of entries, 1 to 1000. 100 if absent.
        #[schemars(range(min = 1, max = 1000))]
        limit: Option<u32>,
    }
}

/// The applications that are pending review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The applications.
    pub list: Vec<Entry>,
}

/// An application that is pending review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RealnameReviewEntry")]
pub struct Entry {
    /// The member.
    pub mid: Mid,
    /// The display name of the member.
    pub uname: String,
    /// The real name in plain text, for the moderator to compare.
    pub name: String,
    /// The number of the card in plain text, for the moderator to compare.
    pub card: String,
    /// The kind of card, 0 to 6 as in `GET /x/member/realname/apply/status`.
    pub card_type: u8,
    /// The time of the submission, in seconds.
    pub submitted: i64,
}
