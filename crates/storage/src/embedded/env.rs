//! The LMDB environment: opened for writing or reading, resized before it is full, and backed up.

mod map_size;

use super::data_pages::meta;
use super::disk::{Disk, RealDisk};
use super::encoding::{self, Table, Tables};
use super::memtable::Memtable;
use super::open_env::{create_store_id, engine_error, open_env, read_only_map_size, read_store_id};
use super::queries::Queries;
use super::snapshot::{MemState, ReadTxn, Snapshot};
use super::transaction::EmbeddedTransaction;
use super::wal::{self, Record, Recovered, StoreId, Wal, WalPosition};
use super::{data_file, file_check, snapshot};
use crate::StorageError;
use crate::error::OpenError;
use heed::{CompactionOption, Env, EnvFlags, MdbError, RwTxn, WithoutTls};
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use tokio::sync::watch;

/// An open LMDB environment, and the writes that it does not have yet.
#[derive(Debug)]
pub(super) struct LmdbEnv {
    env: Env<WithoutTls>,
    tables: Tables,
    /// In bytes.
    page_size: usize,
    /// The directory, for the files of the WAL.
    disk: Arc<dyn Disk>,
    store_id: StoreId,
    /// Held for reading during every read transaction, and for writing during a resize: LMDB allows no reader then.
    resize_lock: RwLock<()>,
    resize_requests: watch::Sender<()>,
    mem_source: MemSource,
}

/// The source of the writes that are not checkpointed yet.
#[derive(Debug)]
enum MemSource {
    /// This process is the writer, and has them in its memtables.
    Memtables(RwLock<Arc<MemState>>),
    /// Another process may be the writer, so every query replays the WAL.
    WalReplay,
}

impl LmdbEnv {
    /// Opens the environment and the WAL of a directory that no other process writes. `disk` has the files of the
    /// WAL.
    pub(super) fn open(
        dir: &Path,
        disk: Arc<dyn Disk>,
        map_size: usize,
    ) -> Result<(LmdbEnv, Wal), OpenError> {
        let file_len = data_file::len(dir);
        // Reads are scattered, so read-ahead would load pages that no query needs.
        let flags = EnvFlags::NO_READ_AHEAD;
        let is_repaired = file_len > 0 && file_check::prepare_for_writing(dir, &*disk)?;
        let env = open_env(dir, map_size.max(file_len.saturating_add(file_len / 2)), flags)?;
        let page_size = env.unnamed_database_stat().page_size as usize;
        if file_len > 0 {
            data_file::extend_if_short(dir, data_file::expected_len(&env, page_size))?;
        }
        let tables = Tables::open(&env).map_err(|error| engine_error(dir, error))?;
        let failed = |error: StorageError| OpenError::Engine(dir.to_owned(), error.into());
        if file_len == 0 {
            create_store_id(&env, &tables).map_err(failed)?;
        }
        let store_id = read_store_id(&env, &tables).map_err(failed)?;
        let mem_state = MemState { tree_txn_id: env.info().last_txn_id, ..MemState::default() };
        let mem_source = MemSource::Memtables(RwLock::new(Arc::new(mem_state)));
        let (resize_lock, resize_requests) = (RwLock::new(()), watch::Sender::new(()));
        let env =
            LmdbEnv { env, tables, page_size, disk, store_id, resize_lock, resize_requests, mem_source };
        if is_repaired {
            env.commit_unchanged().map_err(failed)?;
        }
        let wal = env.recover().map_err(failed)?;
        Ok((env, wal))
    }

    /// Opens the environment of a directory that another process may write meanwhile. The map has room for growth.
    pub(super) fn open_read_only(dir: &Path, disk: Arc<dyn Disk>) -> Result<LmdbEnv, OpenError> {
        file_check::prepare_for_reading(dir)?;
        let env = open_env(dir, read_only_map_size(dir), EnvFlags::READ_ONLY)?;
        let page_size = env.unnamed_database_stat().page_size as usize;
        // The expected length is read before the file's: a commit writes its pages before it publishes them.
        data_file::missing_tail(dir, data_file::expected_len(&env, page_size))?;
        let tables = Tables::open_read_only(&env).map_err(|error| engine_error(dir, error))?;
        let store_id =
            read_store_id(&env, &tables).map_err(|error| OpenError::Engine(dir.to_owned(), error.into()))?;
        let (resize_lock, resize_requests) = (RwLock::new(()), watch::Sender::new(()));
        let mem_source = MemSource::WalReplay;
        Ok(LmdbEnv { env, tables, page_size, disk, store_id, resize_lock, resize_requests, mem_source })
    }

