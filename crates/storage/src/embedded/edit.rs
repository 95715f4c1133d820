//! What a write changes, as the log has it: small, and independent of any rule, so that a newer program does with it what the
//! one did that wrote it. A roll's entries are told, not the nodes they are packed in.

use super::layout::Table;
use super::node::{Item, read_number, write_number};
use crate::StorageError;
use crate::key::{Key, Parts};

/// A change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edit<'e> {
    /// A key has this value.
    Put(Table, &'e [u8], &'e [u8]),
    /// A key has none.
    Delete(Table, &'e [u8]),
    /// A roll has this entry.
    Enter(&'e [u8], Item, Option<&'e [u8]>),
    /// A roll has no such entry.
    Leave(&'e [u8], Item),
}

const PUT: u8 = 0;
const DELETE: u8 = 1;
const ENTER: u8 = 2;
const ENTER_LOADED: u8 = 3;
const LEAVE: u8 = 4;

impl<'e> Edit<'e> {
    pub(super) fn write(self, out: &mut Vec<u8>) {
        match self {
            Edit::Put(table, key, value) => {
                head(PUT, table, key, out);
                write_bytes(value, out);
            }
            Edit::Delete(table, key) => head(DELETE, table, key, out),
            Edit::Enter(roll, item, None) => listed(ENTER, roll, item, out),
            Edit::Enter(roll, item, Some(load)) => {
                listed(ENTER_LOADED, roll, item, out);
                write_bytes(load, out);
            }
            Edit::Leave(roll, item) => listed(LEAVE, roll, item, out),
        }
    }

    /// The edits of a record of the log.
    pub(super) fn all(record: &'e [u8]) -> impl Iterator<Item = Result<Edit<'e>, StorageError>> {
        let mut rest = Some(record);
        std::iter::from_fn(move || {
            let bytes = rest.filter(|bytes| !bytes.is_empty())?;
            let read = read(bytes);
            rest = read.map(|(_, rest)| rest);
            let damaged = || StorageError::Corrupted("the log", "an edit is none".to_owned());
            Some(read.map(|(edit, _)| edit).ok_or_else(damaged))
        })
    }
}

fn head(what: u8, table: Table, key: &[u8], out: &mut Vec<u8>) {
    out.push(what);
    write_number(table.at() as u64, out);
    write_bytes(key, out);
}

fn listed(what: u8, roll: &[u8], (number, place, member): Item, out: &mut Vec<u8>) {
    out.push(what);
    write_bytes(roll, out);
    (number, member).write(out);
    write_number(place.into(), out);
}

fn write_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    write_number(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

fn read(bytes: &[u8]) -> Option<(Edit<'_>, &[u8])> {
    let (what, rest) = bytes.split_first()?;
    match *what {
        PUT | DELETE => {
            let (length, number) = read_number(rest)?;
            let table = Table::all().nth(usize::try_from(number).ok()?)?;
            let (key, rest) = read_bytes(&rest[length..])?;
            if *what == DELETE {
                return Some((Edit::Delete(table, key), rest));
            }
            let (value, rest) = read_bytes(rest)?;
            Some((Edit::Put(table, key, value), rest))
        }
        ENTER | ENTER_LOADED | LEAVE => {
            let (roll, rest) = read_bytes(rest)?;
            let mut parts = Parts(rest);
            let (number, member) = (parts.number()?, parts.long()?);
            let (length, place) = read_number(parts.0)?;
            let item = (number, u32::try_from(place).ok()?, member);
            let rest = &parts.0[length..];
            match *what {
                LEAVE => Some((Edit::Leave(roll, item), rest)),
                ENTER => Some((Edit::Enter(roll, item, None), rest)),
                _ => {
                    let (load, rest) = read_bytes(rest)?;
                    Some((Edit::Enter(roll, item, Some(load)), rest))
                }
            }
        }
        _ => None,
    }
}

fn read_bytes(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, number) = read_number(bytes)?;
    bytes[length..].split_at_checked(usize::try_from(number).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn edits_come_back(key: Vec<u8>, value: Vec<u8>, at in 0..Table::COUNT, item: Item) {
            let table = Table::all().nth(at).unwrap();
            let edits = [
                Edit::Put(table, &key, &value),
                Edit::Leave(&key, item),
                Edit::Enter(&key, item, None),
                Edit::Delete(table, &key),
                Edit::Enter(&key, item, Some(&value)),
            ];
            let mut record = Vec::new();
            for edit in edits {
                edit.write(&mut record);
            }
            let read: Vec<Edit<'_>> = Edit::all(&record).collect::<Result<_, _>>().unwrap();
            prop_assert_eq!(read, edits);
        }

        #[test]
        fn damaged_bytes_are_a_fault_and_no_panic(bytes: Vec<u8>) {
            let _ = Edit::all(&bytes).count();
        }
    }
}
