//! The merged view of the LMDB tree and the memtables over it.

use super::counted_btree::NodeRead;
use super::encoding::{self, Table, Tables};
use super::memtable::{MemEntry, Memtable};
use crate::StorageError;
use guanxi_types::Order;
use heed::{AnyTls, RoTxn};
use std::iter::Peekable;
use std::ops::Bound;

/// A consistent view of all tables.
#[derive(Clone, Copy)]
pub(super) struct ReadView<'t> {
    /// Newest first.
    pub(super) memtables: [&'t Memtable; 2],
    pub(super) txn: &'t RoTxn<'t, AnyTls>,
    pub(super) tables: &'t Tables,
}

type Bounds<'b> = (Bound<&'b [u8]>, Bound<&'b [u8]>);

impl<'t> ReadView<'t> {
    pub(super) fn get(&self, table: Table, key: &[u8]) -> Result<Option<&'t [u8]>, StorageError> {
        for memtable in self.memtables {
            if let Some(value) = memtable.get(table, key) {
                return Ok(value.as_deref());
            }
        }
        self.tables.get(self.txn, table, key)
    }

    /// Iterates over the entries of a table between two bounds, ascending or descending.
    pub(super) fn range(
        &self,
        table: Table,
        bounds: Bounds<'_>,
        order: Order,
    ) -> Result<MergeIter<'t>, StorageError> {
        let tree: TreeIter<'t> = match order {
            Order::Asc => Box::new(self.tables.range(self.txn, table, &bounds)?),
            Order::Desc => Box::new(self.tables.rev_range(self.txn, table, &bounds)?),
        };
        let memtables = self.memtables.map(|memtable| -> MemtableIter<'t> {
            match (memtable.range(table, bounds), order) {
                (None, _) => Box::new(std::iter::empty()),
                (Some(entries), Order::Asc) => Box::new(entries),
                (Some(entries), Order::Desc) => Box::new(entries.rev()),
            }
        });
        Ok(MergeIter { table, memtables: memtables.map(Iterator::peekable), tree: tree.peekable(), order })
    }

    /// Iterates over the entries whose key begins with a prefix.
    pub(super) fn prefix(
        &self,
        table: Table,
        prefix: &[u8],
        order: Order,
    ) -> Result<MergeIter<'t>, StorageError> {
        let end = prefix_end(prefix);
        let end = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        self.range(table, (Bound::Included(prefix), end), order)
    }

    /// Iterates over a whole table in ascending order.
    pub(super) fn all(&self, table: Table) -> Result<MergeIter<'t>, StorageError> {
        self.range(table, (Bound::Unbounded, Bound::Unbounded), Order::Asc)
    }
}

impl NodeRead for ReadView<'_> {
    fn get_node(&self, key: &[u8]) -> Result<Option<&[u8]>, StorageError> {
        self.get(Table::Graph, key)
    }
}

type MemtableIter<'t> = Box<dyn Iterator<Item = MemEntry<'t>> + 't>;
type TreeIter<'t> = Box<dyn Iterator<Item = heed::Result<(&'t [u8], &'t [u8])>> + 't>;

/// Keys and values in order. The newest memtable with a key wins, then the older one, then the tree.
pub(super) struct MergeIter<'t> {
    table: Table,
    memtables: [Peekable<MemtableIter<'t>>; 2],
    tree: Peekable<TreeIter<'t>>,
    order: Order,
}

impl<'t> MergeIter<'t> {
    fn next_key(&mut self) -> Option<&'t [u8]> {
        let in_tree = self.tree.peek().and_then(|entry| entry.as_ref().ok()).map(|(key, _)| *key);
        let in_memtables = self.memtables.each_mut().map(|memtable| memtable.peek().map(|(key, _)| *key));
        let keys = in_memtables.into_iter().chain([in_tree]).flatten();
        if self.order == Order::Asc { keys.min() } else { keys.max() }
    }
}

impl<'t> Iterator for MergeIter<'t> {
    type Item = Result<(&'t [u8], &'t [u8]), StorageError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(error) = self.tree.next_if(Result::is_err) {
                return Some(error.map_err(StorageError::from));
            }
            let key = self.next_key()?;
            let in_tree = self.tree.next_if(|entry| entry.as_ref().is_ok_and(|(other, _)| *other == key));
            // Verified only if no memtable has the key.
            let mut stored = in_tree.and_then(Result::ok).map(|(_, stored)| stored);
            let mut value = None;
            for memtable in self.memtables.iter_mut().rev() {
                if let Some((_, newer)) = memtable.next_if(|(other, _)| *other == key) {
                    (stored, value) = (None, newer);
                }
            }
            if let Some(stored) = stored {
                return Some(encoding::verified(self.table, key, stored).map(|value| (key, value)));
            }
            if let Some(value) = value {
                return Some(Ok((key, value)));
            }
        }
    }
}

/// Returns the least key greater than every key with a prefix, or `None` if there is no such key.
fn prefix_end(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte < u8::MAX)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}
