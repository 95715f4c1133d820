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
    }
}
record!(SignReview in Sign by mid: Mid);
