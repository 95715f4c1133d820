//! `POST /operator/reviews/name`: approves or rejects a name.

use crate::endpoint::endpoint;
use guanxi_types::Mid;

endpoint! {
    /// `POST /operator/reviews/name`: approves or rejects a name. An approved name is set at once, unless another
    /// member has taken it meanwhile: 30002. `GET /passport/name` shows the member the result with the remark.
    /// Errors: -401, -403, -400, 30040, 30041, 30002.
    ReviewName: POST "/operator/reviews/name", Operator<AdminOrModerator> -> () {
        /// The member.
        mid: Mid,
        /// The time of the submission that the moderator has read. A replaced submission is then 30041 instead of
        /// being decided unread. Absent for any pending submission.
        submitted: Option<i64>,
        /// True to approve, false to reject.
        approve: bool,
        /// The reason of a rejection, at most 200 characters. Required to reject, and not allowed to approve.
        #[schemars(length(max = 200))]
        remark: Option<String>,
    }
}
