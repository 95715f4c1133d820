//! LMDB environments: opening, map sizes, the id of the store, and errors.

use super::encoding::{self, Table, Tables};
use super::wal::StoreId;
use super::{data_file, lock_file};
use crate::StorageError;
use crate::encryption::fill_random;
use crate::error::OpenError;
use heed::{Env, EnvFlags, EnvOpenOptions, MdbError, WithoutTls};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// The largest number of concurrent readers, in all processes. The process that creates LMDB's lock file reserves
/// their slots.
const MAX_READERS: u32 = 1024;

/// The room of a read-only map beyond twice the length of the data file, in bytes. A file that outgrows it is
/// mapped again.
const READ_ONLY_SLACK: usize = 1 << 30;

/// The granularity of map sizes, in bytes: a multiple of the page size of every supported system.
const MAP_GRANULARITY: usize = 1 << 16;

/// The size of the map of a reader. It has room for growth.
pub(super) fn read_only_map_size(dir: &Path) -> usize {
    data_file::len(dir).saturating_mul(2).saturating_add(READ_ONLY_SLACK)
}

pub(super) fn open_env(dir: &Path, map_size: usize, flags: EnvFlags) -> Result<Env<WithoutTls>, OpenError> {
    if !flags.contains(EnvFlags::READ_ONLY) {
        lock_file::replace_if_copied(dir, MAX_READERS)?;
    }
    loop {
        lock_file::allocate(dir, MAX_READERS)?;
        let lock_file = lock_file::identity(dir);
        let env = open_env_once(dir, map_size, flags)?;
        // The writer may have replaced the lock file meanwhile, and would not see a reader in the former one.
        if lock_file::identity(dir) == lock_file {
            return Ok(env);
        }
    }
}

fn open_env_once(dir: &Path, map_size: usize, flags: EnvFlags) -> Result<Env<WithoutTls>, OpenError> {
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

/// Writes the random id of a new store, in two transactions: then both meta pages of LMDB have it.
pub(super) fn create_store_id(env: &Env<WithoutTls>, tables: &Tables) -> Result<(), StorageError> {
    let mut id = [0; StoreId::LEN];
    fill_random(&mut id);
    for _ in 0..2 {
        let mut txn = env.write_txn()?;
        tables.put(&mut txn, Table::Meta, encoding::STORE_ID, &id)?;
        txn.commit()?;
    }
    Ok(())
}

pub(super) fn read_store_id(env: &Env<WithoutTls>, tables: &Tables) -> Result<StoreId, StorageError> {
    let txn = env.read_txn()?;
    let bytes = tables.get(&txn, Table::Meta, encoding::STORE_ID)?;
    let id = bytes.and_then(|bytes| bytes.try_into().ok()).map(StoreId);
    encoding::decoded("the id of the store", id)
}

pub(super) fn engine_error(dir: &Path, error: heed::Error) -> OpenError {
    OpenError::Engine(dir.to_owned(), error.into())
}

pub(super) fn round_map_size(size: usize) -> usize {
    size.next_multiple_of(MAP_GRANULARITY)
}

impl From<heed::Error> for StorageError {
    fn from(error: heed::Error) -> StorageError {
        match error {
            heed::Error::Mdb(MdbError::MapFull) => StorageError::MapFull,
            heed::Error::Mdb(MdbError::Panic) => StorageError::NeedsReopen(Arc::new(error)),
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
