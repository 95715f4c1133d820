//! Groups of followings (section 5 of the contract).

use crate::text;
use crate::tie::{GroupMembership, Relation, RelationKind};
use guanxi_types::{ErrorCode, Tagid};

/// The name of a group everybody has (D20).
pub const fn built_in_name(tagid: Tagid) -> Option<&'static str> {
    match tagid {
        Tagid::SPECIAL => Some("特别关注"),
        Tagid::DEFAULT => Some("默认分组"),
        _ => None,
    }
}

/// The most characters of a name (D21): Unicode scalar values, so that 16 汉字 fit.
pub const NAME_LENGTH: usize = 16;

/// A name as it is kept: trimmed, and not empty (D21). Its length is [`create`]'s and [`rename`]'s to judge.
pub fn name(given: &str) -> Result<&str, ErrorCode> {
    let name = given.trim();
    if name.is_empty() { Err(ErrorCode::BadRequest) } else { Ok(name) }
}

/// Whether one may make a group of that name (21). `own` are the names of one's own groups.
pub fn create(name: &str, own: &[&str], limit: usize) -> Result<(), ErrorCode> {
    if is_taken(name, own) {
        return Err(ErrorCode::GroupExists);
    }
    if is_too_long(name) {
        return Err(ErrorCode::GroupNameTooLong);
    }
    legible(name)?;
    if own.len() >= limit {
        return Err(ErrorCode::GroupsFull);
    }
    Ok(())
}

/// Whether one may give a group that name (22). `others` are the names of one's other groups; `exists` whether the group
/// is one's own.
pub fn rename(name: &str, others: &[&str], exists: bool) -> Result<(), ErrorCode> {
    if is_too_long(name) {
        return Err(ErrorCode::GroupNameTooLong);
    }
    if !exists {
        return Err(ErrorCode::NoGroup);
    }
    legible(name)?;
    if is_taken(name, others) {
        return Err(ErrorCode::GroupExists);
    }
    Ok(())
}

/// That a group is one's own to rename or delete (D22, D23).
pub fn own(tagid: Tagid) -> Result<(), ErrorCode> {
    if tagid.is_built_in() { Err(ErrorCode::BadRequest) } else { Ok(()) }
}

/// Returns 22101 for a name that misleads its reader, or shows nothing.
fn legible(name: &str) -> Result<(), ErrorCode> {
    if text::is_visible(name) && !text::has_forbidden(name) { Ok(()) } else { Err(ErrorCode::BadGroupName) }
}

fn is_taken(name: &str, own: &[&str]) -> bool {
    own.contains(&name)
        || [Tagid::SPECIAL, Tagid::DEFAULT].into_iter().filter_map(built_in_name).any(|it| it == name)
}

fn is_too_long(name: &str) -> bool {
    name.chars().count() > NAME_LENGTH
}

/// The groups that `tagids` of 24 mean: 0 beside others says nothing, twice is once (D24).
pub fn wanted(tagids: &[Tagid]) -> Vec<Tagid> {
    let mut wanted = Vec::with_capacity(tagids.len());
    for tagid in tagids {
        if *tagid != Tagid::DEFAULT && !wanted.contains(tagid) {
            wanted.push(*tagid);
        }
    }
    if wanted.is_empty() { vec![Tagid::DEFAULT] } else { wanted }
}

/// Whether one may put such ties into groups (24): all are follows, and the groups exist.
pub fn assign(ties: &[Option<&Relation>], groups_exist: bool) -> Result<(), ErrorCode> {
    if !ties.iter().all(|tie| tie.is_some_and(|tie| tie.kind == RelationKind::Follow)) {
        return Err(ErrorCode::NotFollowed);
    }
    if groups_exist { Ok(()) } else { Err(ErrorCode::NoGroup) }
}

/// A tie's groups once they are exactly `wanted`: those it was in keep their turn, the others join from `turn` on in the
/// order given (D19).
pub fn regroup(was: &[GroupMembership], wanted: &[Tagid], turn: u32) -> Vec<GroupMembership> {
    let kept = was.iter().filter(|joined| wanted.contains(&joined.tagid)).copied();
    let new = wanted.iter().filter(|tagid| was.iter().all(|joined| joined.tagid != **tagid));
    kept.chain(new.copied().zip(turn..).map(GroupMembership::from)).collect()
}

