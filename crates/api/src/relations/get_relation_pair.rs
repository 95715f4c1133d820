//! `GET /x/space/acc/relation`: the relations between the caller and another member, in both directions.

use crate::endpoint::endpoint;
use guanxi_types::{Mid, Tagid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /x/space/acc/relation`: returns the relations between the caller and another member, in both directions
    /// (seed 002, D12, D13, D18, D19). An unknown member is -400 (D39). Errors: -101, -400.
    GetRelationPair: GET "/x/space/acc/relation", Session -> Data {
        /// The other member.
        mid: Mid,
    }
}

/// The relations between the caller and another member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The relation of the caller to the member.
    pub relation: DirectedRelation,
    /// The relation of the member to the caller, with the caller's `mid` and the groups of the member (D18). A
    /// whisper is shown as no relation (D13), and a block as 128.
    pub be_relation: DirectedRelation,
}

/// The relation of one member to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DirectedRelation {
    /// The target of the relation.
    pub mid: Mid,
    /// The kind of relation: 0 none, 1 whisper, 2 follow, 6 mutual follow, 128 block.
    pub attribute: u8,
    /// The time at which the relation began or became mutual, in seconds. 0 without a relation (D12).
    pub mtime: i64,
    /// The groups that contain the target, in the order of joining. Null if there are none (D19).
    pub tag: Option<Vec<Tagid>>,
    /// 1 if `tag` includes -10, else 0.
    pub special: u8,
    /// Always false.
    pub is_followed: bool,
}
