//! One moment's truth: the tree, and over it what was written since the tree last took something in.

use super::layer::{Known, Layer};
use super::layout::{Table, Tables};
use super::roll::Look;
use crate::StorageError;
use guanxi_types::Order;
use heed::{AnyTls, RoTxn};
use std::iter::Peekable;
use std::ops::Bound;

/// A moment's truth.
#[derive(Clone, Copy)]
pub(super) struct View<'t> {
    /// The newest first.
    pub(super) layers: [&'t Layer; 2],
    pub(super) txn: &'t RoTxn<'t, AnyTls>,
    pub(super) tables: &'t Tables,
}

type Bounds<'b> = (Bound<&'b [u8]>, Bound<&'b [u8]>);

impl<'t> View<'t> {
    /// The value of a key.
    pub(super) fn get(&self, table: Table, key: &[u8]) -> Result<Option<&'t [u8]>, StorageError> {
        for layer in self.layers {
            if let Some(known) = layer.get(table, key) {
                return Ok(known.as_deref());
            }
        }
        Ok(self.tables.tree(table).get(self.txn, key)?)
    }

    /// What a table has between two bounds, in their order or from their end.
    pub(super) fn range(
        &self,
        table: Table,
        bounds: Bounds<'_>,
        order: Order,
    ) -> Result<Entries<'t>, StorageError> {
        let tree = self.tables.tree(table);
        let tree: FromTree<'t> = match order {
            Order::Asc => Box::new(tree.range(self.txn, &bounds)?),
            Order::Desc => Box::new(tree.rev_range(self.txn, &bounds)?),
        };
        let layers = self.layers.map(|layer| -> FromLayer<'t> {
            match (layer.range(table, bounds), order) {
                (None, _) => Box::new(std::iter::empty()),
                (Some(known), Order::Asc) => Box::new(known),
                (Some(known), Order::Desc) => Box::new(known.rev()),
            }
        });
        Ok(Entries { layers: layers.map(Iterator::peekable), tree: tree.peekable(), order })
    }

    /// Everything whose key begins so.
    pub(super) fn prefix(
        &self,
        table: Table,
        prefix: &[u8],
        order: Order,
    ) -> Result<Entries<'t>, StorageError> {
        let end = behind(prefix);
        let end = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        self.range(table, (Bound::Included(prefix), end), order)
    }

    /// A whole table.
    pub(super) fn all(&self, table: Table) -> Result<Entries<'t>, StorageError> {
        self.range(table, (Bound::Unbounded, Bound::Unbounded), Order::Asc)
    }
}

type FromLayer<'t> = Box<dyn Iterator<Item = Known<'t>> + 't>;
type FromTree<'t> = Box<dyn Iterator<Item = heed::Result<(&'t [u8], &'t [u8])>> + 't>;

/// Keys and values in order. What a layer knows of a key wins over older layers, and over the tree.
pub(super) struct Entries<'t> {
    layers: [Peekable<FromLayer<'t>>; 2],
    tree: Peekable<FromTree<'t>>,
    order: Order,
}

impl<'t> Entries<'t> {
    /// The key that comes next.
    fn key(&mut self) -> Option<&'t [u8]> {
        let of_tree = self.tree.peek().and_then(|entry| entry.as_ref().ok()).map(|(key, _)| *key);
        let of_layers = self.layers.each_mut().map(|layer| layer.peek().map(|(key, _)| *key));
        let keys = of_layers.into_iter().chain([of_tree]).flatten();
        if self.order == Order::Asc { keys.min() } else { keys.max() }
    }
}

impl<'t> Iterator for Entries<'t> {
    type Item = Result<(&'t [u8], &'t [u8]), StorageError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(fault) = self.tree.next_if(Result::is_err) {
                return Some(fault.map_err(StorageError::from));
            }
            let key = self.key()?;
            let of_tree = self.tree.next_if(|entry| entry.as_ref().is_ok_and(|(other, _)| *other == key));
            let mut value = of_tree.and_then(Result::ok).map(|(_, value)| value);
            for layer in self.layers.iter_mut().rev() {
                if let Some((_, known)) = layer.next_if(|(other, _)| *other == key) {
                    value = known;
                }
            }
            if let Some(value) = value {
                return Some(Ok((key, value)));
            }
        }
    }
}

impl Look for View<'_> {
    fn look(&self, key: &[u8]) -> Result<Option<&[u8]>, StorageError> {
        self.get(Table::Chain, key)
    }
}

/// The least key behind all that begin so; none if there is none.
fn behind(prefix: &[u8]) -> Option<Vec<u8>> {
    let at = prefix.iter().rposition(|byte| *byte < u8::MAX)?;
    let mut end = prefix[..=at].to_vec();
    end[at] += 1;
    Some(end)
}
