//! `POST /operator/member/sessions/revoke`: the end of a member's sessions.

use crate::operator::operation;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

operation! {
    /// Ends all of a member's sessions. Refused with -404.
    EndSessions: POST "/operator/member/sessions/revoke", [Admin, Moderator] -> Data {
        /// Whose.
        mid: Mid,
    }
}

/// What was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// How many.
    pub ended: usize,
}
