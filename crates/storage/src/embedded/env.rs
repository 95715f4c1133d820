//! The LMDB environment: opened for writing or reading, resized before it is full, and backed up.

use super::data_file;
use super::encoding::{self, Table, Tables};
use super::memtable::Memtable;
use super::queries::Queries;
use super::snapshot::{MemState, Snapshot};
use super::transaction::EmbeddedTransaction;
use super::wal::{self, Recovered, Wal};
use crate::StorageError;
use crate::error::OpenError;
use heed::{CompactionOption, Env, EnvFlags, EnvOpenOptions, MdbError, RwTxn, WithoutTls};
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

/// The largest number of concurrent readers, in all processes. The process that creates LMDB's lock file reserves
/// their slots.
const MAX_READERS: u32 = 1024;

/// The room of a read-only map beyond twice the length of the data file, in bytes. A file that outgrows it is
/// mapped again.
const READ_ONLY_SLACK: usize = 1 << 30;

/// The granularity of map sizes, in bytes: a multiple of the page size of every supported system.
const MAP_GRANULARITY: usize = 1 << 16;

/// An open LMDB environment, and the writes that it does not have yet.
#[derive(Debug)]
pub(super) struct LmdbEnv {
    env: Env<WithoutTls>,
    tables: Tables,
    /// In bytes.
    page_size: usize,
    /// Held for reading during every read transaction, and for writing during a resize: LMDB allows no reader then.
    resize_lock: RwLock<()>,
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
    /// Opens the environment and the WAL of a directory that no other process writes.
    pub(super) fn open(dir: &Path, map_size: usize) -> Result<(LmdbEnv, Wal), OpenError> {
        let file_len = data_file::len(dir);
        // Reads are scattered, so read-ahead would load pages that no query needs.
        let flags = EnvFlags::NO_READ_AHEAD;
        let env = open_env(dir, map_size.max(file_len.saturating_add(file_len / 2)), flags)?;
        let page_size = env.unnamed_database_stat().page_size as usize;
        if file_len > 0 {
            data_file::extend_if_short(dir, data_file::expected_len(&env, page_size))?;
        }
        let tables = Tables::open(&env).map_err(|error| engine_error(dir, error))?;
        let mem_state = MemState { tree_txn_id: env.info().last_txn_id, ..MemState::default() };
        let mem_source = MemSource::Memtables(RwLock::new(Arc::new(mem_state)));
        let env = LmdbEnv { env, tables, page_size, resize_lock: RwLock::new(()), mem_source };
        let wal = env.recover(dir).map_err(|error| OpenError::Engine(dir.to_owned(), error.into()))?;
        Ok((env, wal))
    }

    /// Opens the environment of a directory that another process may write meanwhile. The map has room for growth.
    pub(super) fn open_read_only(dir: &Path) -> Result<LmdbEnv, OpenError> {
        let map_size = data_file::len(dir).saturating_mul(2).saturating_add(READ_ONLY_SLACK);
        let env = open_env(dir, map_size, EnvFlags::READ_ONLY)?;
        let page_size = env.unnamed_database_stat().page_size as usize;
        // The expected length is read before the file's: a commit writes its pages before it publishes them.
        data_file::missing_tail(dir, data_file::expected_len(&env, page_size))?;
        let tables = Tables::open_read_only(&env).map_err(|error| engine_error(dir, error))?;
        let (resize_lock, mem_source) = (RwLock::new(()), MemSource::WalReplay);
        Ok(LmdbEnv { env, tables, page_size, resize_lock, mem_source })
    }

    /// Replays the records of the WAL that are not checkpointed yet.
    fn recover(&self, dir: &Path) -> Result<Wal, StorageError> {
        let (wal, mem_state) = self.with_snapshot(|snapshot| {
            let recovered = wal::recover(dir, snapshot.checkpointed_lsn()?)?;
            if !recovered.records.is_empty() {
                tracing::info!(records = recovered.records.len(), "replayed the WAL");
            }
            let wal = Wal::open(dir, &recovered)?;
            let snapshot = EmbeddedTransaction::replay(snapshot, &recovered.records)?;
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
                work(EmbeddedTransaction::replay(snapshot, &recovered.records)?)
            });
        };
        loop {
            let _shared = self.resize_lock.read().unwrap_or_else(PoisonError::into_inner);
            let mem_state = Arc::clone(&mem_state.read().unwrap_or_else(PoisonError::into_inner));
            let txn = self.env.read_txn()?;
            // More than one checkpoint may have completed between the two lines above.
            if mem_state.is_based_on(txn.id()) {
                return work(Snapshot { txn, tables: &self.tables, mem_state });
            }
        }
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
        match self.env.read_txn() {
            Ok(txn) => {
                let mem_state = Arc::new(MemState { tree_txn_id: txn.id(), ..MemState::default() });
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
            let lsn = snapshot.checkpointed_lsn()?;
            let recovered = wal::recover(self.env.path(), lsn);
            // `resize_lock` is held already. A second acquisition would deadlock if a resize waits in between.
            let lsn_now = self.try_read()?.map(|snapshot| snapshot.checkpointed_lsn()).transpose()?;
            if lsn_now == Some(lsn) {
                break (guard, snapshot, recovered?);
            }
        };
        work(snapshot, recovered)
    }

