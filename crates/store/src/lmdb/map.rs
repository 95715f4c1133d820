//! The memory map: opened, and grown before it is full.

use super::directory::DATA_FILE;
use super::layout::Tables;
use super::reads::Snapshot;
use crate::Fault;
use crate::error::OpenError;
use heed::{Env, EnvOpenOptions, RwTxn, WithoutTls};
use std::fs::OpenOptions;
use std::path::Path;
use std::sync::{PoisonError, RwLock};

/// An open LMDB environment.
#[derive(Debug)]
pub(super) struct Map {
    env: Env<WithoutTls>,
    tables: Tables,
    /// The size of a page, in bytes.
    page: usize,
    /// Held for reading by every read transaction, for writing while the map grows: LMDB lets nobody read meanwhile.
    growing: RwLock<()>,
}

impl Map {
    pub(super) fn open(path: &Path, size: usize) -> Result<Map, OpenError> {
        let failed = |error: heed::Error| OpenError::Engine(path.to_owned(), error.to_string());
        let file = path.join(DATA_FILE);
        let held =
            std::fs::metadata(&file).map_or(0, |file| usize::try_from(file.len()).unwrap_or(usize::MAX));
        let mut options = EnvOpenOptions::new().read_txn_without_tls();
        options
            .map_size(pages(size.max(held.saturating_add(held / 2))))
            .max_dbs(Tables::COUNT)
            .max_readers(1024);
        // SAFETY: the directory is ours and locked for this process (`Directory`), nobody else maps its file, and this
        // process opens it once.
        #[expect(
            unsafe_code,
            reason = "LMDB maps a file, which others could change; see above why they do not"
        )]
        let env = unsafe { options.open(path) }.map_err(failed)?;
        let page = env.unnamed_database_stat().page_size as usize;
        if held > 0 {
            mend_length(path, (env.info().last_page_number + 1).saturating_mul(page) as u64)?;
        }
        let tables = Tables::open(&env).map_err(failed)?;
        Ok(Map { env, tables, page, growing: RwLock::new(()) })
    }

    /// Asks a question of this moment's truth.
    pub(super) fn read<T>(&self, ask: impl FnOnce(Snapshot<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        let _held = self.growing.read().unwrap_or_else(PoisonError::into_inner);
        let txn = self.env.read_txn()?;
        ask(Snapshot::new(&txn, &self.tables))
    }

    /// Begins a write. The one writer's alone.
    pub(super) fn write(&self) -> Result<(RwTxn<'_>, &Tables), Fault> {
        Ok((self.env.write_txn()?, &self.tables))
    }

    /// How much of the map is in use.
    pub(super) fn size(&self) -> Result<u64, Fault> {
        Ok(self.env.real_disk_size()?)
    }

    /// Doubles the map if three quarters of it are in use. The one writer's alone, between its writes.
    pub(super) fn make_room(&self) -> Result<(), Fault> {
        let info = self.env.info();
        let used = (info.last_page_number + 1).saturating_mul(self.page);
        if used > info.map_size / 4 * 3 { self.grow() } else { Ok(()) }
    }

    /// Doubles the map. The one writer's alone, between its writes.
    pub(super) fn grow(&self) -> Result<(), Fault> {
        let _alone = self.growing.write().unwrap_or_else(PoisonError::into_inner);
        let size = pages(self.env.info().map_size.saturating_mul(2));
        // SAFETY: no transaction is active: readers hold `growing`, and the one writer is here.
        #[expect(unsafe_code, reason = "LMDB does not check that nobody reads; `growing` does")]
        unsafe { self.env.resize(size) }?;
        tracing::info!(mib = size >> 20, "the map grew");
        Ok(())
    }
}

/// Sees to it that the file is as long as it says, as reading behind the end of a mapped file ends the process. Pages
/// that were taken and given back before they were written may be missing at its end; more than a few, and it was cut.
fn mend_length(path: &Path, expected: u64) -> Result<(), OpenError> {
    let failed = |error| OpenError::Io(path.join(DATA_FILE), error);
    let file = OpenOptions::new().write(true).open(path.join(DATA_FILE)).map_err(failed)?;
    let found = file.metadata().map_err(failed)?.len();
    if found >= expected {
        return Ok(());
    }
    if expected - found > MISSING_AT_MOST.min(expected / 16) {
        return Err(OpenError::CutShort { path: path.to_owned(), file: DATA_FILE, expected, found });
    }
    tracing::warn!(found, expected, "the data file was a little short, and is lengthened");
    file.set_len(expected).map_err(failed)
}

/// Some hundred pages; of a small file no more than a sixteenth.
const MISSING_AT_MOST: u64 = 1 << 20;

/// No smaller than any system's page, so that a map is whole pages everywhere.
const PAGE: usize = 1 << 16;

fn pages(size: usize) -> usize {
    size.next_multiple_of(PAGE)
}

impl From<heed::Error> for Fault {
    fn from(error: heed::Error) -> Fault {
        match error {
            heed::Error::Mdb(heed::MdbError::MapFull) => Fault::MapFull,
            // Reads are of mapped memory, so what the system says is about writing. A write that was cut short for want of
            // room comes as an error of the device.
            heed::Error::Io(error) => Fault::Disk(error.to_string()),
            error => Fault::Engine(error.to_string()),
        }
    }
}
