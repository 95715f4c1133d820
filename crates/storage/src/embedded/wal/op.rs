//! The operations in a WAL record. They are small and independent of the domain's rules, so a newer program replays
//! them with the same result. A change of a list is logged as the change of one entry, not of the nodes that hold
//! it.

use super::super::counted_btree::EntryKey;
use super::super::encoding::Table;
use crate::StorageError;
use crate::key::{Key, KeyReader};
use crate::varint::{read_bytes, read_varint, write_bytes, write_varint};

/// An operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum WalOp<'r> {
    /// Sets the value of a key.
    Put(Table, &'r [u8], &'r [u8]),
    /// Deletes a key.
    Delete(Table, &'r [u8]),
    /// Inserts an entry into the list with this key, or replaces its value.
    TreeInsert(&'r [u8], EntryKey, Option<&'r [u8]>),
    /// Removes an entry from the list with this key.
    TreeRemove(&'r [u8], EntryKey),
}

const PUT: u8 = 0;
const DELETE: u8 = 1;
const TREE_INSERT: u8 = 2;
const TREE_INSERT_WITH_VALUE: u8 = 3;
const TREE_REMOVE: u8 = 4;

impl<'r> WalOp<'r> {
    /// Appends the encoded operation.
    pub(in super::super) fn encode(self, out: &mut Vec<u8>) {
        match self {
            WalOp::Put(table, key, value) => {
                write_key_op(PUT, table, key, out);
                write_bytes(value, out);
            }
            WalOp::Delete(table, key) => write_key_op(DELETE, table, key, out),
            WalOp::TreeInsert(list, key, None) => write_tree_op(TREE_INSERT, list, key, out),
            WalOp::TreeInsert(list, key, Some(value)) => {
                write_tree_op(TREE_INSERT_WITH_VALUE, list, key, out);
                write_bytes(value, out);
            }
            WalOp::TreeRemove(list, key) => write_tree_op(TREE_REMOVE, list, key, out),
        }
    }

    /// Decodes the operations of a record. Ends after the first error.
    pub(in super::super) fn decode_all(
        record: &'r [u8],
    ) -> impl Iterator<Item = Result<WalOp<'r>, StorageError>> {
        let mut rest = Some(record);
        std::iter::from_fn(move || {
            let bytes = rest.filter(|bytes| !bytes.is_empty())?;
            let decoded = decode(bytes);
            rest = decoded.map(|(_, rest)| rest);
            let corrupt = || StorageError::corrupted("the WAL", "invalid operation in a record");
            Some(decoded.map(|(op, _)| op).ok_or_else(corrupt))
        })
    }
}

fn write_key_op(tag: u8, table: Table, key: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    write_varint(table.index() as u64, out);
    write_bytes(key, out);
}

fn write_tree_op(tag: u8, list: &[u8], (primary, secondary, mid): EntryKey, out: &mut Vec<u8>) {
    out.push(tag);
    write_bytes(list, out);
    (primary, mid).write(out);
    write_varint(secondary.into(), out);
}

fn decode(bytes: &[u8]) -> Option<(WalOp<'_>, &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    match *tag {
        PUT | DELETE => {
            let (length, number) = read_varint(rest)?;
            let table = Table::all().nth(usize::try_from(number).ok()?)?;
            let (key, rest) = read_bytes(&rest[length..])?;
            if *tag == DELETE {
                return Some((WalOp::Delete(table, key), rest));
            }
            let (value, rest) = read_bytes(rest)?;
            Some((WalOp::Put(table, key, value), rest))
        }
        TREE_INSERT | TREE_INSERT_WITH_VALUE | TREE_REMOVE => {
            let (list, rest) = read_bytes(rest)?;
            let mut reader = KeyReader(rest);
            let (primary, mid) = (reader.u32()?, reader.u64()?);
            let (length, secondary) = read_varint(reader.0)?;
            let key = (primary, u32::try_from(secondary).ok()?, mid);
            let rest = &reader.0[length..];
            match *tag {
                TREE_REMOVE => Some((WalOp::TreeRemove(list, key), rest)),
                TREE_INSERT => Some((WalOp::TreeInsert(list, key, None), rest)),
                _ => {
                    let (value, rest) = read_bytes(rest)?;
                    Some((WalOp::TreeInsert(list, key, Some(value)), rest))
                }
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn encoded_ops_decode_to_equal_ones(
            key: Vec<u8>,
            value: Vec<u8>,
            at in 0..Table::COUNT,
            entry_key: EntryKey,
        ) {
            let table = Table::all().nth(at).unwrap();
            let ops = [
                WalOp::Put(table, &key, &value),
                WalOp::TreeRemove(&key, entry_key),
                WalOp::TreeInsert(&key, entry_key, None),
                WalOp::Delete(table, &key),
                WalOp::TreeInsert(&key, entry_key, Some(&value)),
            ];
            let mut record = Vec::new();
            for op in ops {
                op.encode(&mut record);
            }
            let decoded: Vec<WalOp<'_>> = WalOp::decode_all(&record).collect::<Result<_, _>>().unwrap();
            prop_assert_eq!(decoded, ops);
        }

        #[test]
        fn arbitrary_record_decodes_without_panic(bytes: Vec<u8>) {
            let _ = WalOp::decode_all(&bytes).count();
        }
    }
}
