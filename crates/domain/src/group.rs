//! Groups of followings (section 5 of the contract).

use crate::relation::{GroupMembership, Relation};
use crate::text;
use guanxi_types::{ErrorCode, Tagid};

/// Returns the name of a built-in group (D20).
pub const fn built_in_name(tagid: Tagid) -> Option<&'static str> {
    match tagid {
        Tagid::SPECIAL => Some("特别关注"),
        Tagid::DEFAULT => Some("默认分组"),
        _ => None,
    }
}

/// The maximum length of a group name (D21), in Unicode scalar values: 16 汉字 fit.
pub const MAX_NAME_CHARS: usize = 16;

/// Returns a group name without surrounding blanks. Error -400 if it is empty (D21). [`check_create_group`] and
/// [`check_rename_group`] check its length.
pub fn normalize_group_name(name: &str) -> Result<&str, ErrorCode> {
    let name = name.trim();
    if name.is_empty() { Err(ErrorCode::BadRequest) } else { Ok(name) }
}

/// Checks the name of a new group (`POST /x/relation/tag/create`). `own_names` are the names of the member's own
/// groups.
pub fn check_create_group(name: &str, own_names: &[&str], limit: usize) -> Result<(), ErrorCode> {
    if is_taken(name, own_names) {
        return Err(ErrorCode::GroupExists);
    }
    if is_too_long(name) {
        return Err(ErrorCode::GroupNameTooLong);
    }
    check_legible_name(name)?;
    if own_names.len() >= limit {
        return Err(ErrorCode::GroupLimitReached);
    }
    Ok(())
}

/// Checks the new name of a group (`POST /x/relation/tag/update`). `other_names` are the names of the member's
/// other groups. `exists` is true if the group belongs to the member.
pub fn check_rename_group(name: &str, other_names: &[&str], exists: bool) -> Result<(), ErrorCode> {
    if is_too_long(name) {
        return Err(ErrorCode::GroupNameTooLong);
    }
    if !exists {
        return Err(ErrorCode::GroupNotFound);
    }
    check_legible_name(name)?;
    if is_taken(name, other_names) {
        return Err(ErrorCode::GroupExists);
    }
    Ok(())
}

/// Rejects a built-in group: it cannot be renamed or deleted (D22, D23).
pub fn check_own_group(tagid: Tagid) -> Result<(), ErrorCode> {
    if tagid.is_built_in() { Err(ErrorCode::BadRequest) } else { Ok(()) }
}

/// Rejects an invisible or misleading name with 22101.
fn check_legible_name(name: &str) -> Result<(), ErrorCode> {
    let is_legible = text::is_visible(name) && !text::has_forbidden(name);
    if is_legible { Ok(()) } else { Err(ErrorCode::InvalidGroupName) }
}

fn is_taken(name: &str, own_names: &[&str]) -> bool {
    own_names.contains(&name)
        || [Tagid::SPECIAL, Tagid::DEFAULT]
            .into_iter()
            .filter_map(built_in_name)
            .any(|built_in| built_in == name)
}

fn is_too_long(name: &str) -> bool {
    name.chars().count() > MAX_NAME_CHARS
}

/// Returns the distinct groups of the parameter `tagids` of `POST /x/relation/tags/addUsers`. The default group (0)
/// counts only if it is the only one (D24).
pub fn normalize_tagids(tagids: &[Tagid]) -> Vec<Tagid> {
    let mut distinct = Vec::with_capacity(tagids.len());
    for tagid in tagids {
        if *tagid != Tagid::DEFAULT && !distinct.contains(tagid) {
            distinct.push(*tagid);
        }
    }
    if distinct.is_empty() { vec![Tagid::DEFAULT] } else { distinct }
}

/// Checks that relations may be put into groups (`POST /x/relation/tags/addUsers`): all are follows, and the groups
/// exist.
pub fn check_assign_groups(relations: &[Option<&Relation>], groups_exist: bool) -> Result<(), ErrorCode> {
    if !relations.iter().all(|relation| relation.is_some_and(Relation::is_follow)) {
        return Err(ErrorCode::NotFollowing);
    }
    if groups_exist { Ok(()) } else { Err(ErrorCode::GroupNotFound) }
}

/// Returns memberships in exactly the groups `tagids`. Existing memberships keep their `seq`. New ones join in the
/// order of `tagids`, from `seq` up (D19).
pub fn replace_groups(memberships: &[GroupMembership], tagids: &[Tagid], seq: u32) -> Vec<GroupMembership> {
    let remaining = memberships.iter().filter(|membership| tagids.contains(&membership.tagid)).copied();
    let new = tagids.iter().filter(|tagid| memberships.iter().all(|membership| membership.tagid != **tagid));
    remaining.chain(new.copied().zip(seq..).map(GroupMembership::from)).collect()
}

/// The groups that a relation leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftGroups {
    /// These groups.
    These(Vec<Tagid>),
    /// All groups.
    All,
}

