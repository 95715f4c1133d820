//! `GET /x/relation/stat`: the relation counters of a member.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /x/relation/stat`: returns the four relation counters of a member (seed 001, D13, D14). An unknown
    /// member is -404. Errors: -400, -404.
    GetRelationCounters: GET "/x/relation/stat", Public -> Data {
        /// The member.
        vmid: Mid,
    }
}

/// The relation counters of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The member.
    pub mid: Mid,
    /// The number of members followed.
    pub following: u64,
    /// The number of members whispered. 0 for other callers than the member (D14).
    pub whisper: u64,
    /// The number of members blocked. 0 for other callers than the member (D14).
    pub black: u64,
    /// The number of followers. Whispers are not counted (D13).
    pub follower: u64,
}
