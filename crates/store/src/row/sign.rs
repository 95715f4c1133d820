//! Signs that wait.

use super::{record, row};
use guanxi_wire::Mid;

row! {
    /// A submitted sign that waits for its review (D29).
    SignReview(/** Whose. */ mid: Mid) {
        /// The sign.
        sign: String,
        /// When it was submitted, in seconds.
        submitted: i64,
        /// From when it takes the old one's place; none if a moderator must say so.
        due: Option<i64>,
        /// Why a moderator rejected it, if one did. It waits no more, and stays until there is a newer one.
        rejected: Option<String>,
    }
}
record!(SignReview in Sign by mid: Mid,
    due: |row| row.due.filter(|_| row.rejected.is_none()),
    waits: |row| row.rejected.is_none().then_some(row.submitted)
);