/// A change of the groups of a relation: it leaves some and joins some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupChange {
    /// The groups that the relation leaves, except those that it joins.
    pub leaves: LeftGroups,
    /// The groups that the relation joins, in this order.
    pub joins: Vec<Tagid>,
}

impl GroupChange {
    /// Returns the change that only joins groups.
    pub fn joining(joins: Vec<Tagid>) -> GroupChange {
        GroupChange { leaves: LeftGroups::These(Vec::new()), joins }
    }

    /// Returns the change that only leaves groups.
    pub fn leaving(groups: Vec<Tagid>) -> GroupChange {
        GroupChange { leaves: LeftGroups::These(groups), joins: Vec::new() }
    }

    /// Returns the memberships after the change. A relation that leaves its last group joins the default group. New
    /// memberships count from `seq` up.
    pub fn apply(&self, memberships: &[GroupMembership], seq: u32) -> Vec<GroupMembership> {
        let stays = |tagid: &Tagid| match &self.leaves {
            LeftGroups::These(left) => !left.contains(tagid),
            LeftGroups::All => false,
        };
        let remaining = memberships.iter().map(|membership| membership.tagid).filter(stays);
        let wanted: Vec<Tagid> = remaining.chain(self.joins.iter().copied()).collect();
        replace_groups(memberships, &normalize_tagids(&wanted), seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relation::RelationKind;

    #[test]
    fn group_names_are_trimmed() {
        let cases = [
            ("vUP", Ok("vUP")),
            (" 我的同学\t", Ok("我的同学")),
            ("", Err(ErrorCode::BadRequest)),
            (" \u{3000} ", Err(ErrorCode::BadRequest)),
        ];
        for (name, expected) in cases {
            assert_eq!(normalize_group_name(name), expected, "{name:?}");
        }
    }

    #[test]
    fn create_group_rejections() {
        let long = "字".repeat(17);
        let fits = "字".repeat(16);
        let invisible = "\u{200b}".repeat(17);
        // name, own_names, limit -> error
        let cases = [
            ("vUP", &["同学"][..], 2, None),
            (&fits, &[], 2, None),
            ("同学", &["同学"], 2, Some(ErrorCode::GroupExists)),
            ("特别关注", &[], 2, Some(ErrorCode::GroupExists)),
            ("默认分组", &[], 2, Some(ErrorCode::GroupExists)),
            (&long, &[], 2, Some(ErrorCode::GroupNameTooLong)),
            ("vUP", &["a", "b"], 2, Some(ErrorCode::GroupLimitReached)),
            // The precedence of the codes: 22106, 22103, then ours by number.
            ("a", &["a", "b"], 2, Some(ErrorCode::GroupExists)),
            (&long, &["a", "b"], 2, Some(ErrorCode::GroupNameTooLong)),
            (&long, &[&long], 2, Some(ErrorCode::GroupExists)),
            ("a\u{202e}b", &["a", "b"], 2, Some(ErrorCode::InvalidGroupName)),
            (&invisible, &[], 2, Some(ErrorCode::GroupNameTooLong)),
            (&invisible, &[&invisible], 2, Some(ErrorCode::GroupExists)),
            ("\u{200b}", &[], 2, Some(ErrorCode::InvalidGroupName)),
        ];
        for (name, own_names, limit, error) in cases {
            assert_eq!(
                check_create_group(name, own_names, limit).err(),
                error,
                "{name} beside {own_names:?}"
            );
        }
    }

    #[test]
    fn rename_group_rejections() {
        let long = "字".repeat(17);
        // name, other_names, exists -> error
        let cases = [
            ("膜法师", &["同学"][..], true, None),
            ("同学", &["同学"], true, Some(ErrorCode::GroupExists)),
            ("默认分组", &[], true, Some(ErrorCode::GroupExists)),
            ("膜法师", &[], false, Some(ErrorCode::GroupNotFound)),
            // The precedence of the codes: 22103, 22104, then ours by number.
            (&long, &[&long], false, Some(ErrorCode::GroupNameTooLong)),
            ("同学", &["同学"], false, Some(ErrorCode::GroupNotFound)),
            ("a\u{7}", &["a\u{7}"], false, Some(ErrorCode::GroupNotFound)),
            ("a\u{7}", &["a\u{7}"], true, Some(ErrorCode::InvalidGroupName)),
        ];
        for (name, other_names, exists, error) in cases {
            let result = check_rename_group(name, other_names, exists);
            assert_eq!(result.err(), error, "{name} beside {other_names:?}");
        }
        for (tagid, error) in
            [(-10, Some(ErrorCode::BadRequest)), (0, Some(ErrorCode::BadRequest)), (1, None)]
        {
            assert_eq!(check_own_group(Tagid(tagid)).err(), error);
        }
    }

    #[test]
    fn tagids_are_deduplicated() {
        let cases = [
            (&[0][..], &[0][..]),
            (&[0, 0], &[0]),
            (&[5, 0], &[5]),
            (&[-10, 207_542], &[-10, 207_542]),
            (&[207_542, -10, 207_542], &[207_542, -10]),
        ];
        for (tagids, expected) in cases {
            let tagids: Vec<Tagid> = tagids.iter().copied().map(Tagid).collect();
            assert_eq!(normalize_tagids(&tagids), expected.iter().copied().map(Tagid).collect::<Vec<_>>());
        }
    }

    #[test]
    fn assign_groups_rejections() {
        let relation = |kind| Relation { kind, mtime: 1, seq: 0, source: 11, groups: vec![] };
        let (follow, whisper, block) =
            (relation(RelationKind::Follow), relation(RelationKind::Whisper), relation(RelationKind::Block));
        // relations, groups_exist -> error
        let cases = [
            (vec![Some(&follow)], true, None),
            (vec![Some(&follow)], false, Some(ErrorCode::GroupNotFound)),
            (vec![Some(&follow), None], true, Some(ErrorCode::NotFollowing)),
            (vec![Some(&whisper)], true, Some(ErrorCode::NotFollowing)),
            (vec![Some(&block)], true, Some(ErrorCode::NotFollowing)),
            (vec![None], false, Some(ErrorCode::NotFollowing)),
        ];
        for (relations, groups_exist, error) in cases {
            assert_eq!(check_assign_groups(&relations, groups_exist).err(), error, "{relations:?}");
        }
    }

    #[test]
    fn memberships_after_replace() {
        let from_pairs = |pairs: &[(i64, u32)]| -> Vec<GroupMembership> {
            pairs.iter().map(|(tagid, seq)| GroupMembership { tagid: Tagid(*tagid), seq: *seq }).collect()
        };
        // memberships, tagids -> memberships. The next seq is 9.
        let cases = [
            (&[(0, 1)][..], &[-10, 5][..], &[(-10, 9), (5, 10)][..]),
            (&[(5, 1), (-10, 2)], &[-10, 5], &[(5, 1), (-10, 2)]),
            (&[(5, 1)], &[6, 5], &[(5, 1), (6, 9)]),
            (&[(5, 1)], &[0], &[(0, 9)]),
            (&[(0, 1)], &[0], &[(0, 1)]),
        ];
        for (memberships, tagids, after) in cases {
            let tagids: Vec<Tagid> = tagids.iter().copied().map(Tagid).collect();
            assert_eq!(replace_groups(&from_pairs(memberships), &tagids, 9), from_pairs(after));
        }
    }

    /// Groups with the `seq` of each membership.
    type Pairs = &'static [(i64, u32)];

    type Tagids = &'static [i64];

    #[test]
    fn memberships_after_a_change() {
        let from_pairs = |pairs: &[(i64, u32)]| -> Vec<GroupMembership> {
            pairs.iter().map(|(tagid, seq)| GroupMembership { tagid: Tagid(*tagid), seq: *seq }).collect()
        };
        let tagids = |numbers: &[i64]| -> Vec<Tagid> { numbers.iter().copied().map(Tagid).collect() };
        let all: Option<Tagids> = None;
        #[rustfmt::skip]
        let cases: [(Pairs, Option<Tagids>, Tagids, Pairs); 12] = [
            // memberships, left groups, joined groups -> memberships. The next seq is 9.
            (&[(5, 1)],         Some(&[5]),    &[],       &[(0, 9)]),
            (&[(5, 1), (6, 2)], Some(&[5]),    &[],       &[(6, 2)]),
            (&[(6, 2)],         Some(&[5]),    &[],       &[(6, 2)]),
            (&[(5, 1), (6, 2)], Some(&[6, 5]), &[],       &[(0, 9)]),
            (&[(0, 1)],         Some(&[]),     &[5, -10], &[(5, 9), (-10, 10)]),
            (&[(5, 1)],         Some(&[]),     &[6, 5],   &[(5, 1), (6, 9)]),
            (&[(5, 1)],         Some(&[]),     &[0],      &[(5, 1)]),
            (&[(5, 1), (6, 2)], Some(&[5]),    &[7],      &[(6, 2), (7, 9)]),
            (&[(5, 1)],         Some(&[5]),    &[5],      &[(5, 1)]),
            (&[(0, 1)],         Some(&[0]),    &[],       &[(0, 1)]),
            (&[(5, 1), (6, 2)], all,           &[6, 7],   &[(6, 2), (7, 9)]),
            (&[(5, 1)],         all,           &[0],      &[(0, 9)]),
        ];
        for (before, left, joined, after) in cases {
            let leaves = left.map_or(LeftGroups::All, |left| LeftGroups::These(tagids(left)));
            let change = GroupChange { leaves, joins: tagids(joined) };
            assert_eq!(change.apply(&from_pairs(before), 9), from_pairs(after), "{before:?} {change:?}");
        }
    }
}
