//! `POST /operator/reviews/sign`: what a moderator says to a sign.

use crate::operator::operation;
use guanxi_types::Mid;

operation! {
    /// Approves or rejects a sign. An approved sign is shown at once. Refused with 30040, 30041.
    ReviewSign: POST "/operator/reviews/sign", [Admin, Moderator] -> () {
        /// Whose.
        mid: Mid,
        /// When it was submitted, so that nothing is approved but what was looked at; whichever waits if it is not said.
        submitted: Option<i64>,
        /// Yes or no.
        approve: bool,
        /// Why not, at most 200 characters. A rejection needs it, and an approval must not have it.
        #[schemars(length(max = 200))]
        remark: Option<String>,
    }
}
