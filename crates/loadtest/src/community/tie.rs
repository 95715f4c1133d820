//! What an edge is. All of it follows from hashes of its two ends, so that it need not be kept, and looks the same from both.

use super::degree;
use super::edges::Edges;
use crate::shape::{Shape, mix};
use guanxi_domain::tie::{GroupMembership, Relation, RelationKind};
use guanxi_storage::row::{Group, TieRow};
use guanxi_types::{Mid, Tagid};

/// How many in a thousand ties that do not come back are blacks, and whispers. With those that do, these are 1% and 2% of all.
const BLACK: u64 = 13;
const WHISPER: u64 = 26;

/// The last second of all ties, and how long they go back: three years before 2026.
const LAST: i64 = 1_767_196_800;
const YEARS: u64 = 3 * 365 * 86_400;

/// How many in a hundred members have groups, and how many groups at most.
const GROUPERS: u64 = 20;
const MOST_GROUPS: u32 = 5;

/// How many in a hundred of their follows are in one of them, and in two; of all follows in 特别关注.
const GROUPED: u64 = 30;
const TWICE: u64 = 5;
const SPECIAL: u64 = 1;

/// The same of members who follow as many as one may, all in one group.
const GROUPED_OF_FULL: u64 = 40;

const NAMES: [&str; MOST_GROUPS as usize] = ["同学", "老家", "常看", "音乐", "先放着"];

/// A number that is a pair's own, for one of several purposes.
fn hash(shape: &Shape, from: u32, to: u32, purpose: u64) -> u64 {
    mix(mix(shape.seed ^ purpose) ^ (u64::from(from) << 32 | u64::from(to)))
}

fn kind(shape: &Shape, from: u32, to: u32, comes_back: bool) -> RelationKind {
    if comes_back || degree::is_full(shape, from) {
        return RelationKind::Follow;
    }
    match hash(shape, from, to, 1) % 1_000 {
        part if part < BLACK => RelationKind::Black,
        part if part < BLACK + WHISPER => RelationKind::Whisper,
        _ => RelationKind::Follow,
    }
}

/// Both ties of a pair became mutual at once.
fn mtime(shape: &Shape, from: u32, to: u32, comes_back: bool) -> i64 {
    let (from, to) = if comes_back { (from.min(to), from.max(to)) } else { (from, to) };
    LAST - (hash(shape, from, to, 2) % YEARS).cast_signed()
}

/// Two ascending lists side by side: each entry of the first, and whether it is in the second.
fn beside<'a>(list: &'a [u32], other: &'a [u32]) -> impl Iterator<Item = (u32, bool)> + 'a {
    let mut other = other.iter().copied().peekable();
    list.iter().map(move |entry| {
        while other.next_if(|at| at < entry).is_some() {}
        (*entry, other.peek() == Some(entry))
    })
}

/// How many groups a member has.
fn group_count(shape: &Shape, index: u32) -> u32 {
    let chance = hash(shape, index, 0, 3);
    if degree::is_full(shape, index) {
        return 1;
    }
    if chance % 100 < GROUPERS { 1 + u32::try_from(chance >> 32).unwrap_or(0) % MOST_GROUPS } else { 0 }
}

/// The first group of a member, if they have one. No two members' are the same.
pub(super) fn first_group(index: u32) -> Tagid {
    Tagid(1 + i64::from(index) * i64::from(MOST_GROUPS))
}

/// A member's groups.
pub(super) fn groups(shape: &Shape, index: u32) -> impl Iterator<Item = Group> {
    let (mid, Tagid(first)) = (shape.mid(index), first_group(index));
    let names = NAMES.into_iter().take(group_count(shape, index) as usize);
    (first..).zip(names).map(move |(tagid, name)| Group { mid, tagid: Tagid(tagid), name: name.to_owned() })
}

/// In which groups a follow is.
fn tagids(shape: &Shape, from: u32, to: u32, count: u32) -> ([Tagid; 3], usize) {
    let mut tagids = ([Tagid::DEFAULT; 3], 0);
    let mut join = |tagid| {
        tagids.0[tagids.1] = tagid;
        tagids.1 += 1;
    };
    let chance = hash(shape, from, to, 4);
    let Tagid(first) = first_group(from);
    let grouped = if degree::is_full(shape, from) { GROUPED_OF_FULL } else { GROUPED };
    if count > 0 && chance % 100 < grouped {
        let (count, which) = (u64::from(count), chance >> 32);
        join(Tagid(first + (which % count).cast_signed()));
        if chance % 100 < TWICE && count > 1 {
            join(Tagid(first + ((which + 1) % count).cast_signed()));
        }
    }
    if (chance >> 16) % 100 < SPECIAL {
        join(Tagid::SPECIAL);
    }
    (tagids.0, tagids.1.max(1))
}

/// A member's own ties, ascending by whom they go to. Groups were joined in the order in which ties came to be.
pub(super) fn all(shape: &Shape, edges: &Edges, index: u32) -> Vec<TieRow> {
    let (from, count) = (shape.mid(index), group_count(shape, index));
    let mut ties: Vec<(i64, u32, RelationKind)> = beside(edges.from(index), edges.to(index))
        .map(|(to, back)| (mtime(shape, index, to, back), to, kind(shape, index, to, back)))
        .collect();
    ties.sort_unstable_by_key(|(mtime, to, _)| (*mtime, *to));
    let mut turns = 0..;
    let row = |(mtime, to, kind): (i64, u32, RelationKind)| {
        let groups = if kind == RelationKind::Follow {
            let (tagids, many) = tagids(shape, index, to, count);
            tagids[..many]
                .iter()
                .zip(turns.by_ref())
                .map(|(tagid, turn)| GroupMembership { tagid: *tagid, seq: turn })
                .collect()
        } else {
            Vec::new()
        };
        TieRow { from, to: shape.mid(to), tie: Relation { kind, mtime, seq: 0, source: 11, groups } }
    };
    let mut rows: Vec<TieRow> = ties.into_iter().map(row).collect();
    rows.sort_unstable_by_key(|row| row.to);
    rows
}

/// Who follows a member, and since when; and who whispers or blocks them. Both ascend. Ties of one second were made in the
/// order of their ends, so each has the `seq` 0.
pub(super) fn coming(shape: &Shape, edges: &Edges, index: u32) -> (Vec<(Mid, i64, u32)>, Vec<Mid>) {
    let (mut fans, mut hidden) = (Vec::new(), Vec::new());
    for (from, back) in beside(edges.to(index), edges.from(index)) {
        let mid = shape.mid(from);
        match kind(shape, from, index, back) {
            RelationKind::Follow => fans.push((mid, mtime(shape, from, index, back), 0)),
            RelationKind::Whisper | RelationKind::Black => hidden.push(mid),
        }
    }
    (fans, hidden)
}
