//! Submitted names and their reviews.

use super::{entity, stored_struct};
use guanxi_types::Mid;

stored_struct! {
    /// The latest submitted name of a member: in review by a moderator, or reviewed.
    NameReview(/** The member. */ mid: Mid) {
        /// The name.
        uname: String,
        /// The time of the submission, in seconds.
        submitted: i64,
        /// The reason of a rejection. A rejected name stays until the next submission.
        rejected: Option<String>,
        /// The end of the review, in seconds. 0 during the review.
        ended: i64,
    }
}
entity!(NameReview in NameReview by mid: Mid,
    review_since: |row| (row.rejected.is_none() && row.ended == 0).then_some(row.submitted)
);
