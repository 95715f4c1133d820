//! The memtable: writes that LMDB does not have yet, in key order.

use super::encoding::Table;
use immutable_chunkmap::map::MapS;
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

/// A value, or `None` for a deletion.
pub(super) type Value = Option<Arc<[u8]>>;
type TableMap = MapS<Arc<[u8]>, Value>;

/// The approximate memory of an entry beyond its key and value, in bytes.
const ENTRY_OVERHEAD: usize = 80;

/// Values and deletions by table and key, in order. Clones share their common parts, so readers keep one version
/// while the writer extends another.
#[derive(Clone, Debug)]
pub(super) struct Memtable {
    tables: [TableMap; Table::COUNT],
    bytes: usize,
}

impl Default for Memtable {
    fn default() -> Memtable {
        Memtable { tables: std::array::from_fn(|_| TableMap::new()), bytes: 0 }
    }
}

/// A key, and its value or `None` for a deletion.
pub(super) type MemEntry<'m> = (&'m [u8], Option<&'m [u8]>);

/// Owned bounds, which outlive those of the caller.
struct KeyRange(Bound<Vec<u8>>, Bound<Vec<u8>>);

impl RangeBounds<[u8]> for KeyRange {
    fn start_bound(&self) -> Bound<&[u8]> {
        self.0.as_ref().map(Vec::as_slice)
    }

    fn end_bound(&self) -> Bound<&[u8]> {
        self.1.as_ref().map(Vec::as_slice)
    }
}

impl Memtable {
    /// Returns the value or the deletion of a key, or `None` if this memtable has neither.
    pub(super) fn get(&self, table: Table, key: &[u8]) -> Option<&Value> {
        self.tables[table.index()].get(key)
    }

    pub(super) fn set(&mut self, table: Table, key: &[u8], value: Option<&[u8]>) {
        let length = |value: Option<&[u8]>| value.map_or(0, <[u8]>::len);
        let entries = &mut self.tables[table.index()];
        let previous = match entries.get_mut_cow(key) {
            Some(entry) => Some(std::mem::replace(entry, value.map(Arc::from))),
            None => entries.insert_cow(Arc::from(key), value.map(Arc::from)),
        };
        self.bytes += length(value);
        match previous {
            Some(previous) => self.bytes -= length(previous.as_deref()),
            None => self.bytes += key.len() + ENTRY_OVERHEAD,
        }
    }

    /// The approximate memory of all entries, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Returns the entries of a table between two bounds, in order, or `None` if the table has no entry at all.
    pub(super) fn range<'m>(
        &'m self,
        table: Table,
        (from, to): (Bound<&[u8]>, Bound<&[u8]>),
    ) -> Option<impl DoubleEndedIterator<Item = MemEntry<'m>> + use<'m>> {
        let entries = &self.tables[table.index()];
        if entries.len() == 0 {
            return None;
        }
        let range = KeyRange(from.map(<[u8]>::to_vec), to.map(<[u8]>::to_vec));
        Some(entries.range::<[u8], _>(range).map(|(key, value)| (&**key, value.as_deref())))
    }

    /// All entries, table by table, in key order.
    pub(super) fn entries(&self) -> impl Iterator<Item = (Table, &[u8], Option<&[u8]>)> {
        Table::all().flat_map(|table| {
            let entries = &self.tables[table.index()];
            entries.into_iter().map(move |(key, value)| (table, &**key, value.as_deref()))
        })
    }
}
