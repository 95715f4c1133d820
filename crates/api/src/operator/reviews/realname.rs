//! `POST /operator/reviews/realname`: what a moderator says to a real name.

use crate::operator::operation;
use guanxi_types::Mid;

operation! {
    /// Approves or rejects a real name. The first one verified brings 50 exp. Refused with 30040, 30041.
    ReviewRealname: POST "/operator/reviews/realname", [Admin, Moderator] -> () {
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
