//! `POST /operator/reviews/realname`: approves or rejects an application for real-name verification.

use crate::endpoint::endpoint;
use guanxi_types::Mid;

endpoint! {
    /// `POST /operator/reviews/realname`: approves or rejects an application for real-name verification.
    /// `GET /x/member/realname/apply/status` and `GET /passport/news` show the member the result with the remark.
    /// The first verified real name gives 50 exp, once. Errors: -401, -403, -400, 30040, 30041.
    ReviewRealname: POST "/operator/reviews/realname", Operator<AdminOrModerator> -> () {
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
