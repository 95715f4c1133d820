//! Submitted bios and their reviews.

use super::{entity, stored_struct};
use guanxi_types::Mid;

stored_struct! {
    /// The latest submitted bio of a member (D29): in review, or reviewed.
    BioReview(/** The member. */ mid: Mid) {
        /// The bio.
        sign: String,
        /// The time of the submission, in seconds.
        submitted: i64,
        /// The second from which the bio takes effect. `None` if a moderator decides, or after the review.
        due: Option<i64>,
        /// The reason of a rejection by a moderator. A rejected bio stays until the next submission.
        rejected: Option<String>,
        /// The end of the review, in seconds. 0 during the review, or if unknown.
        ended: i64,
    }
}
entity!(BioReview in BioReview by mid: Mid,
    run_at: |row| row.due.filter(|_| row.is_in_review()),
    review_since: |row| row.is_in_review().then_some(row.submitted)
);

impl BioReview {
    fn is_in_review(&self) -> bool {
        self.rejected.is_none() && self.ended == 0
    }
}