/// A tie's groups without one of them: the default group if that was its last.
pub fn leave(was: &[GroupMembership], tagid: Tagid, turn: u32) -> Vec<GroupMembership> {
    let left: Vec<Tagid> = was.iter().map(|joined| joined.tagid).filter(|kept| *kept != tagid).collect();
    regroup(was, &wanted(&left), turn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let cases = [
            ("vUP", Ok("vUP")),
            (" 我的同学\t", Ok("我的同学")),
            ("", Err(ErrorCode::BadRequest)),
            (" \u{3000} ", Err(ErrorCode::BadRequest)),
        ];
        for (given, expected) in cases {
            assert_eq!(name(given), expected, "{given:?}");
        }
    }

    #[test]
    fn creating() {
        let long = "字".repeat(17);
        let fits = "字".repeat(16);
        let dark = "\u{200b}".repeat(17);
        // name, own, limit -> refusal
        let cases = [
            ("vUP", &["同学"][..], 2, None),
            (&fits, &[], 2, None),
            ("同学", &["同学"], 2, Some(ErrorCode::GroupExists)),
            ("特别关注", &[], 2, Some(ErrorCode::GroupExists)),
            ("默认分组", &[], 2, Some(ErrorCode::GroupExists)),
            (&long, &[], 2, Some(ErrorCode::GroupNameTooLong)),
            ("vUP", &["a", "b"], 2, Some(ErrorCode::GroupsFull)),
            // The order they win: 22106, 22103, then ours by number.
            ("a", &["a", "b"], 2, Some(ErrorCode::GroupExists)),
            (&long, &["a", "b"], 2, Some(ErrorCode::GroupNameTooLong)),
            (&long, &[&long], 2, Some(ErrorCode::GroupExists)),
            ("a\u{202e}b", &["a", "b"], 2, Some(ErrorCode::BadGroupName)),
            (&dark, &[], 2, Some(ErrorCode::GroupNameTooLong)),
            (&dark, &[&dark], 2, Some(ErrorCode::GroupExists)),
            ("\u{200b}", &[], 2, Some(ErrorCode::BadGroupName)),
        ];
        for (name, own, limit, refusal) in cases {
            assert_eq!(create(name, own, limit).err(), refusal, "{name} beside {own:?}");
        }
    }

    #[test]
    fn renaming() {
        let long = "字".repeat(17);
        // name, others, exists -> refusal
        let cases = [
            ("膜法师", &["同学"][..], true, None),
            ("同学", &["同学"], true, Some(ErrorCode::GroupExists)),
            ("默认分组", &[], true, Some(ErrorCode::GroupExists)),
            ("膜法师", &[], false, Some(ErrorCode::NoGroup)),
            // The order they win: 22103, 22104, then ours by number.
            (&long, &[&long], false, Some(ErrorCode::GroupNameTooLong)),
            ("同学", &["同学"], false, Some(ErrorCode::NoGroup)),
            ("a\u{7}", &["a\u{7}"], false, Some(ErrorCode::NoGroup)),
            ("a\u{7}", &["a\u{7}"], true, Some(ErrorCode::BadGroupName)),
        ];
        for (name, others, exists, refusal) in cases {
            assert_eq!(rename(name, others, exists).err(), refusal, "{name} beside {others:?}");
        }
        for (tagid, refusal) in
            [(-10, Some(ErrorCode::BadRequest)), (0, Some(ErrorCode::BadRequest)), (1, None)]
        {
            assert_eq!(own(Tagid(tagid)).err(), refusal);
        }
    }

    #[test]
    fn what_tagids_mean() {
        let cases = [
            (&[0][..], &[0][..]),
            (&[0, 0], &[0]),
            (&[5, 0], &[5]),
            (&[-10, 207_542], &[-10, 207_542]),
            (&[207_542, -10, 207_542], &[207_542, -10]),
        ];
        for (given, meant) in cases {
            let given: Vec<Tagid> = given.iter().copied().map(Tagid).collect();
            assert_eq!(wanted(&given), meant.iter().copied().map(Tagid).collect::<Vec<_>>());
        }
    }

    #[test]
    fn assigning() {
        let tie = |kind| Relation { kind, mtime: 1, seq: 0, source: 11, groups: vec![] };
        let (follow, whisper, black) =
            (tie(RelationKind::Follow), tie(RelationKind::Whisper), tie(RelationKind::Black));
        // ties, whether the groups exist -> refusal
        let cases = [
            (vec![Some(&follow)], true, None),
            (vec![Some(&follow)], false, Some(ErrorCode::NoGroup)),
            (vec![Some(&follow), None], true, Some(ErrorCode::NotFollowed)),
            (vec![Some(&whisper)], true, Some(ErrorCode::NotFollowed)),
            (vec![Some(&black)], true, Some(ErrorCode::NotFollowed)),
            (vec![None], false, Some(ErrorCode::NotFollowed)),
        ];
        for (ties, exist, refusal) in cases {
            assert_eq!(assign(&ties, exist).err(), refusal, "{ties:?}");
        }
    }

    #[test]
    fn regrouping() {
        let joined = |pairs: &[(i64, u32)]| -> Vec<GroupMembership> {
            pairs.iter().map(|(tagid, turn)| GroupMembership { tagid: Tagid(*tagid), seq: *turn }).collect()
        };
        // was, wanted -> groups with their turns; the next turn is 9
        let cases = [
            (&[(0, 1)][..], &[-10, 5][..], &[(-10, 9), (5, 10)][..]),
            (&[(5, 1), (-10, 2)], &[-10, 5], &[(5, 1), (-10, 2)]),
            (&[(5, 1)], &[6, 5], &[(5, 1), (6, 9)]),
            (&[(5, 1)], &[0], &[(0, 9)]),
            (&[(0, 1)], &[0], &[(0, 1)]),
        ];
        for (was, wanted, after) in cases {
            let wanted: Vec<Tagid> = wanted.iter().copied().map(Tagid).collect();
            assert_eq!(regroup(&joined(was), &wanted, 9), joined(after));
        }
        // was, group left -> groups
        let cases =
            [(&[(5, 1)][..], 5, &[(0, 9)][..]), (&[(5, 1), (6, 2)], 5, &[(6, 2)]), (&[(6, 2)], 5, &[(6, 2)])];
        for (was, tagid, after) in cases {
            assert_eq!(leave(&joined(was), Tagid(tagid), 9), joined(after));
        }
    }
}
