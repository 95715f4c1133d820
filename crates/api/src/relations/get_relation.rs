//! `GET /x/relation`: the caller's relation to another member.

use crate::endpoint::endpoint;
use guanxi_types::{Mid, Tagid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /x/relation`: returns the caller's relation to another member (seed 002, D12, D19). An unknown member
    /// is -400 (D39). Errors: -101, -400.
    GetRelation: GET "/x/relation", Session -> Data {
        /// The other member.
        fid: Mid,
    }
}

/// The relation of the caller to another member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The other member.
    pub mid: Mid,
    /// The kind of relation: 0 none, 1 whisper, 2 follow, 6 mutual follow, 128 block.
    pub attribute: u8,
    /// The time at which the relation began or became mutual, in seconds. 0 without a relation (D12).
    pub mtime: i64,
    /// The caller's groups that contain the member, in the order of joining. Null if there are none (D19).
    pub tag: Option<Vec<Tagid>>,
    /// 1 if `tag` includes -10, else 0.
    pub special: u8,
}