    /// Replays the records of the WAL that are not checkpointed yet.
    fn recover(&self) -> Result<Wal, StorageError> {
        let (wal, mem_state) = self.with_snapshot(|snapshot| {
            let recovered = wal::recover(&*self.disk, self.store_id, snapshot.checkpoint()?)?;
            if recovered.records().next().is_some() {
                tracing::info!(records = recovered.records().count(), "replayed the WAL");
            }
            let wal = Wal::open(Arc::clone(&self.disk), self.store_id, &recovered)?;
            let snapshot = EmbeddedTransaction::replay(snapshot, recovered.records())?;
            Ok((wal, snapshot.mem_state))
        })?;
        self.update_mem_state(|_| (*mem_state).clone());
        Ok(wal)
    }

    /// Runs a query on a new snapshot.
    pub(super) fn query<T>(
        &self,
        query: impl FnOnce(Queries<'_>) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        self.with_snapshot(|snapshot| query(Queries::new(snapshot.view())))
    }

    /// Runs `work` on a new snapshot. LMDB reuses no page of the snapshot meanwhile, so writes make the file grow.
    /// The map of this process cannot be resized meanwhile.
    pub(super) fn with_snapshot<T>(
        &self,
        work: impl FnOnce(Snapshot<'_>) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let MemSource::Memtables(mem_state) = &self.mem_source else {
            return self.with_tree_and_wal(|snapshot, recovered| {
                work(EmbeddedTransaction::replay(snapshot, recovered.records())?)
            });
        };
        loop {
            let _shared = self.resize_lock.read().unwrap_or_else(PoisonError::into_inner);
            let mem_state = Arc::clone(&mem_state.read().unwrap_or_else(PoisonError::into_inner));
            let txn = ReadTxn::begin(&self.env, &mem_state.idle_txns)?;
            // More than one checkpoint may have completed between the two lines above.
            if mem_state.is_based_on(txn.id()) {
                return work(Snapshot { txn, tables: &self.tables, mem_state });
            }
        }
    }

    /// Runs a query on the state that a restart would recover, if its WAL were on another disk.
    #[cfg(test)]
    pub(super) fn query_recovered<T>(
        &self,
        disk: &dyn Disk,
        query: impl FnOnce(Queries<'_>) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let (_guard, snapshot) = self.read_tree()?;
        let recovered = wal::recover(disk, self.store_id, snapshot.checkpoint()?)?;
        query(Queries::new(EmbeddedTransaction::replay(snapshot, recovered.records())?.view()))
    }

    /// Opens a snapshot of the LMDB tree without memtables. Returns it with the guard that prevents a resize.
    fn read_tree(&self) -> Result<(RwLockReadGuard<'_, ()>, Snapshot<'_>), StorageError> {
        loop {
            let guard = self.resize_lock.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(snapshot) = self.try_read()? {
                return Ok((guard, snapshot));
            }
            drop(guard);
            self.resize(|size| size.max(data_file::len(self.env.path())).saturating_mul(2))?;
        }
    }

    /// Opens a read transaction of LMDB. Returns `None` if another process resized the map beyond ours. The caller
    /// must hold `resize_lock`.
    fn try_read(&self) -> Result<Option<Snapshot<'_>>, StorageError> {
        let idle_txns = Arc::default();
        match ReadTxn::begin(&self.env, &idle_txns) {
            Ok(txn) => {
                let tree_txn_id = txn.id();
                let mem_state = Arc::new(MemState { tree_txn_id, idle_txns, ..MemState::default() });
                Ok(Some(Snapshot { txn, tables: &self.tables, mem_state }))
            }
            Err(heed::Error::Mdb(MdbError::MapResized)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Runs `work` on the LMDB tree and all WAL records after its checkpoint. The writer may complete a checkpoint
    /// and remove segments while the WAL is read. Then both are read again.
    fn with_tree_and_wal<T>(
        &self,
        work: impl FnOnce(Snapshot<'_>, Recovered) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let (_guard, snapshot, recovered) = loop {
            let (guard, snapshot) = self.read_tree()?;
            let checkpoint = snapshot.checkpoint()?;
            let recovered = wal::recover(&*self.disk, self.store_id, checkpoint);
            // `resize_lock` is held already. A second acquisition would deadlock if a resize waits in between.
            let checkpoint_now = self.try_read()?.map(|snapshot| snapshot.checkpoint()).transpose()?;
            if checkpoint_now == Some(checkpoint) {
                break (guard, snapshot, recovered?);
            }
        };
        work(snapshot, recovered)
    }

    /// Writes a compacted copy of the LMDB tree to a file, and the WAL after its checkpoint into `dir`. Returns the
    /// size of that WAL.
    pub(super) fn backup(&self, file: &mut File, dir: &Path) -> Result<u64, StorageError> {
        let recovered = self.with_tree_and_wal(|_, recovered| Ok(recovered))?;
        // The copied tree may have a later checkpoint by now, never an earlier one: replay skips the records that
        // it has.
        let _shared = self.resize_lock.read().unwrap_or_else(PoisonError::into_inner);
        self.env.copy_to_file(file, CompactionOption::Enabled)?;
        Ok(wal::write_backup(&RealDisk(dir.to_owned()), &recovered)?)
    }

    /// The LSN of the last WAL record that LMDB has.
    pub(super) fn checkpointed_lsn(&self) -> Result<u64, StorageError> {
        self.with_snapshot(|snapshot| Ok(snapshot.checkpoint()?.lsn))
    }

    pub(super) fn store_id(&self) -> StoreId {
        self.store_id
    }

    pub(super) fn path(&self) -> &Path {
        self.env.path()
    }

    /// Applies archived records. Only the thread that opened the environment may call this.
    pub(super) fn replay(&self, records: &[Record]) -> Result<(), StorageError> {
        let payloads = records.iter().map(|record| &record.payload[..]);
        let replayed = self.with_snapshot(|snapshot| {
            Ok(EmbeddedTransaction::replay(snapshot, payloads)?.active().clone())
        })?;
        self.publish(replayed);
        Ok(())
    }

    /// Makes replayed records durable. No segment of another copy continues this place.
    pub(super) fn checkpoint_replayed(&self, lsn: u64) -> Result<(), StorageError> {
        self.apply_checkpoint(&self.switch_memtable(), WalPosition::of_new_copy(lsn)?).map(drop)
    }

    /// Makes writes visible to new snapshots. Writer thread only.
    pub(super) fn publish(&self, active: Memtable) {
        self.update_mem_state(|state| MemState { active, ..state.clone() });
    }

    /// Makes the active memtable immutable for the next checkpoint, and starts a new one. Returns the immutable one.
    /// Only the writer thread may call this, while no other memtable is immutable.
    pub(super) fn switch_memtable(&self) -> Arc<Memtable> {
        self.update_mem_state(|state| {
            let immutable = Arc::new(state.active.clone());
            MemState { active: Memtable::default(), immutable, ..state.clone() }
        });
        self.mem_state().map(|state| Arc::clone(&state.immutable)).unwrap_or_default()
    }

    /// The approximate size of the active memtable, in bytes.
    pub(super) fn active_memtable_bytes(&self) -> usize {
        self.mem_state().map_or(0, |state| state.active.bytes())
    }

    fn mem_state(&self) -> Option<Arc<MemState>> {
        match &self.mem_source {
            MemSource::Memtables(state) => {
                Some(Arc::clone(&state.read().unwrap_or_else(PoisonError::into_inner)))
            }
            MemSource::WalReplay => None,
        }
    }

    fn update_mem_state(&self, next: impl FnOnce(&MemState) -> MemState) {
        if let MemSource::Memtables(state) = &self.mem_source {
            let mut state = state.write().unwrap_or_else(PoisonError::into_inner);
            let next = Arc::new(next(&state));
            let previous = std::mem::replace(&mut *state, next);
            drop(state);
            // Freeing a memtable takes time, so it happens after the lock is released.
            drop(previous);
        }
    }

    /// Applies an immutable memtable to LMDB, records the position of the last WAL record that it holds, and makes
    /// both durable in one transaction. Returns the LSN of the checkpoint before.
    pub(super) fn apply_checkpoint(
        &self,
        immutable: &Memtable,
        position: WalPosition,
    ) -> Result<u64, StorageError> {
        self.clear_stale_readers();
        loop {
            self.ensure_capacity()?;
            match self.try_checkpoint(immutable, position) {
                Err(StorageError::MapFull) => self.double_map()?,
                Err(error) => return Err(self.needs_reopen(error)),
                Ok((tree_txn_id, lsn_before)) => {
                    self.update_mem_state(|state| MemState {
                        active: state.active.clone(),
                        immutable: Arc::default(),
                        tree_txn_id,
                        idle_txns: Arc::default(),
                    });
                    return Ok(lsn_before);
                }
            }
        }
    }

    /// Returns the transaction, and the LSN of the checkpoint before.
    fn try_checkpoint(
        &self,
        immutable: &Memtable,
        position: WalPosition,
    ) -> Result<(usize, u64), StorageError> {
        let (mut txn, tables) = self.begin_write()?;
        let lsn_before = snapshot::checkpoint_of(&txn, tables)?.lsn;
        for (table, key, value) in immutable.entries() {
            match value {
                Some(value) => tables.put(&mut txn, table, key, value)?,
                None => tables.delete(&mut txn, table, key)?,
            }
        }
        tables.put(&mut txn, Table::Meta, encoding::CHECKPOINT, &position.to_bytes())?;
        Ok((self.commit(txn)?, lsn_before))
    }

    /// Commits a transaction that changes no value. LMDB then replaces the copy of a meta page by one of its own.
    fn commit_unchanged(&self) -> Result<(), StorageError> {
        let (mut txn, tables) = self.begin_write()?;
        tables.put(&mut txn, Table::Meta, encoding::STORE_ID, &self.store_id.0)?;
        let tree_txn_id = self.commit(txn)?;
        self.update_mem_state(|state| MemState { tree_txn_id, idle_txns: Arc::default(), ..state.clone() });
        Ok(())
    }

    /// Commits a transaction and seals its meta page. Returns the id of the transaction.
    pub(super) fn commit(&self, txn: RwTxn<'_>) -> Result<usize, StorageError> {
        let id = txn.id();
        txn.commit()?;
        if let Err(error) = meta::seal(self.env.path(), self.page_size, id as u64) {
            tracing::warn!(%error, "cannot seal the meta page, damage of it may go unnoticed until the next checkpoint");
        }
        Ok(id)
    }

    /// Returns the error of a write, as [`StorageError::NeedsReopen`] if LMDB accepts no further call. LMDB does so
    /// after a failed write of its meta page, as that page in memory may differ from the disk.
    fn needs_reopen(&self, error: StorageError) -> StorageError {
        match self.env.read_txn() {
            Err(heed::Error::Mdb(MdbError::Panic)) => {
                // Reads fail too, as they would with a new transaction.
                if let Some(state) = self.mem_state() {
                    state.idle_txns.close();
                }
                StorageError::NeedsReopen(Arc::new(error))
            }
            _ => error,
        }
    }

    /// Releases the pages that are held for killed readers.
    fn clear_stale_readers(&self) {
        if let Ok(readers @ 1..) = self.env.clear_stale_readers() {
            tracing::info!(readers, "cleared stale LMDB readers");
        }
    }

    /// Begins a write transaction of LMDB. There is one writer, so it never waits.
    pub(super) fn begin_write(&self) -> Result<(RwTxn<'_>, &Tables), StorageError> {
        Ok((self.env.write_txn()?, &self.tables))
    }

    /// The size of the data file, in bytes.
    pub(super) fn disk_size(&self) -> Result<u64, StorageError> {
        Ok(self.env.real_disk_size()?)
    }
}

#[cfg(test)]
mod tests;
