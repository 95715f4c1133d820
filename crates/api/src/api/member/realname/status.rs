//! `GET /x/member/realname/status`: whether one's real name is verified.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// Asks whether one's real name is verified (seed 000).
    RealnameStatus: GET "/x/member/realname/status", Session -> Data {}
}

/// Whether it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// 1 verified, 0 not.
    pub status: u8,
}