    /// Writes a compacted copy of the LMDB tree to a file, and the WAL after its checkpoint into `dir`. Returns the
    /// size of that WAL.
    pub(super) fn backup(&self, file: &mut File, dir: &Path) -> Result<u64, StorageError> {
        let (lsn, recovered) =
            self.with_tree_and_wal(|snapshot, recovered| Ok((snapshot.checkpointed_lsn()?, recovered)))?;
        // The copied tree may have a later checkpoint by now, never an earlier one: replay skips the records that
        // it has.
        let _shared = self.resize_lock.read().unwrap_or_else(PoisonError::into_inner);
        self.env.copy_to_file(file, CompactionOption::Enabled)?;
        Ok(wal::write_backup(dir, &recovered, lsn)?)
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
            MemState { active: Memtable::default(), immutable, tree_txn_id: state.tree_txn_id }
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

    /// Applies an immutable memtable to LMDB, records the last LSN that it holds, and makes both durable in one
    /// transaction.
    pub(super) fn apply_checkpoint(&self, immutable: &Memtable, lsn: u64) -> Result<(), StorageError> {
        self.clear_stale_readers();
        loop {
            self.ensure_capacity()?;
            match self.try_checkpoint(immutable, lsn) {
                Err(StorageError::MapFull) => self.double_map()?,
                Err(error) => return Err(error),
                Ok(tree_txn_id) => {
                    self.update_mem_state(|state| MemState {
                        active: state.active.clone(),
                        immutable: Arc::default(),
                        tree_txn_id,
                    });
                    return Ok(());
                }
            }
        }
    }

    fn try_checkpoint(&self, immutable: &Memtable, lsn: u64) -> Result<usize, StorageError> {
        let (mut txn, tables) = self.begin_write()?;
        for (table, key, value) in immutable.entries() {
            let db = tables.db(table);
            match value {
                Some(value) => db.put(&mut txn, key, value)?,
                None => drop(db.delete(&mut txn, key)?),
            }
        }
        tables.db(Table::Meta).put(&mut txn, encoding::CHECKPOINT_LSN, &lsn.to_be_bytes())?;
        let id = txn.id();
        txn.commit()?;
        Ok(id)
    }

    /// Begins a write transaction of LMDB. There is one writer, so it never waits.
    pub(super) fn begin_write(&self) -> Result<(RwTxn<'_>, &Tables), StorageError> {
        Ok((self.env.write_txn()?, &self.tables))
    }

    /// The size of the data file, in bytes.
    pub(super) fn disk_size(&self) -> Result<u64, StorageError> {
        Ok(self.env.real_disk_size()?)
    }

    /// Doubles the map if more than three quarters of it are in use.
    pub(super) fn ensure_capacity(&self) -> Result<(), StorageError> {
        let info = self.env.info();
        let used = (info.last_page_number + 1).saturating_mul(self.page_size);
        if used > info.map_size / 4 * 3 { self.double_map() } else { Ok(()) }
    }

    /// Doubles the map. No write transaction may be open.
    fn double_map(&self) -> Result<(), StorageError> {
        let size = self.resize(|size| size.saturating_mul(2))?;
        tracing::info!(mib = size >> 20, "resized LMDB map");
        Ok(())
    }

    /// Releases the pages that are held for killed readers.
    fn clear_stale_readers(&self) {
        if let Ok(readers @ 1..) = self.env.clear_stale_readers() {
            tracing::info!(readers, "cleared stale LMDB readers");
        }
    }

    /// Resizes the map. No write transaction may be open.
    fn resize(&self, size: impl FnOnce(usize) -> usize) -> Result<usize, StorageError> {
        let _exclusive = self.resize_lock.write().unwrap_or_else(PoisonError::into_inner);
        let size = round_map_size(size(self.env.info().map_size));
        // SAFETY: no transaction of this process is active. Readers hold `resize_lock`. The only thread that writes
        // to LMDB is this one, and it has no open transaction. Maps of other processes are their own.
        #[expect(
            unsafe_code,
            reason = "LMDB does not check for active readers; `resize_lock` excludes them"
        )]
        unsafe { self.env.resize(size) }?;
        Ok(size)
    }
}

fn open_env(dir: &Path, map_size: usize, flags: EnvFlags) -> Result<Env<WithoutTls>, OpenError> {
    let mut options = EnvOpenOptions::new().read_txn_without_tls();
    options.map_size(round_map_size(map_size)).max_dbs(Tables::COUNT).max_readers(MAX_READERS);
    // SAFETY: the directory is a data directory (`DataDir`), and this process opens it once. Only LMDB changes its
    // file. The writer is this process, which holds the directory's lock, or the process that does. A reader in
    // this process is protected from that one by LMDB's lock file. On a read-only file system `ReadOnlyDataDir`
    // holds the directory's lock instead. The flags change none of this.
    #[expect(unsafe_code, reason = "LMDB maps a file, which others could change; see above why they do not")]
    let env = unsafe { options.flags(flags).open(dir) }.map_err(|error| engine_error(dir, error))?;
    Ok(env)
}

fn engine_error(dir: &Path, error: heed::Error) -> OpenError {
    OpenError::Engine(dir.to_owned(), error.into())
}

fn round_map_size(size: usize) -> usize {
    size.next_multiple_of(MAP_GRANULARITY)
}

impl From<heed::Error> for StorageError {
    fn from(error: heed::Error) -> StorageError {
        match error {
            heed::Error::Mdb(heed::MdbError::MapFull) => StorageError::MapFull,
            // Reads are of mapped memory, so a system error is about a write. A write that was cut short for lack
            // of space is reported as a device error.
            heed::Error::Io(error) => StorageError::io(error),
            error => StorageError::engine(error),
        }
    }
}

impl From<io::Error> for StorageError {
    fn from(error: io::Error) -> StorageError {
        match error.kind() {
            io::ErrorKind::InvalidData => StorageError::corrupted("the WAL", error),
            _ => StorageError::io(error),
        }
    }
}

#[cfg(test)]
mod tests;
