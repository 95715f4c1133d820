//! `GET /x/relation/tags`: one's groups. Putting members into them is below.

use crate::endpoint::endpoint;
use guanxi_types::Tagid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub mod add_users;

endpoint! {
    /// Asks for one's groups: 特别关注, 默认分组, then one's own by tagid (seed 002, D20).
    Tags: GET "/x/relation/tags", Session -> Vec<Group> {}
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Group {
    /// Which.
    pub tagid: Tagid,
    /// Its name.
    pub name: String,
    /// How many are in it.
    pub count: u64,
}
