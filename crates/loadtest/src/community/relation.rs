//! The properties of an edge. They are computed from hashes of its two ends, so they need no memory and are the
//! same from both sides.

use super::degree;
use super::edges::Edges;
use crate::topology::{Topology, splitmix64};
use guanxi_domain::relation::{GroupMembership, Relation, RelationKind};
use guanxi_storage::model::{Group, RelationRow};
use guanxi_types::{Mid, Tagid};

/// The shares of blocks and whispers among edges that are not mutual. They are 1% and 2% of all edges.
const BLOCKS_PER_MILLE: u64 = 13;
const WHISPERS_PER_MILLE: u64 = 26;

/// The latest time of a relation, and the range before it, in seconds: the three years before 2026.
const LATEST: i64 = 1_767_196_800;
const TIME_RANGE: u64 = 3 * 365 * 86_400;

/// The share of members with groups, and their largest number of groups.
const WITH_GROUPS_PERCENT: u64 = 20;
const MAX_GROUPS: u32 = 5;

/// The shares of their follows in one group and in two, and the share of all follows in 特别关注.
const GROUPED_PERCENT: u64 = 30;
const TWO_GROUPS_PERCENT: u64 = 5;
const SPECIAL_PERCENT: u64 = 1;

/// The share of grouped follows of members at the following limit, which have one group.
const GROUPED_PERCENT_OF_FULL: u64 = 40;

const GROUP_NAMES: [&str; MAX_GROUPS as usize] = ["同学", "老家", "常看", "音乐", "先放着"];

/// Returns a hash of two members, for one of several purposes.
fn pair_hash(topology: &Topology, from: u32, to: u32, purpose: u64) -> u64 {
    splitmix64(splitmix64(topology.seed ^ purpose) ^ (u64::from(from) << 32 | u64::from(to)))
}

fn kind(topology: &Topology, from: u32, to: u32, is_mutual: bool) -> RelationKind {
    if is_mutual || degree::is_full(topology, from) {
        return RelationKind::Follow;
    }
    match pair_hash(topology, from, to, 1) % 1_000 {
        share if share < BLOCKS_PER_MILLE => RelationKind::Block,
        share if share < BLOCKS_PER_MILLE + WHISPERS_PER_MILLE => RelationKind::Whisper,
        _ => RelationKind::Follow,
    }
}

/// Returns the time of a relation. Both relations of a mutual pair have the same time.
fn mtime(topology: &Topology, from: u32, to: u32, is_mutual: bool) -> i64 {
    let (from, to) = if is_mutual { (from.min(to), from.max(to)) } else { (from, to) };
    LATEST - (pair_hash(topology, from, to, 2) % TIME_RANGE).cast_signed()
}

/// Merges two ascending lists: returns each entry of the first, and true if the second contains it.
fn with_membership<'a>(list: &'a [u32], other: &'a [u32]) -> impl Iterator<Item = (u32, bool)> + 'a {
    let mut other = other.iter().copied().peekable();
    list.iter().map(move |entry| {
        while other.next_if(|at| at < entry).is_some() {}
        (*entry, other.peek() == Some(entry))
    })
}

/// Returns the number of groups of a member.
fn group_count(topology: &Topology, index: u32) -> u32 {
    let hash = pair_hash(topology, index, 0, 3);
    if degree::is_full(topology, index) {
        return 1;
    }
    if hash % 100 < WITH_GROUPS_PERCENT { 1 + u32::try_from(hash >> 32).unwrap_or(0) % MAX_GROUPS } else { 0 }
}

/// Returns the tagid of a member's first group. Tagids are unique over all members.
pub(super) fn first_group(index: u32) -> Tagid {
    Tagid(1 + i64::from(index) * i64::from(MAX_GROUPS))
}

/// Returns the groups of a member.
pub(super) fn groups(topology: &Topology, index: u32) -> impl Iterator<Item = Group> {
    let (mid, Tagid(first)) = (topology.mid_at(index), first_group(index));
    let names = GROUP_NAMES.into_iter().take(group_count(topology, index) as usize);
    (first..).zip(names).map(move |(tagid, name)| Group { mid, tagid: Tagid(tagid), name: name.to_owned() })
}

/// Returns the groups of a follow and their number.
fn tagids(topology: &Topology, from: u32, to: u32, count: u32) -> ([Tagid; 3], usize) {
    let mut tagids = ([Tagid::DEFAULT; 3], 0);
    let mut join = |tagid| {
        tagids.0[tagids.1] = tagid;
        tagids.1 += 1;
    };
    let hash = pair_hash(topology, from, to, 4);
    let Tagid(first) = first_group(from);
    let grouped = if degree::is_full(topology, from) { GROUPED_PERCENT_OF_FULL } else { GROUPED_PERCENT };
    if count > 0 && hash % 100 < grouped {
        let (count, choice) = (u64::from(count), hash >> 32);
        join(Tagid(first + (choice % count).cast_signed()));
        if hash % 100 < TWO_GROUPS_PERCENT && count > 1 {
            join(Tagid(first + ((choice + 1) % count).cast_signed()));
        }
    }
    if (hash >> 16) % 100 < SPECIAL_PERCENT {
        join(Tagid::SPECIAL);
    }
    (tagids.0, tagids.1.max(1))
}

/// Returns the relations of a member, ascending by their target. Group memberships are numbered in the order of
/// time.
pub(super) fn outgoing(topology: &Topology, edges: &Edges, index: u32) -> Vec<RelationRow> {
    let (from, count) = (topology.mid_at(index), group_count(topology, index));
    let mut relations: Vec<(i64, u32, RelationKind)> =
        with_membership(edges.outgoing(index), edges.incoming(index))
            .map(|(to, is_mutual)| {
                (mtime(topology, index, to, is_mutual), to, kind(topology, index, to, is_mutual))
            })
            .collect();
    relations.sort_unstable_by_key(|(mtime, to, _)| (*mtime, *to));
    let mut seqs = 0..;
    let row = |(mtime, to, kind): (i64, u32, RelationKind)| {
        let groups = if kind == RelationKind::Follow {
            let (tagids, count) = tagids(topology, index, to, count);
            tagids[..count]
                .iter()
                .zip(seqs.by_ref())
                .map(|(tagid, seq)| GroupMembership { tagid: *tagid, seq })
                .collect()
        } else {
            Vec::new()
        };
        RelationRow {
            from,
            to: topology.mid_at(to),
            relation: Relation { kind, mtime, seq: 0, source: 11, groups },
        }
    };
    let mut rows: Vec<RelationRow> = relations.into_iter().map(row).collect();
    rows.sort_unstable_by_key(|row| row.to);
    rows
}

/// Returns the followers of a member with times, and the members that whisper to or block it. Both lists ascend by
/// mid. Relations of one second were created in the order of their mids, so each has the `seq` 0.
pub(super) fn incoming(topology: &Topology, edges: &Edges, index: u32) -> (Vec<(Mid, i64, u32)>, Vec<Mid>) {
    let (mut followers, mut private_relations) = (Vec::new(), Vec::new());
    for (from, is_mutual) in with_membership(edges.incoming(index), edges.outgoing(index)) {
        let mid = topology.mid_at(from);
        match kind(topology, from, index, is_mutual) {
            RelationKind::Follow => followers.push((mid, mtime(topology, from, index, is_mutual), 0)),
            RelationKind::Whisper | RelationKind::Block => private_relations.push(mid),
        }
    }
    (followers, private_relations)
}
