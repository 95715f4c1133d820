//! A tie: what one member is to another (section 4 of the contract).

use guanxi_types::Tagid;
use serde::{Deserialize, Serialize};

/// A tie from one member to another. None is its absence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// What it is.
    pub kind: RelationKind,
    /// When it came to be, or became mutual, in seconds (D12).
    pub mtime: i64,
    /// Orders relations of one second as they were made (D15). In each list it is unique within its second; mostly 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub seq: u32,
    /// Where it came from (D8).
    pub source: u32,
    /// The groups its owner keeps it in, in the order they were joined. A follow is in one at least, the default group if
    /// in no other; a whisper and a black are in none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupMembership>,
}

/// The largest `seq` that a dump may bring. What is made in its second counts on from there.
pub const SEQ_LIMIT: u32 = 1 << 30;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(seq: &u32) -> bool {
    *seq == 0
}

/// What a tie is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RelationKind {
    /// Followed without anybody seeing it.
    Whisper,
    /// Followed.
    Follow,
    /// Blocked.
    Black,
}

/// A group that a tie is in, and when it joined: `turn` counts the joins of all the owner's ties, so it orders the members
/// of one group as well as the groups of one tie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(Tagid, u32)", into = "(Tagid, u32)")]
pub struct GroupMembership {
    /// The group.
    pub tagid: Tagid,
    /// The turn at which it was joined.
    pub seq: u32,
}

impl From<(Tagid, u32)> for GroupMembership {
    fn from((tagid, turn): (Tagid, u32)) -> GroupMembership {
        GroupMembership { tagid, seq: turn }
    }
}

impl From<GroupMembership> for (Tagid, u32) {
    fn from(joined: GroupMembership) -> (Tagid, u32) {
        (joined.tagid, joined.seq)
    }
}

impl Relation {
    /// Whether it is a follow.
    pub fn is_follow(&self) -> bool {
        self.kind == RelationKind::Follow
    }

    /// See [`tag`].
    pub fn tag(&self) -> Option<Vec<Tagid>> {
        tag(&self.groups)
    }

    /// See [`special`].
    pub fn special(&self) -> u8 {
        special(&self.groups)
    }
}

/// A tie's groups as the wire shows them: null for the default group alone (D19).
pub fn tag(groups: &[GroupMembership]) -> Option<Vec<Tagid>> {
    let tagids = groups.iter().map(|joined| joined.tagid).filter(|tagid| *tagid != Tagid::DEFAULT);
    Some(tagids.collect()).filter(|tagids: &Vec<Tagid>| !tagids.is_empty())
}

/// 1 exactly when 特别关注 is among a tie's groups (D19).
pub fn special(groups: &[GroupMembership]) -> u8 {
    u8::from(groups.iter().any(|joined| joined.tagid == Tagid::SPECIAL))
}

/// The wire's `attribute` of a tie, given the one that comes back: 0 none, 1 whisper, 2 follow, 6 mutual, 128 black.
pub fn attribute(mine: Option<&Relation>, theirs: Option<&Relation>) -> u8 {
    match (mine.map(|tie| tie.kind), theirs.map(|tie| tie.kind)) {
        (None, _) => 0,
        (Some(RelationKind::Whisper), _) => 1,
        (Some(RelationKind::Follow), Some(RelationKind::Follow)) => 6,
        (Some(RelationKind::Follow), _) => 2,
        (Some(RelationKind::Black), _) => 128,
    }
}

/// A tie of somebody else's as others may see it: a whisper is none (D13).
pub fn seen_by_others(tie: Option<&Relation>) -> Option<&Relation> {
    tie.filter(|tie| tie.kind != RelationKind::Whisper)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tie(kind: RelationKind) -> Relation {
        Relation { kind, mtime: 1, seq: 0, source: 11, groups: vec![] }
    }

    #[test]
    fn attributes() {
        use RelationKind::{Black, Follow, Whisper};
        #[rustfmt::skip]
        let cases = [
            // mine,        none, whisper, follow, black
            (None,          [0,   0,       0,      0]),
            (Some(Whisper), [1,   1,       1,      1]),
            (Some(Follow),  [2,   2,       6,      2]),
            (Some(Black),   [128, 128,     128,    128]),
        ];
        for (mine, row) in cases {
            for (theirs, expected) in [None, Some(Whisper), Some(Follow), Some(Black)].into_iter().zip(row) {
                let (mine, theirs) = (mine.map(tie), theirs.map(tie));
                assert_eq!(attribute(mine.as_ref(), theirs.as_ref()), expected, "{mine:?} {theirs:?}");
            }
        }
    }

    #[test]
    fn tags_and_special() {
        // groups joined -> tag, special
        let cases = [
            (&[0][..], None, 0),
            (&[], None, 0),
            (&[-10], Some(vec![-10]), 1),
            (&[56502, -10], Some(vec![56502, -10]), 1),
            (&[207_542], Some(vec![207_542]), 0),
        ];
        for (groups, tag, special) in cases {
            let groups = groups
                .iter()
                .zip(1..)
                .map(|(tagid, turn)| GroupMembership { tagid: Tagid(*tagid), seq: turn })
                .collect();
            let tie = Relation { groups, ..tie(RelationKind::Follow) };
            assert_eq!(tie.tag(), tag.map(|tag| tag.into_iter().map(Tagid).collect()));
            assert_eq!(tie.special(), special);
        }
    }
}
