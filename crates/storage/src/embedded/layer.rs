//! What was written and is not in the tree yet.

use super::layout::Table;
use immutable_chunkmap::map::MapS;
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

/// A value; none where it was deleted.
pub(super) type Value = Option<Arc<[u8]>>;
type Entries = MapS<Arc<[u8]>, Value>;

/// Values and deletions by table and key, in order. Its clones share what they have in common, so that one is read while
/// another grows.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    tables: [Entries; Table::COUNT],
    bytes: usize,
}

impl Default for Layer {
    fn default() -> Layer {
        Layer { tables: std::array::from_fn(|_| Entries::new()), bytes: 0 }
    }
}

/// A key, and its value or that it was deleted.
pub(super) type Known<'l> = (&'l [u8], Option<&'l [u8]>);

/// Bounds that outlive who asks.
struct Bounds(Bound<Vec<u8>>, Bound<Vec<u8>>);

impl RangeBounds<[u8]> for Bounds {
    fn start_bound(&self) -> Bound<&[u8]> {
        self.0.as_ref().map(Vec::as_slice)
    }

    fn end_bound(&self) -> Bound<&[u8]> {
        self.1.as_ref().map(Vec::as_slice)
    }
}

/// What an entry takes beside its key and its value, about.
const OVERHEAD: usize = 80;

impl Layer {
    /// What is known of a key here: a value, or that it was deleted.
    pub(super) fn get(&self, table: Table, key: &[u8]) -> Option<&Value> {
        self.tables[table.at()].get(key)
    }

    pub(super) fn set(&mut self, table: Table, key: &[u8], value: Option<&[u8]>) {
        let length = |value: Option<&[u8]>| value.map_or(0, <[u8]>::len);
        let entries = &mut self.tables[table.at()];
        let new = length(value);
        let was = match entries.get_mut_cow(key) {
            Some(entry) => Some(std::mem::replace(entry, value.map(Arc::from))),
            None => entries.insert_cow(Arc::from(key), value.map(Arc::from)),
        };
        self.bytes += new;
        match was {
            Some(was) => self.bytes -= length(was.as_deref()),
            None => self.bytes += key.len() + OVERHEAD,
        }
    }

    /// How much memory it takes, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// What a table has between two bounds, in order; none if it has nothing at all.
    pub(super) fn range<'l>(
        &'l self,
        table: Table,
        (from, to): (Bound<&[u8]>, Bound<&[u8]>),
    ) -> Option<impl DoubleEndedIterator<Item = Known<'l>> + use<'l>> {
        let entries = &self.tables[table.at()];
        if entries.len() == 0 {
            return None;
        }
        let bounds = Bounds(from.map(<[u8]>::to_vec), to.map(<[u8]>::to_vec));
        Some(entries.range::<[u8], _>(bounds).map(|(key, value)| (&**key, value.as_deref())))
    }

    /// Every table that has something, and all that it has.
    pub(super) fn entries(&self) -> impl Iterator<Item = (Table, &[u8], Option<&[u8]>)> {
        Table::all().flat_map(|table| {
            let entries = &self.tables[table.at()];
            entries.into_iter().map(move |(key, value)| (table, &**key, value.as_deref()))
        })
    }
}
