//! `POST /operator/member/silence`: whether a member is silenced.

use crate::operator::operation;
use guanxi_types::Mid;

operation! {
    /// Silences a member, or no longer; 9 tells it. Refused with -404.
    Silence: POST "/operator/member/silence", [Admin, Moderator] -> () {
        /// Whom.
        mid: Mid,
        /// Whether.
        silence: bool,
    }
}
