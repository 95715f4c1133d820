//! `GET /x/member/realname/status`: true if the caller's real name is verified.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /x/member/realname/status`: returns whether the caller's real name is verified (seed 000). Errors:
    /// -101.
    GetRealnameStatus: GET "/x/member/realname/status", Session -> Data {}
}

/// The verification of a real name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// 1 if the real name is verified, 0 if not.
    pub status: u8,
}
