//! `POST /operator/member/sessions/revoke`: ends all sessions of a member.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `POST /operator/member/sessions/revoke`: ends all sessions of a member, and returns their number. Errors:
    /// -401, -403, -400, -404.
    RevokeMemberSessions: POST "/operator/member/sessions/revoke", Operator<AdminOrModerator> -> Data {
        /// The member.
        mid: Mid,
    }
}

/// The ended sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The number of ended sessions.
    pub ended: usize,
}
