//! The relation from one member to another (D11 to D14).

use guanxi_types::Tagid;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The relation from one member to another. `Option::None` stands for no relation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// The kind.
    pub kind: RelationKind,
    /// The time of its creation, or of becoming mutual, in seconds (D12).
    pub mtime: i64,
    /// The creation order among the relations of one second (D15). In each list, unique within the second. Mostly
    /// 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub seq: u32,
    /// The page or feature that it was made from (D8).
    pub source: u32,
    /// The groups of the relation, in the order in which it joined them. A follow is in at least one group, by
    /// default in the default group. A whisper or a block is in none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupMembership>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(seq: &u32) -> bool {
    *seq == 0
}

/// The kind of a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RelationKind {
    /// A private follow: only its owner sees it.
    Whisper,
    /// A public follow.
    Follow,
    /// A block.
    Block,
}

/// The two relations between a member and another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RelationPair {
    /// The relation from the member to the other.
    pub outgoing: Option<Relation>,
    /// The relation from the other to the member.
    pub incoming: Option<Relation>,
}

/// A group that a relation is in. `seq` counts the joins of all relations of an owner. It orders the members of one
/// group and the groups of one relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(Tagid, u32)", into = "(Tagid, u32)")]
pub struct GroupMembership {
    /// The group.
    pub tagid: Tagid,
    /// The join sequence number.
    pub seq: u32,
}

impl From<(Tagid, u32)> for GroupMembership {
    fn from((tagid, seq): (Tagid, u32)) -> GroupMembership {
        GroupMembership { tagid, seq }
    }
}

impl From<GroupMembership> for (Tagid, u32) {
    fn from(membership: GroupMembership) -> (Tagid, u32) {
        (membership.tagid, membership.seq)
    }
}

impl Relation {
    /// Returns true for a follow or a whisper.
    pub fn is_following(&self) -> bool {
        self.kind != RelationKind::Block
    }

    /// Returns true for a public follow.
    pub fn is_follow(&self) -> bool {
        self.kind == RelationKind::Follow
    }

    /// Returns true for a block.
    pub fn is_block(&self) -> bool {
        self.kind == RelationKind::Block
    }

    /// The same as [`encode_tag`] of its groups.
    pub fn tag(&self) -> Option<Vec<Tagid>> {
        encode_tag(&self.groups)
    }

    /// The same as [`encode_special`] of its groups.
    pub fn special(&self) -> u8 {
        encode_special(&self.groups)
    }
}

/// Returns the groups of a relation. `None` has none.
pub fn memberships(relation: Option<&Relation>) -> &[GroupMembership] {
    relation.map_or(&[], |relation| relation.groups.as_slice())
}

/// Checks the groups of an imported relation. The error is the violated rule.
pub fn check_memberships(relation: &Relation) -> Result<(), &'static str> {
    let Relation { groups, .. } = relation;
    if groups.is_empty() == relation.is_follow() {
        return Err(
            "a follow needs at least one group, the default group [0, seq]; a whisper and a block have none",
        );
    }
    let tagids: HashSet<Tagid> = groups.iter().map(|membership| membership.tagid).collect();
    if tagids.contains(&Tagid::DEFAULT) && groups.len() > 1 {
        return Err("a member of another group must not be in the default group 0");
    }
    let is_ascending = groups.is_sorted_by(|left, right| left.seq < right.seq);
    if is_ascending && tagids.len() == groups.len() {
        Ok(())
    } else {
        Err("groups must be in ascending order of seq, each only once")
    }
}

/// Returns true if two opposite relations may exist together. A blocked or blocking member can neither follow nor
/// whisper.
pub fn can_coexist(relation: &Relation, reverse: &Relation) -> bool {
    relation.is_block() == reverse.is_block()
}

/// Returns the field `tag` of the API: `None` if the relation is only in the default group (D19).
pub fn encode_tag(groups: &[GroupMembership]) -> Option<Vec<Tagid>> {
    let tagids = groups.iter().map(|membership| membership.tagid).filter(|tagid| *tagid != Tagid::DEFAULT);
    Some(tagids.collect()).filter(|tagids: &Vec<Tagid>| !tagids.is_empty())
}

/// Returns the field `special` of the API: 1 if 特别关注 is among the groups, else 0 (D19).
pub fn encode_special(groups: &[GroupMembership]) -> u8 {
    u8::from(groups.iter().any(|membership| membership.tagid == Tagid::SPECIAL))
}

