//! `GET /x/relation/tags`: the caller's groups.

use crate::endpoint::endpoint;
use guanxi_types::Tagid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /x/relation/tags`: returns the caller's groups: 特别关注, 默认分组, then the created ones by tagid (seed 002,
    /// D20). Errors: -101.
    ListGroups: GET "/x/relation/tags", Session -> Vec<Group> {}
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Group {
    /// The tagid: -10 for 特别关注, 0 for 默认分组, else that of a created group.
    pub tagid: Tagid,
    /// The name.
    pub name: String,
    /// The number of members in the group.
    pub count: u64,
}
