//! `GET /x/space/upstat`: how a member's works are seen.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// Asks how a member's works are seen (seed 001). -404 for nobody.
    Upstat: GET "/x/space/upstat", Public -> Data {
        /// The member.
        mid: Mid,
    }
}

/// How a member's works are seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// Their videos.
    pub archive: Views,
    /// Their articles.
    pub article: Views,
    /// Likes they were given.
    pub likes: u64,
}

/// How often something was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Views {
    /// So often.
    pub view: u64,
}
