//! The rolls of `chain`, as bytes: what a member's ties come to, changed behind the engine's back.
//!
//! A short roll is one node, under its own key: a byte for its level, which is 0 for a leaf, with how many bytes an item's place
//! takes, times 16, and 128 more if its entries carry something; a byte for how many bytes an item's number takes, times 16,
//! and how many its member takes; then the entries in order: number, place, member, and if they carry something, how many bytes
//! (one byte, below 128) and these. In a longer one such a leaf lies under the roll's key, its level, and the item it begins
//! with (number and place in four bytes each, member in eight), and the node above it has after each item how many entries are
//! below, in four bytes.

use super::{Table, tamper};
use crate::community::mid;
use guanxi_domain::tie::RelationKind;
use guanxi_storage::key::Key;
use guanxi_types::Tagid;
use heed::RwTxn;
use std::collections::BTreeMap;
use std::path::Path;

/// The table of all rolls and counters.
pub(super) const CHAIN: &str = "chain";

const LOADED: u8 = 128;

/// What orders a roll: a number, a place, then a member.
pub(super) type Item = (u32, u32, u64);

/// The key of a member's counters.
pub(super) fn stat_key(member: u64) -> Vec<u8> {
    (mid(member), 0u8).bytes()
}

/// The key of the roll of a member's ties.
pub(super) fn ties_key(owner: u64) -> Vec<u8> {
    (mid(owner), 1u8).bytes()
}

/// The key of the roll of a member's ties of a kind.
pub(super) fn out_key(owner: u64, kind: RelationKind) -> Vec<u8> {
    (mid(owner), (2u8, number_of(kind))).bytes()
}

/// The key of the roll of a member's fans.
pub(super) fn fans_key(owner: u64) -> Vec<u8> {
    (mid(owner), 3u8).bytes()
}

/// The key of the roll of those who whisper or block a member.
pub(super) fn hidden_key(other: u64) -> Vec<u8> {
    (mid(other), 4u8).bytes()
}

/// The key of the roll of a group.
pub(super) fn group_key(owner: u64, tagid: Tagid) -> Vec<u8> {
    (mid(owner), (5u8, tagid)).bytes()
}

/// The key of a node of a roll, below its root.
pub(super) fn node_key(roll: &[u8], level: u8, item: Item) -> Vec<u8> {
    [roll, &(level, item).bytes()].concat()
}

fn number_of(kind: RelationKind) -> u8 {
    match kind {
        RelationKind::Whisper => 1,
        RelationKind::Follow => 2,
        RelationKind::Black => 128,
    }
}

/// What a tie in no group carries: kind, mtime, and the source 11.
pub(super) fn tie(kind: RelationKind, mtime: u32) -> Vec<u8> {
    [vec![number_of(kind)], mtime.bytes(), vec![11]].concat()
}

/// Adds an entry to a roll, or replaces what it carries.
pub(super) fn enter(home: &Path, roll: &[u8], item: Item, load: &[u8]) {
    change(home, roll, |entries| drop(entries.insert(item, load.to_vec())));
}

/// Takes an entry from a roll.
pub(super) fn leave(home: &Path, roll: &[u8], item: Item) {
    change(home, roll, |entries| drop(entries.remove(&item).expect("the roll had such an entry")));
}

/// Changes a roll of one leaf. One that is left empty goes.
pub(super) fn change(home: &Path, roll: &[u8], change: impl FnOnce(&mut BTreeMap<Item, Vec<u8>>)) {
    tamper(home, CHAIN, |db: &Table, txn: &mut RwTxn<'_>| {
        let mut entries = db.get(txn, roll)?.map(read).unwrap_or_default();
        change(&mut entries);
        match entries.len() {
            0 => db.delete(txn, roll).map(drop),
            _ => db.put(txn, roll, &written(&entries)),
        }
    });
}

fn read(leaf: &[u8]) -> BTreeMap<Item, Vec<u8>> {
    let (number, member) = (usize::from(leaf[1] / 16), usize::from(leaf[1] % 16));
    let place = usize::from(leaf[0] % LOADED / 16);
    let big_endian = |bytes: &[u8]| bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    assert!(leaf[0].is_multiple_of(16), "it is a leaf");
    let (mut entries, mut rest) = (BTreeMap::new(), &leaf[2..]);
    while !rest.is_empty() {
        let short = |bytes| u32::try_from(big_endian(bytes)).expect("it is four bytes wide at most");
        let (first, second) = (short(&rest[..number]), short(&rest[number..][..place]));
        let item = (first, second, big_endian(&rest[number + place..][..member]));
        rest = &rest[number + place + member..];
        let (skip, length) = if leaf[0] >= LOADED { (1, usize::from(rest[0])) } else { (0, 0) };
        entries.insert(item, rest[skip..][..length].to_vec());
        rest = &rest[skip + length..];
    }
    entries
}

/// A leaf as wide as they get.
fn written(entries: &BTreeMap<Item, Vec<u8>>) -> Vec<u8> {
    let is_loaded = entries.values().any(|load| !load.is_empty());
    let mut leaf = vec![4 * 16 + if is_loaded { LOADED } else { 0 }, 4 * 16 + 8];
    for (item, load) in entries {
        item.write(&mut leaf);
        if is_loaded {
            leaf.push(u8::try_from(load.len()).expect("a tie in few groups"));
            leaf.extend(load);
        }
    }
    leaf
}
