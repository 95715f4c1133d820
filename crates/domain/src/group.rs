//! Groups of followings (section 5 of the contract).

use crate::text;
use crate::tie::{Joined, Kind, Tie};
use guanxi_types::{Code, Tagid};

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
pub fn name(given: &str) -> Result<&str, Code> {
    let name = given.trim();
    if name.is_empty() { Err(Code::BadRequest) } else { Ok(name) }
}

/// Whether one may make a group of that name (21). `own` are the names of one's own groups.
pub fn create(name: &str, own: &[&str], limit: usize) -> Result<(), Code> {
    if is_taken(name, own) {
        return Err(Code::GroupExists);
    }
    if is_too_long(name) {
        return Err(Code::GroupNameTooLong);
    }
    legible(name)?;
    if own.len() >= limit {
        return Err(Code::GroupsFull);
    }
    Ok(())
}

/// Whether one may give a group that name (22). `others` are the names of one's other groups; `exists` whether the group
/// is one's own.
pub fn rename(name: &str, others: &[&str], exists: bool) -> Result<(), Code> {
    if is_too_long(name) {
        return Err(Code::GroupNameTooLong);
    }
    if !exists {
        return Err(Code::NoGroup);
    }
    legible(name)?;
    if is_taken(name, others) {
        return Err(Code::GroupExists);
    }
    Ok(())
}

/// That a group is one's own to rename or delete (D22, D23).
pub fn own(tagid: Tagid) -> Result<(), Code> {
    if tagid.is_built_in() { Err(Code::BadRequest) } else { Ok(()) }
}

/// Returns 22101 for a name that misleads its reader, or shows nothing.
fn legible(name: &str) -> Result<(), Code> {
    if text::is_visible(name) && !text::has_forbidden(name) { Ok(()) } else { Err(Code::BadGroupName) }
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
pub fn assign(ties: &[Option<&Tie>], groups_exist: bool) -> Result<(), Code> {
    if !ties.iter().all(|tie| tie.is_some_and(|tie| tie.kind == Kind::Follow)) {
        return Err(Code::NotFollowed);
    }
    if groups_exist { Ok(()) } else { Err(Code::NoGroup) }
}

/// A tie's groups once they are exactly `wanted`: those it was in keep their turn, the others join from `turn` on in the
/// order given (D19).
pub fn regroup(was: &[Joined], wanted: &[Tagid], turn: u32) -> Vec<Joined> {
    let kept = was.iter().filter(|joined| wanted.contains(&joined.tagid)).copied();
    let new = wanted.iter().filter(|tagid| was.iter().all(|joined| joined.tagid != **tagid));
    kept.chain(new.copied().zip(turn..).map(Joined::from)).collect()
}

/// A tie's groups without one of them: the default group if that was its last.
pub fn leave(was: &[Joined], tagid: Tagid, turn: u32) -> Vec<Joined> {
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
            ("", Err(Code::BadRequest)),
            (" \u{3000} ", Err(Code::BadRequest)),
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
            ("同学", &["同学"], 2, Some(Code::GroupExists)),
            ("特别关注", &[], 2, Some(Code::GroupExists)),
            ("默认分组", &[], 2, Some(Code::GroupExists)),
            (&long, &[], 2, Some(Code::GroupNameTooLong)),
            ("vUP", &["a", "b"], 2, Some(Code::GroupsFull)),
            // The order they win: 22106, 22103, then ours by number.
            ("a", &["a", "b"], 2, Some(Code::GroupExists)),
            (&long, &["a", "b"], 2, Some(Code::GroupNameTooLong)),
            (&long, &[&long], 2, Some(Code::GroupExists)),
            ("a\u{202e}b", &["a", "b"], 2, Some(Code::BadGroupName)),
            (&dark, &[], 2, Some(Code::GroupNameTooLong)),
            (&dark, &[&dark], 2, Some(Code::GroupExists)),
            ("\u{200b}", &[], 2, Some(Code::BadGroupName)),
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
            ("同学", &["同学"], true, Some(Code::GroupExists)),
            ("默认分组", &[], true, Some(Code::GroupExists)),
            ("膜法师", &[], false, Some(Code::NoGroup)),
            // The order they win: 22103, 22104, then ours by number.
            (&long, &[&long], false, Some(Code::GroupNameTooLong)),
            ("同学", &["同学"], false, Some(Code::NoGroup)),
            ("a\u{7}", &["a\u{7}"], false, Some(Code::NoGroup)),
            ("a\u{7}", &["a\u{7}"], true, Some(Code::BadGroupName)),
        ];
        for (name, others, exists, refusal) in cases {
            assert_eq!(rename(name, others, exists).err(), refusal, "{name} beside {others:?}");
        }
        for (tagid, refusal) in [(-10, Some(Code::BadRequest)), (0, Some(Code::BadRequest)), (1, None)] {
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
        let tie = |kind| Tie { kind, mtime: 1, seq: 0, source: 11, groups: vec![] };
        let (follow, whisper, black) = (tie(Kind::Follow), tie(Kind::Whisper), tie(Kind::Black));
        // ties, whether the groups exist -> refusal
        let cases = [
            (vec![Some(&follow)], true, None),
            (vec![Some(&follow)], false, Some(Code::NoGroup)),
            (vec![Some(&follow), None], true, Some(Code::NotFollowed)),
            (vec![Some(&whisper)], true, Some(Code::NotFollowed)),
            (vec![Some(&black)], true, Some(Code::NotFollowed)),
            (vec![None], false, Some(Code::NotFollowed)),
        ];
        for (ties, exist, refusal) in cases {
            assert_eq!(assign(&ties, exist).err(), refusal, "{ties:?}");
        }
    }

    #[test]
    fn regrouping() {
        let joined = |pairs: &[(i64, u32)]| -> Vec<Joined> {
            pairs.iter().map(|(tagid, turn)| Joined { tagid: Tagid(*tagid), turn: *turn }).collect()
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
