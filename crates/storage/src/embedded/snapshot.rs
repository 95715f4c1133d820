//! A consistent snapshot: an LMDB read transaction, and the memtables over it.

use super::encoding::{self, Table, Tables};
use super::memtable::Memtable;
use super::merge_iter::ReadView;
use super::wal::WalPosition;
use crate::StorageError;
use heed::{Env, RoTxn, WithoutTls};
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The writes that one version of the LMDB tree does not have.
#[derive(Clone, Debug, Default)]
pub(super) struct MemState {
    /// The newest writes.
    pub(super) active: Memtable,
    /// The immutable memtable that the running checkpoint applies. Empty if none runs.
    pub(super) immutable: Arc<Memtable>,
    /// The id of the LMDB transaction that both memtables are based on.
    pub(super) tree_txn_id: usize,
    /// The idle read transactions of that tree.
    pub(super) idle_txns: Arc<IdleTxns>,
}

/// Read transactions of one version of the LMDB tree without a reader. The next readers use them: the start of a
/// transaction locks the table of readers, and a new one looks up the root of each table again.
///
/// An idle transaction holds no page that the tree of its version does not have. All are dropped with the last
/// [`MemState`] of their version.
#[derive(Default)]
pub(super) struct IdleTxns(Mutex<IdleState>);

#[derive(Default)]
struct IdleState {
    txns: Vec<RoTxn<'static, WithoutTls>>,
    is_closed: bool,
}

impl IdleTxns {
    fn lock(&self) -> MutexGuard<'_, IdleState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<RoTxn<'static, WithoutTls>> {
        self.lock().txns.pop()
    }

    fn put(&self, txn: RoTxn<'static, WithoutTls>) {
        let mut state = self.lock();
        if !state.is_closed {
            state.txns.push(txn);
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.lock().txns.len()
    }

    /// Ends all transactions.
    pub(super) fn clear(&self) {
        self.lock().txns.clear();
    }

    /// Ends all transactions, and accepts no further ones: LMDB refuses every new transaction.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        state.txns.clear();
    }
}

impl fmt::Debug for IdleTxns {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("IdleTxns")
    }
}

/// A read transaction, which becomes idle at the end of its snapshot.
pub(super) struct ReadTxn {
    /// `None` during the drop.
    txn: Option<RoTxn<'static, WithoutTls>>,
    idle_txns: Arc<IdleTxns>,
}

impl ReadTxn {
    /// Uses an idle transaction, or begins one.
    pub(super) fn begin(env: &Env<WithoutTls>, idle_txns: &Arc<IdleTxns>) -> heed::Result<ReadTxn> {
        let txn = idle_txns.take().map_or_else(|| env.clone().static_read_txn(), Ok)?;
        Ok(ReadTxn { txn: Some(txn), idle_txns: Arc::clone(idle_txns) })
    }
}

impl Deref for ReadTxn {
    type Target = RoTxn<'static, WithoutTls>;

    fn deref(&self) -> &RoTxn<'static, WithoutTls> {
        self.txn.as_ref().expect("it is taken by the drop only")
    }
}

impl Drop for ReadTxn {
    fn drop(&mut self) {
        if let Some(txn) = self.txn.take() {
            self.idle_txns.put(txn);
        }
    }
}

impl MemState {
    /// True if this and the tree as of a transaction form one consistent snapshot. The tree may have the immutable
    /// memtable already: reading it twice gives the same values.
    pub(super) fn is_based_on(&self, tree_txn_id: usize) -> bool {
        tree_txn_id == self.tree_txn_id || (tree_txn_id == self.tree_txn_id + 1 && !self.immutable.is_empty())
    }
}

/// A consistent snapshot of the store.
pub(super) struct Snapshot<'e> {
    pub(super) txn: ReadTxn,
    pub(super) tables: &'e Tables,
    pub(super) mem_state: Arc<MemState>,
}

impl Snapshot<'_> {
    pub(super) fn active(&self) -> &Memtable {
        &self.mem_state.active
    }

    /// This snapshot with another active memtable.
    pub(super) fn view_with<'v>(&'v self, active: &'v Memtable) -> ReadView<'v> {
        ReadView { memtables: [active, &self.mem_state.immutable], txn: &self.txn, tables: self.tables }
    }

    pub(super) fn view(&self) -> ReadView<'_> {
        self.view_with(&self.mem_state.active)
    }

    /// The position of the last WAL record that LMDB has.
    pub(super) fn checkpoint(&self) -> Result<WalPosition, StorageError> {
        checkpoint_of(&self.txn, self.tables)
    }

    /// Replaces the memtables by one active memtable over the same tree.
    pub(super) fn with_active(self, active: Memtable) -> Self {
        let tree_txn_id = self.mem_state.tree_txn_id;
        let mem_state = Arc::new(MemState { active, tree_txn_id, ..MemState::default() });
        Snapshot { mem_state, ..self }
    }
}

/// Returns the position of the last WAL record that the tree of a transaction has.
pub(super) fn checkpoint_of(txn: &RoTxn<'_>, tables: &Tables) -> Result<WalPosition, StorageError> {
    let bytes = tables.get(txn, Table::Meta, encoding::CHECKPOINT)?;
    let decode = |bytes| encoding::decoded("the checkpoint", WalPosition::from_bytes(bytes));
    bytes.map_or(Ok(WalPosition::default()), decode)
}
