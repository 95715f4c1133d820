//! The checksum of a value in LMDB: four bytes behind the value, over key and value. LMDB has none of its own.

use super::Table;
use crate::StorageError;
use crate::key::KeyReader;
use crate::model;
use std::fmt::Write;

const CHECKSUM_LEN: usize = 4;

/// The number of bytes of a key without a member that a message shows. They identify a hash.
const SHOWN_KEY_LEN: usize = 16;

fn checksum(key: &[u8], value: &[u8]) -> [u8; CHECKSUM_LEN] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(key);
    hasher.update(value);
    hasher.finalize().to_le_bytes()
}

/// Returns a value with its checksum, as it is stored.
pub(super) fn with_checksum(key: &[u8], value: &[u8]) -> Vec<u8> {
    let mut stored = Vec::with_capacity(value.len() + CHECKSUM_LEN);
    stored.extend_from_slice(value);
    stored.extend(checksum(key, value));
    stored
}

/// Returns a stored value without its checksum. Fails if they differ.
#[inline]
pub(in super::super) fn verified<'v>(
    table: Table,
    key: &[u8],
    stored: &'v [u8],
) -> Result<&'v [u8], StorageError> {
    match stored.split_last_chunk() {
        Some((value, sum)) if *sum == checksum(key, value) => Ok(value),
        _ => Err(damaged(table, key)),
    }
}

#[cold]
fn damaged(table: Table, key: &[u8]) -> StorageError {
    let cause = format!("the value differs from its checksum: {}", describe_key(table, key));
    StorageError::corrupted(table.name(), cause)
}

/// Describes a key in a message, without private text. A key without a member is a number or a hash.
pub(in super::super) fn describe_key(table: Table, key: &[u8]) -> String {
    let mut reader = KeyReader(key);
    let (mut text, rest) = match table {
        Table::Meta => return String::from_utf8_lossy(key).into_owned(),
        _ if has_member(table) && key.len() >= 8 => match reader.mid() {
            Some(mid) => (format!("member {mid}, key "), reader.0),
            None => ("key ".to_owned(), key),
        },
        _ => ("key ".to_owned(), key.get(..SHOWN_KEY_LEN).unwrap_or(key)),
    };
    for byte in rest {
        // A write to a string never fails.
        let _ = write!(text, "{byte:02x}");
    }
    if rest.is_empty() { text.trim_end_matches(", key ").to_owned() } else { text }
}

/// True if the keys of the table begin with a member.
fn has_member(table: Table) -> bool {
    match table {
        Table::Rows(table) => model::Table::schema(table).is_member_keyed(),
        Table::Graph | Table::Coin | Table::Login | Table::MemberSession => true,
        Table::Due | Table::PendingReview | Table::NameIndex | Table::MemberFlag | Table::Meta => false,
    }
}
