//! Signs that are reviewed.

use super::{record, row};
use guanxi_types::Mid;

row! {
    /// The sign that a member submitted last (D29): it waits for its review, or that has ended.
    SignReview(/** Whose. */ mid: Mid) {
        /// The sign.
        sign: String,
        /// When it was submitted, in seconds.
        submitted: i64,
        /// From when it takes the old one's place; none if a moderator must say so, or its review has ended.
        due: Option<i64>,
        /// Why a moderator rejected it, if one did. It waits no more, and stays until there is a newer one.
        rejected: Option<String>,
        /// When its review ended, in seconds; 0 while it waits, and for one that was rejected before this was kept.
        ended: i64,
    }
}
record!(SignReview in Sign by mid: Mid,
    due: |row| row.due.filter(|_| row.is_waiting()),
    waits: |row| row.is_waiting().then_some(row.submitted)
);

impl SignReview {
    fn is_waiting(&self) -> bool {
        self.rejected.is_none() && self.ended == 0
    }
}
