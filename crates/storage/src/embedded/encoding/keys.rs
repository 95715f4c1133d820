//! Keys of the tables, and keys of the entries of lists.

use super::super::counted_btree::EntryKey;
use super::decoded;
use crate::StorageError;
use crate::counters::clamp_secs;
use crate::key::{Key, KeyReader};
use crate::model::{self, Entity, IndexedName, kind_from_number, kind_number};
use guanxi_domain::member_filter::MemberFlag;
use guanxi_domain::name_index::{EntryKind, NameEntry, NameScan};
use guanxi_domain::relation::{GroupMembership, Relation, RelationKind};
use guanxi_types::{Mid, Tagid};
use std::collections::BTreeSet;

// The kinds of values in `graph`.
const COUNTERS: u8 = 0;
const RELATIONS: u8 = 1;
const BY_KIND: u8 = 2;
const FOLLOWERS: u8 = 3;
const PRIVATE_RELATIONS: u8 = 4;
const GROUP_MEMBERS: u8 = 5;

/// The key of a member's counters.
pub(in super::super) fn counters_key(mid: Mid) -> Vec<u8> {
    (mid, COUNTERS).bytes()
}

/// Returns the member of a key in `graph`, if that is the key of the member's counters.
pub(in super::super) fn counters_key_owner(key: &[u8]) -> Option<Mid> {
    let mut reader = KeyReader(key);
    let mid = reader.mid()?;
    (reader.0 == [COUNTERS]).then_some(mid)
}

/// The key of the list of a member's relations.
pub(in super::super) fn relations_key(owner: Mid) -> Vec<u8> {
    (owner, RELATIONS).bytes()
}

/// The key of the list of a member's relations of one kind.
pub(in super::super) fn relations_by_kind_key(owner: Mid, kind: RelationKind) -> Vec<u8> {
    (owner, (BY_KIND, kind_number(kind))).bytes()
}

/// The key of the list of a member's followers.
pub(in super::super) fn followers_key(owner: Mid) -> Vec<u8> {
    (owner, FOLLOWERS).bytes()
}

/// The key of the list of members with a private relation to this member.
pub(in super::super) fn private_relations_key(other: Mid) -> Vec<u8> {
    (other, PRIVATE_RELATIONS).bytes()
}

/// The key of the list of a group's members.
pub(in super::super) fn group_members_key(owner: Mid, tagid: Tagid) -> Vec<u8> {
    (owner, (GROUP_MEMBERS, tagid)).bytes()
}

/// The kind of a list in `graph`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum ListKind {
    Relations,
    ByKind(RelationKind),
    Followers,
    PrivateRelations,
    Group(Tagid),
}

/// Returns the owner and the kind of a list, if `key` is the key of its root.
pub(in super::super) fn list_of_root_key(key: &[u8]) -> Option<(Mid, ListKind)> {
    let mut reader = KeyReader(key);
    let (mid, kind) = (reader.mid()?, reader.byte()?);
    let list = match kind {
        RELATIONS => ListKind::Relations,
        BY_KIND => ListKind::ByKind(reader.byte().and_then(kind_from_number)?),
        FOLLOWERS => ListKind::Followers,
        PRIVATE_RELATIONS => ListKind::PrivateRelations,
        GROUP_MEMBERS => ListKind::Group(reader.tagid()?),
        _ => return None,
    };
    reader.0.is_empty().then_some((mid, list))
}

/// The entry key in a list that is ordered by member.
pub(in super::super) fn key_by_mid(mid: Mid) -> EntryKey {
    (0, 0, mid.get())
}

/// The entry key of a relation in a list that is ordered by time. `other` is the member at the other end.
pub(in super::super) fn key_by_time(relation: &Relation, other: Mid) -> EntryKey {
    (clamp_secs(relation.mtime), relation.seq, other.get())
}

/// The entry key in the list of a group's members.
pub(in super::super) fn key_by_join_seq(membership: GroupMembership, other: Mid) -> EntryKey {
    (membership.seq, 0, other.get())
}

/// The member of an entry key.
pub(in super::super) fn key_mid(key: EntryKey) -> Result<Mid, StorageError> {
    decoded("a list", Mid::new(key.2))
}

/// The key of a row in `due`, or `None` if the scheduler has nothing to do with it.
pub(in super::super) fn due_key<R: Entity>(row: &R) -> Option<Vec<u8>> {
    let mut key = index_prefix(R::TABLE, row.run_at()?);
    row.key().write(&mut key);
    Some(key)
}

/// The key of a row in `pending_review`, or `None` if it awaits no review.
pub(in super::super) fn review_key<R: Entity>(row: &R) -> Option<Vec<u8>> {
    let mut key = index_prefix(R::TABLE, row.review_since()?);
    row.key().write(&mut key);
    Some(key)
}

/// The prefix of the keys in `due` and `pending_review` of a table's rows in one second.
pub(in super::super) fn index_prefix(table: model::Table, since: i64) -> Vec<u8> {
    let mut key = vec![table as u8];
    clamp_secs(since).write(&mut key);
    key
}

/// The keys of a row's name in `name_index`: kind, text and member. A text has no zero byte, and a mid begins with one,
/// so the keys sort by text.
pub(in super::super) fn name_keys<R: Entity>(
    key: R::Key,
    name: Option<IndexedName<'_>>,
) -> BTreeSet<Vec<u8>> {
    let entries = name.map(IndexedName::entries).unwrap_or_default();
    let with_member = |entry: NameEntry| {
        let mut bytes = name_prefix(entry.kind, &entry.text);
        key.write(&mut bytes);
        bytes
    };
    entries.into_iter().map(with_member).collect()
}

/// The keys of a row's flags in `member_flag`: flag and member.
pub(in super::super) fn flag_keys<R: Entity>(row: Option<&R>) -> BTreeSet<Vec<u8>> {
    let key = |row: &R| {
        let with_member = |flag| {
            let mut bytes = flag_prefix(flag);
            row.key().write(&mut bytes);
            bytes
        };
        row.flags().into_iter().map(with_member).collect()
    };
    row.map(key).unwrap_or_default()
}

/// The prefix of the keys in `member_flag` of a flag.
pub(in super::super) fn flag_prefix(flag: MemberFlag) -> Vec<u8> {
    vec![flag as u8]
}

fn name_prefix(kind: EntryKind, text: &str) -> Vec<u8> {
    [&[kind as u8], text.as_bytes()].concat()
}

/// The bounds of the keys that a scan of `name_index` reads.
pub(in super::super) fn name_range(scan: &NameScan) -> (Vec<u8>, Vec<u8>) {
    (name_prefix(scan.kind, &scan.from), name_prefix(scan.kind, &scan.end))
}

/// Returns the member of an entry in `name_index`.
pub(in super::super) fn name_entry_mid(key: &[u8]) -> Result<Mid, StorageError> {
    decoded("a name index entry", key.split_last_chunk::<8>().and_then(|(_, mid)| KeyReader(mid).mid()))
}
