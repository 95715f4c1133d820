//! Lists of `graph` as bytes, changed without the engine.
//!
//! A short list is one leaf under the key of the list: a byte with the level (0), plus 16 times the width of
//! secondary keys, plus 128 if entries have values; a byte with 16 times the width of primary keys, plus the width
//! of mids; then the entries in order. An entry is a primary key, a secondary key, a mid, and with values a length
//! (one byte, below 128) and the value. In a longer list such a leaf is stored under the key of the list, its
//! level, and its first entry key, in four, four and eight bytes. The node above has the number of entries below
//! after each entry key, in four bytes.

use super::{Table, put_value, tamper, value_of};
use crate::community::mid;
use guanxi_domain::relation::RelationKind;
use guanxi_storage::key::Key;
use guanxi_types::Tagid;
use heed::RwTxn;
use std::collections::BTreeMap;
use std::path::Path;

/// The table of all lists and counters.
pub(super) const GRAPH: &str = "graph";

const HAS_VALUES: u8 = 128;

/// The key of an entry: a primary key, a secondary key, and a mid.
pub(super) type EntryKey = (u32, u32, u64);

/// The key of a member's counters.
pub(super) fn counters_key(member: u64) -> Vec<u8> {
    (mid(member), 0u8).bytes()
}

/// The key of the list of a member's relations.
pub(super) fn relations_key(owner: u64) -> Vec<u8> {
    (mid(owner), 1u8).bytes()
}

/// The key of the list of a member's relations of one kind.
pub(super) fn relations_by_kind_key(owner: u64, kind: RelationKind) -> Vec<u8> {
    (mid(owner), (2u8, kind_number(kind))).bytes()
}

/// The key of the list of a member's followers.
pub(super) fn followers_key(owner: u64) -> Vec<u8> {
    (mid(owner), 3u8).bytes()
}

/// The key of the list of members who whisper or block a member.
pub(super) fn private_relations_key(other: u64) -> Vec<u8> {
    (mid(other), 4u8).bytes()
}

/// The key of the list of a group's members.
pub(super) fn group_members_key(owner: u64, tagid: Tagid) -> Vec<u8> {
    (mid(owner), (5u8, tagid)).bytes()
}

/// The key of a node of a list, below its root.
pub(super) fn node_key(list: &[u8], level: u8, key: EntryKey) -> Vec<u8> {
    [list, &(level, key).bytes()].concat()
}

fn kind_number(kind: RelationKind) -> u8 {
    match kind {
        RelationKind::Whisper => 1,
        RelationKind::Follow => 2,
        RelationKind::Block => 128,
    }
}

/// The value of a relation in no group: kind, mtime, and the source 11.
pub(super) fn relation_value(kind: RelationKind, mtime: u32) -> Vec<u8> {
    [vec![kind_number(kind)], mtime.bytes(), vec![11]].concat()
}

/// Inserts an entry into a list, or replaces its value.
pub(super) fn insert_entry(home: &Path, list: &[u8], key: EntryKey, value: &[u8]) {
    edit_list(home, list, |entries| drop(entries.insert(key, value.to_vec())));
}

/// Removes an entry from a list.
pub(super) fn remove_entry(home: &Path, list: &[u8], key: EntryKey) {
    edit_list(home, list, |entries| drop(entries.remove(&key).expect("the entry exists")));
}

/// Changes a list of one leaf. An empty list is deleted.
pub(super) fn edit_list(home: &Path, list: &[u8], edit: impl FnOnce(&mut BTreeMap<EntryKey, Vec<u8>>)) {
    tamper(home, GRAPH, |db: &Table, txn: &mut RwTxn<'_>| {
        let mut entries = db.get(txn, list)?.map(|stored| parse_leaf(value_of(stored))).unwrap_or_default();
        edit(&mut entries);
        match entries.len() {
            0 => db.delete(txn, list).map(drop),
            _ => put_value(db, txn, list, &encode_leaf(&entries)),
        }
    });
}

fn parse_leaf(leaf: &[u8]) -> BTreeMap<EntryKey, Vec<u8>> {
    let (primary_width, mid_width) = (usize::from(leaf[1] / 16), usize::from(leaf[1] % 16));
    let secondary_width = usize::from(leaf[0] % HAS_VALUES / 16);
    let big_endian = |bytes: &[u8]| bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    assert!(leaf[0].is_multiple_of(16), "it is a leaf");
    let (mut entries, mut rest) = (BTreeMap::new(), &leaf[2..]);
    while !rest.is_empty() {
        let short = |bytes| u32::try_from(big_endian(bytes)).expect("it is at most four bytes wide");
        let (primary, secondary) =
            (short(&rest[..primary_width]), short(&rest[primary_width..][..secondary_width]));
        let key = (primary, secondary, big_endian(&rest[primary_width + secondary_width..][..mid_width]));
        rest = &rest[primary_width + secondary_width + mid_width..];
        let (skip, length) = if leaf[0] >= HAS_VALUES { (1, usize::from(rest[0])) } else { (0, 0) };
        entries.insert(key, rest[skip..][..length].to_vec());
        rest = &rest[skip + length..];
    }
    entries
}

/// Encodes a leaf with the largest widths.
fn encode_leaf(entries: &BTreeMap<EntryKey, Vec<u8>>) -> Vec<u8> {
    let has_values = entries.values().any(|value| !value.is_empty());
    let mut leaf = vec![4 * 16 + if has_values { HAS_VALUES } else { 0 }, 4 * 16 + 8];
    for (key, value) in entries {
        key.write(&mut leaf);
        if has_values {
            leaf.push(u8::try_from(value.len()).expect("a relation in few groups"));
            leaf.extend(value);
        }
    }
    leaf
}
