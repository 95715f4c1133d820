//! A member whole: all that is kept of them, for an engine that makes a store in the order of its keys.

use crate::Row;
use crate::row::{Session, TieRow};
use guanxi_types::Mid;

/// All that is kept of a member. What it says of others must agree with what those say of them.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberBundle {
    /// Who.
    pub mid: Mid,
    /// Their card, and what else is found by them and awaits no moderator: profile, growth, groups, by tagid.
    pub rows: Vec<Row>,
    /// Their own ties.
    pub ties: Vec<TieRow>,
    /// Who follows them, with the `mtime` and the `seq` of their tie.
    pub fans: Vec<(Mid, i64, u32)>,
    /// Who whispers or blocks them.
    pub hidden: Vec<Mid>,
    /// Their sessions.
    pub sessions: Vec<Session>,
}