/// Values of the field `attribute` of the API.
pub mod attribute {
    /// No relation.
    pub const NONE: u8 = 0;
    /// A whisper.
    pub const WHISPER: u8 = 1;
    /// A follow that is not answered.
    pub const FOLLOW: u8 = 2;
    /// A follow in both directions.
    pub const MUTUAL: u8 = 6;
    /// A block.
    pub const BLOCK: u8 = 128;

    /// Returns true for a follow, answered or not.
    pub fn is_follow(attribute: u8) -> bool {
        matches!(attribute, FOLLOW | MUTUAL)
    }
}

/// Returns the field `attribute` of the API.
pub fn encode_attribute(outgoing: Option<&Relation>, incoming: Option<&Relation>) -> u8 {
    match (outgoing.map(|relation| relation.kind), incoming.map(|relation| relation.kind)) {
        (None, _) => attribute::NONE,
        (Some(RelationKind::Whisper), _) => attribute::WHISPER,
        (Some(RelationKind::Follow), Some(RelationKind::Follow)) => attribute::MUTUAL,
        (Some(RelationKind::Follow), _) => attribute::FOLLOW,
        (Some(RelationKind::Block), _) => attribute::BLOCK,
    }
}

/// Returns the relation that other members may see: `None` for a whisper (D13).
pub fn visible_to_others(relation: Option<&Relation>) -> Option<&Relation> {
    relation.filter(|relation| relation.kind != RelationKind::Whisper)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relation(kind: RelationKind) -> Relation {
        Relation { kind, mtime: 1, seq: 0, source: 11, groups: vec![] }
    }

    #[test]
    fn attribute_of_every_pair() {
        use RelationKind::{Block, Follow, Whisper};
        #[rustfmt::skip]
        let cases = [
            // outgoing,    none, whisper, follow, block
            (None,          [0,   0,       0,      0]),
            (Some(Whisper), [1,   1,       1,      1]),
            (Some(Follow),  [2,   2,       6,      2]),
            (Some(Block),   [128, 128,     128,    128]),
        ];
        for (outgoing, row) in cases {
            for (incoming, expected) in [None, Some(Whisper), Some(Follow), Some(Block)].into_iter().zip(row)
            {
                let (outgoing, incoming) = (outgoing.map(relation), incoming.map(relation));
                assert_eq!(
                    encode_attribute(outgoing.as_ref(), incoming.as_ref()),
                    expected,
                    "{outgoing:?} {incoming:?}"
                );
            }
        }
    }

    #[test]
    fn tag_and_special_of_groups() {
        // groups -> tag, special
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
                .map(|(tagid, seq)| GroupMembership { tagid: Tagid(*tagid), seq })
                .collect();
            let relation = Relation { groups, ..relation(RelationKind::Follow) };
            assert_eq!(relation.tag(), tag.map(|tag| tag.into_iter().map(Tagid).collect()));
            assert_eq!(relation.special(), special);
        }
    }

    #[test]
    fn memberships_of_imported_relations() {
        use RelationKind::{Block, Follow, Whisper};
        // kind, (tagid, seq) of each group -> the beginning of the error
        let cases = [
            (Follow, &[(0, 0)][..], None),
            (Follow, &[(7, 1), (-10, 2)], None),
            (Whisper, &[], None),
            (Block, &[], None),
            (Follow, &[], Some("a follow needs")),
            (Whisper, &[(0, 1)], Some("a follow needs")),
            (Block, &[(7, 1)], Some("a follow needs")),
            (Follow, &[(0, 1), (7, 2)], Some("a member of another group")),
            (Follow, &[(7, 2), (8, 1)], Some("groups must be")),
            (Follow, &[(7, 1), (8, 1)], Some("groups must be")),
            (Follow, &[(7, 1), (7, 2)], Some("groups must be")),
        ];
        for (kind, groups, expected) in cases {
            let groups = groups
                .iter()
                .map(|(tagid, seq)| GroupMembership { tagid: Tagid(*tagid), seq: *seq })
                .collect();
            let relation = Relation { groups, ..relation(kind) };
            let error = check_memberships(&relation).err();
            assert_eq!(error.is_some(), expected.is_some(), "{relation:?}: {error:?}");
            assert!(error.unwrap_or_default().starts_with(expected.unwrap_or_default()), "{error:?}");
        }
    }

    #[test]
    fn block_coexists_only_with_block() {
        use RelationKind::{Block, Follow, Whisper};
        for (one, other, expected) in [
            (Block, Block, true),
            (Block, Follow, false),
            (Whisper, Block, false),
            (Follow, Whisper, true),
            (Follow, Follow, true),
        ] {
            assert_eq!(can_coexist(&relation(one), &relation(other)), expected, "{one:?} {other:?}");
        }
    }
}
