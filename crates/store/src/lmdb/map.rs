//! The memory map: opened to write or to read, grown before it is full, and copied.

use super::directory::DATA_FILE;
use super::layout::Tables;
use super::reads::Snapshot;
use crate::Fault;
use crate::error::OpenError;
use heed::{CompactionOption, Env, EnvFlags, EnvOpenOptions, MdbError, RwTxn, WithoutTls};
use std::fs::{File, OpenOptions};
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

/// How many may read at once, in all processes. Whoever opens the directory first lays out room for so many.
const READERS: u32 = 1024;

/// Every so many commits it is looked whether somebody who read was killed.
const LOOK_EVERY: usize = 64;

impl Map {
    /// Opens a directory that nobody else writes.
    pub(super) fn open(path: &Path, size: usize) -> Result<Map, OpenError> {
        let held = length(path);
        let env = open(path, size.max(held.saturating_add(held / 2)), EnvFlags::empty())?;
        let page = env.unnamed_database_stat().page_size as usize;
        if held > 0 {
            mend_length(path, expected_length(&env, page))?;
        }
        let tables = Tables::open(&env).map_err(|error| refused(path, &error))?;
        Ok(Map { env, tables, page, growing: RwLock::new(()) })
    }

    /// Opens a directory that another process may write meanwhile, with room for what that adds.
    pub(super) fn open_to_read(path: &Path) -> Result<Map, OpenError> {
        let held = length(path);
        let env = open(path, held.saturating_mul(2).saturating_add(SLACK), EnvFlags::READ_ONLY)?;
        let page = env.unnamed_database_stat().page_size as usize;
        // It is looked at in this order: the pages of a commit are in the file before the commit is told.
        missing(path, expected_length(&env, page))?;
        let tables = Tables::open_to_read(&env).map_err(|error| refused(path, &error))?;
        Ok(Map { env, tables, page, growing: RwLock::new(()) })
    }

    /// Asks a question of this moment's truth. The pages that it sees are kept until it is answered, so that the file grows
    /// by whatever is written meanwhile; and as long the map of this process cannot grow.
    pub(super) fn read<T>(&self, ask: impl FnOnce(Snapshot<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        loop {
            let held = self.growing.read().unwrap_or_else(PoisonError::into_inner);
            match self.env.read_txn() {
                Ok(txn) => return ask(Snapshot::new(&txn, &self.tables)),
                // Whoever writes has outgrown the map of this process.
                Err(heed::Error::Mdb(MdbError::MapResized)) => drop(held),
                Err(error) => return Err(error.into()),
            }
            self.remap(|size| size.max(length(self.env.path())).saturating_mul(2))?;
        }
    }

    /// Copies what this moment's truth takes into a file.
    pub(super) fn copy(&self, to: &mut File) -> Result<(), Fault> {
        let _held = self.growing.read().unwrap_or_else(PoisonError::into_inner);
        Ok(self.env.copy_to_file(to, CompactionOption::Enabled)?)
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
        if info.last_txn_id.is_multiple_of(LOOK_EVERY) {
            self.let_readers_go();
        }
        let used = (info.last_page_number + 1).saturating_mul(self.page);
        if used > info.map_size / 4 * 3 { self.grow() } else { Ok(()) }
    }

    /// Doubles the map. The one writer's alone, between its writes.
    pub(super) fn grow(&self) -> Result<(), Fault> {
        let size = self.remap(|size| size.saturating_mul(2))?;
        tracing::info!(mib = size >> 20, "the map grew");
        Ok(())
    }

    /// Gives up the pages that were kept for processes which were killed while they read.
    fn let_readers_go(&self) {
        if let Ok(readers @ 1..) = self.env.clear_stale_readers() {
            tracing::info!(readers, "who read was killed, and is waited for no more");
        }
    }

    /// Makes the map another size. Nobody writes meanwhile.
    fn remap(&self, size: impl FnOnce(usize) -> usize) -> Result<usize, Fault> {
        let _alone = self.growing.write().unwrap_or_else(PoisonError::into_inner);
        let size = pages(size(self.env.info().map_size));
        // SAFETY: no transaction of this process is active: those who read hold `growing`, and if there is a writer, it is
        // here. Maps of other processes are their own.
        #[expect(unsafe_code, reason = "LMDB does not check that nobody reads; `growing` does")]
        unsafe { self.env.resize(size) }?;
        Ok(size)
    }
}

fn open(path: &Path, size: usize, flags: EnvFlags) -> Result<Env<WithoutTls>, OpenError> {
    let mut options = EnvOpenOptions::new().read_txn_without_tls();
    options.map_size(pages(size)).max_dbs(Tables::COUNT).max_readers(READERS);
    // SAFETY: the directory is ours (`Directory`), and this process opens it once. Its file is changed by LMDB alone: by this
    // process, which holds the directory's lock; or by the one that does, while this one reads, and then LMDB's own lock file
    // keeps every page that is read. Where that file cannot be had, `Reading` holds the lock. The flags change none of this.
    #[expect(unsafe_code, reason = "LMDB maps a file, which others could change; see above why they do not")]
    let env = unsafe { options.flags(flags).open(path) }.map_err(|error| refused(path, &error))?;
    Ok(env)
}

fn refused(path: &Path, error: &heed::Error) -> OpenError {
    OpenError::Engine(path.to_owned(), error.to_string())
}

/// How long the file is; 0 if there is none.
fn length(path: &Path) -> usize {
    std::fs::metadata(path.join(DATA_FILE))
        .map_or(0, |file| usize::try_from(file.len()).unwrap_or(usize::MAX))
}

/// How long the file should be.
fn expected_length(env: &Env<WithoutTls>, page: usize) -> u64 {
    (env.info().last_page_number + 1).saturating_mul(page) as u64
}

/// Sees to it that the file is as long as it says, as reading behind the end of a mapped file ends the process.
fn mend_length(path: &Path, expected: u64) -> Result<(), OpenError> {
    let missing = missing(path, expected)?;
    if missing == 0 {
        return Ok(());
    }
    let failed = |error| OpenError::Io(path.join(DATA_FILE), error);
    tracing::warn!(missing, expected, "the data file was a little short, and is lengthened");
    let file = OpenOptions::new().write(true).open(path.join(DATA_FILE)).map_err(failed)?;
    file.set_len(expected).map_err(failed)
}

/// How much of the file is missing at its end. Pages that were taken and given back before they were written may be, and
/// nobody reads them; more than a few, and it was cut.
fn missing(path: &Path, expected: u64) -> Result<u64, OpenError> {
    let found = std::fs::metadata(path.join(DATA_FILE))
        .map_err(|error| OpenError::Io(path.join(DATA_FILE), error))?
        .len();
    let missing = expected.saturating_sub(found);
    if missing > MISSING_AT_MOST.min(expected / 16) {
        return Err(OpenError::CutShort { path: path.to_owned(), file: DATA_FILE, expected, found });
    }
    Ok(missing)
}

/// By how much more than twice the file may outgrow the map of who reads before it is mapped anew.
const SLACK: usize = 1 << 30;

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
