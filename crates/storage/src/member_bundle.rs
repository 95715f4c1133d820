//! All data of one member, for a bulk load in the order of the engine's keys.

use crate::Row;
use crate::model::{RelationRow, Session};
use guanxi_types::Mid;

/// All data of one member. Its relations must be consistent with the bundles of the other members.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberBundle {
    /// The member.
    pub mid: Mid,
    /// The card and other rows keyed by the member, none of them pending review. Groups are in the order of
    /// their tagids.
    pub rows: Vec<Row>,
    /// The relations to other members.
    pub relations: Vec<RelationRow>,
    /// The followers, with the `mtime` and the `seq` of their relations.
    pub followers: Vec<(Mid, i64, u32)>,
    /// The members that whisper or block this member.
    pub private_relations: Vec<Mid>,
    /// The sessions.
    pub sessions: Vec<Session>,
}
