//! `POST /operator/member/sessions/revoke`: ends all sessions of a member.

use crate::operator::operator_endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

operator_endpoint! {
    /// `POST /operator/member/sessions/revoke`: ends all sessions of a member, and returns their number. Errors:
    /// -401, -403, -400, -404.
    RevokeMemberSessions: POST "/operator/member/sessions/revoke", [Admin, Moderator] -> Data {
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
