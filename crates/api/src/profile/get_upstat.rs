//! `GET /x/space/upstat`: the statistics of a member's works.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /x/space/upstat`: returns the views and likes of a member's works (seed 001). An unknown member is
    /// -404. Errors: -400, -404.
    GetUpstat: GET "/x/space/upstat", Public -> Data {
        /// The member.
        mid: Mid,
    }
}

/// The views and likes of a member's works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The views of the videos.
    pub archive: Views,
    /// The views of the articles.
    pub article: Views,
    /// The number of likes received.
    pub likes: u64,
}

/// A number of views.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Views {
    /// The number of views.
    pub view: u64,
}
