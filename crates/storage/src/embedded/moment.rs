//! A moment's truth: a transaction of the tree, and what was written and is not in that.

use super::layer::Layer;
use super::layout::{self, Table, Tables};
use super::view::View;
use crate::StorageError;
use heed::{RoTxn, WithoutTls};
use std::sync::Arc;

/// What is not in the tree of one transaction.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent {
    /// What was written last.
    pub(super) fresh: Layer,
    /// What was written before and is on its way into the tree.
    pub(super) frozen: Arc<Layer>,
    /// The number of the tree's transaction that both lie on.
    pub(super) tree: usize,
}

impl Recent {
    /// Whether this and the tree as of a transaction are one moment's truth. What is frozen may be in the tree already.
    pub(super) fn lies_on(&self, tree: usize) -> bool {
        tree == self.tree || (tree == self.tree + 1 && !self.frozen.is_empty())
    }
}

/// A moment's truth, held.
pub(super) struct Moment<'m> {
    pub(super) txn: RoTxn<'m, WithoutTls>,
    pub(super) tables: &'m Tables,
    pub(super) recent: Arc<Recent>,
}

impl Moment<'_> {
    pub(super) fn fresh(&self) -> &Layer {
        &self.recent.fresh
    }

    /// This moment as it is with other news.
    pub(super) fn under<'v>(&'v self, fresh: &'v Layer) -> View<'v> {
        View { layers: [fresh, &self.recent.frozen], txn: &self.txn, tables: self.tables }
    }

    pub(super) fn view(&self) -> View<'_> {
        self.under(&self.recent.fresh)
    }

    /// The last record of the log that is in the tree.
    pub(super) fn taken_in(&self) -> Result<u64, StorageError> {
        let bytes = self.tables.tree(Table::Next).get(&self.txn, layout::TAKEN_IN)?;
        let read = |bytes: &[u8]| bytes.try_into().ok().map(u64::from_be_bytes);
        bytes.map_or(Ok(0), |bytes| layout::whole("how far the log was taken in", read(bytes)))
    }

    /// This moment of a tree, with what was written since.
    pub(super) fn with(self, fresh: Layer) -> Self {
        let tree = self.recent.tree;
        Moment { recent: Arc::new(Recent { fresh, tree, ..Recent::default() }), ..self }
    }
}
