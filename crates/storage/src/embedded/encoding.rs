//! Tables, keys and values.
//!
//! Every entity of `model` has a table of its own, by its key. The other tables are:
//!
//! | table | key | value |
//! |---|---|---|
//! | `graph` | member, kind of value | relations and counters of a member: see below |
//! | `coin`, `login` | member, second, position within that second | the row |
//! | `due` | table, second, key of the row | |
//! | `pending_review` | table, second, key of the row | |
//! | `member_session` | member, hash | |
//! | `name_index` | kind of entry, text, member | |
//! | `member_flag` | flag, member | |
//! | `meta` | a name | next tagid, least next mid, progress of an unfinished import, LSN of the last checkpoint |
//!
//! Every key of a member's data begins with the member, so the data of one member are adjacent. All that a follow
//! changes is in one table, so a follow changes few pages:
//!
//! | kind of value in `graph` | value |
//! |---|---|
//! | 0 | the counters |
//! | 1 | a [list](super::counted_btree) of all relations: (0, 0, other), each with a value |
//! | 2, relation kind | a list of the relations of that kind: (mtime, seq, other) |
//! | 3 | a list of the followers: (mtime, seq, follower) |
//! | 4 | a list of the members with a private relation to this one, whisper or block: (0, 0, owner) |
//! | 5, tagid | a list of the members of a group: (join seq, 0, other) |
//!
//! A row is in its [`Binary`] form. The value of a relation has kind, mtime, seq and source, then (tagid, join seq) for
//! each group.
//!
//! LMDB has each value with a checksum behind it.

mod checksum;
mod keys;
mod tables;
mod values;

pub(super) use checksum::{describe_key, verified};

pub(super) use keys::{
    ListKind, counters_key, counters_key_owner, due_key, flag_keys, flag_prefix, followers_key,
    group_members_key, index_prefix, key_by_join_seq, key_by_mid, key_by_time, key_mid, list_of_root_key,
    name_entry_mid, name_keys, name_range, private_relations_key, relations_by_kind_key, relations_key,
    review_key,
};
pub(super) use tables::{Table, Tables};
pub(super) use values::{decode_counters, decode_relation, encode_counters, encode_relation};

use crate::StorageError;
use crate::model::Binary;

/// The key of the next tagid in `meta`.
pub(super) const NEXT_TAGID: &[u8] = b"next_tagid";

/// The key in `meta` of the least next mid, written once a member is deleted.
pub(super) const NEXT_MID: &[u8] = b"next_mid";

/// The key in `meta` of the progress of an unfinished import.
pub(super) const IMPORT_PROGRESS: &[u8] = b"import_progress";

/// The key in `meta` of the position of the last WAL record that LMDB has.
pub(super) const CHECKPOINT: &[u8] = b"checkpoint";

/// The key in `meta` of the id of the store.
pub(super) const STORE_ID: &[u8] = b"store_id";

/// The key in `meta` of the write probe. Its value fills a block of the file system, so a disk without a free block
/// rejects it.
pub(super) const PROBE: &[u8] = b"probe";

/// The value of the write probe.
pub(super) const PROBE_VALUE: [u8; 4096] = [0; 4096];

/// Encodes a row.
pub(super) fn encode<R: Binary>(row: &R) -> Result<Vec<u8>, StorageError> {
    let mut bytes = Vec::new();
    row.write(&mut bytes)?;
    Ok(bytes)
}

/// Decodes a row. `subject` names it in the error.
pub(super) fn decode<R: Binary>(subject: &'static str, mut bytes: &[u8]) -> Result<R, StorageError> {
    decoded(subject, R::read(&mut bytes).filter(|_| bytes.is_empty()))
}

/// Turns the failed parse of a key or a value of fixed width into an error. `subject` names it in the error.
pub(super) fn decoded<T>(subject: &'static str, parsed: Option<T>) -> Result<T, StorageError> {
    parsed.ok_or_else(|| StorageError::corrupted(subject, "unexpected length or content"))
}

#[cfg(test)]
mod tests;
