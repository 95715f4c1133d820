//! `GET /x/member/realname/apply/status`: how one's application stands.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// Asks how one's application for real name verification stands (seed 000, D30).
    ApplyStatus: GET "/x/member/realname/apply/status", Session -> Data {}
}

/// The application; all empty without one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// 1 verified, 3 not.
    pub status: u8,
    /// The reason of a rejection; empty while it waits (D30).
    pub remark: String,
    /// The name, masked (D31).
    pub realname: String,
    /// The card's number, masked.
    pub card: String,
    /// 0 to 6.
    pub card_type: u8,
}
