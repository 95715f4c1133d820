//! `GET /x/relation/stat`: a member's four counts.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// Asks for a member's four counts (seed 001). -404 for nobody.
    RelationStat: GET "/x/relation/stat", Public -> Data {
        /// The member.
        vmid: Mid,
    }
}

/// A member's four counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The member.
    pub mid: Mid,
    /// How many they follow.
    pub following: u64,
    /// How many they whisper; 0 to others (D14).
    pub whisper: u64,
    /// How many they block; 0 to others.
    pub black: u64,
    /// How many follow them.
    pub follower: u64,
}
