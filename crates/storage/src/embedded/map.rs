//! The memory map: opened to write or to read, grown before it is full, and copied.

use super::directory::DATA_FILE;
use super::layer::Layer;
use super::layout::{self, Table, Tables};
use super::log::{self, Log, Told};
use super::moment::{Moment, Recent};
use super::reads::Snapshot;
use super::txn::LmdbTxn;
use crate::StorageError;
use crate::cards::Cards;
use crate::error::OpenError;
use guanxi_types::Mid;
use heed::{CompactionOption, Env, EnvFlags, EnvOpenOptions, MdbError, RwTxn, WithoutTls};
use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

/// An open LMDB environment, and what was written and is not in its tree yet.
#[derive(Debug)]
pub(super) struct Map {
    env: Env<WithoutTls>,
    tables: Tables,
    cards: Cards,
    /// The size of a page, in bytes.
    page: usize,
    /// Held for reading by every read transaction, for writing while the map grows: LMDB lets nobody read meanwhile.
    growing: RwLock<()>,
    recent: Recently,
}

/// How what is not in the tree is known.
#[derive(Debug)]
enum Recently {
    /// This process writes it.
    Written(RwLock<Arc<Recent>>),
    /// Another may write it meanwhile, so the log is read with each question.
    Read,
}

/// How many may read at once, in all processes. Whoever opens the directory first lays out room for so many.
const READERS: u32 = 1024;

impl Map {
    /// Opens a directory that nobody else writes, and its log.
    pub(super) fn open(path: &Path, size: usize, cards: Cards) -> Result<(Map, Log), OpenError> {
        let held = length(path);
        // What is asked for lies here and there, and a page read ahead is one that nobody asked for.
        let flags = EnvFlags::NO_READ_AHEAD;
        let env = open(path, size.max(held.saturating_add(held / 2)), flags)?;
        let page = env.unnamed_database_stat().page_size as usize;
        if held > 0 {
            mend_length(path, expected_length(&env, page))?;
        }
        let tables = Tables::open(&env).map_err(|error| refused(path, &error))?;
        let recent = Recent { tree: env.info().last_txn_id, ..Recent::default() };
        let recent = Recently::Written(RwLock::new(Arc::new(recent)));
        let map = Map { env, tables, cards, page, growing: RwLock::new(()), recent };
        let log = map.recover(path).map_err(|fault| OpenError::Engine(path.to_owned(), fault.to_string()))?;
        Ok((map, log))
    }

    /// Opens a directory that another process may write meanwhile, with room for what that adds.
    pub(super) fn open_to_read(path: &Path) -> Result<Map, OpenError> {
        let held = length(path);
        let env = open(path, held.saturating_mul(2).saturating_add(SLACK), EnvFlags::READ_ONLY)?;
        let page = env.unnamed_database_stat().page_size as usize;
        // It is looked at in this order: the pages of a commit are in the file before the commit is told.
        missing(path, expected_length(&env, page))?;
        let tables = Tables::open_to_read(&env).map_err(|error| refused(path, &error))?;
        // Nobody would tell this process what the other one changes.
        let cards = Cards::new(0);
        Ok(Map { env, tables, cards, page, growing: RwLock::new(()), recent: Recently::Read })
    }

    /// Does again what the log tells and the tree has not taken in.
    fn recover(&self, path: &Path) -> Result<Log, StorageError> {
        let (log, recent) = self.now(|moment| {
            let told = log::read(path, moment.taken_in()?)?;
            if !told.records.is_empty() {
                tracing::info!(records = told.records.len(), "what the log tells is done again");
            }
            Ok((Log::open(path, &told)?, LmdbTxn::redone(moment, &told.records)?.recent))
        })?;
        self.become_of(|_| (*recent).clone());
        Ok(log)
    }

    /// Asks a question of this moment's truth.
    pub(super) fn read<T>(
        &self,
        ask: impl FnOnce(Snapshot<'_>) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        self.now(|moment| ask(Snapshot::new(moment.view())))
    }

    /// Does something at this moment. The pages that it sees are kept as long, so that the file grows by whatever is written
    /// meanwhile; and as long the map of this process cannot grow.
    pub(super) fn now<T>(
        &self,
        work: impl FnOnce(Moment<'_>) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let Recently::Written(recent) = &self.recent else {
            return self.told(|moment, told| work(LmdbTxn::redone(moment, &told.records)?));
        };
        loop {
            let _held = self.growing.read().unwrap_or_else(PoisonError::into_inner);
            let recent = Arc::clone(&recent.read().unwrap_or_else(PoisonError::into_inner));
            let txn = self.env.read_txn()?;
            // Between the two the tree may have taken more than one thing in.
            if recent.lies_on(txn.id()) {
                return work(Moment { txn, tables: &self.tables, recent });
            }
        }
    }

    /// The tree alone as it is now, and what keeps the map as it is.
    fn tree(&self) -> Result<(RwLockReadGuard<'_, ()>, Moment<'_>), StorageError> {
        loop {
            let held = self.growing.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(moment) = self.glance()? {
                return Ok((held, moment));
            }
            drop(held);
            self.remap(|size| size.max(length(self.env.path())).saturating_mul(2))?;
        }
    }

    /// The tree alone as it is now, for who keeps the map as it is; none if whoever writes has outgrown the map of this
    /// process.
    fn glance(&self) -> Result<Option<Moment<'_>>, StorageError> {
        match self.env.read_txn() {
            Ok(txn) => {
                let recent = Arc::new(Recent { tree: txn.id(), ..Recent::default() });
                Ok(Some(Moment { txn, tables: &self.tables, recent }))
            }
            Err(heed::Error::Mdb(MdbError::MapResized)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Does something with the tree, and all of the log that it has not taken in. Whoever writes takes in more meanwhile and
    /// removes that of the log: then both are read again.
    fn told<T>(
        &self,
        work: impl FnOnce(Moment<'_>, Told) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let (_held, moment, told) = loop {
            let (held, moment) = self.tree()?;
            let behind = moment.taken_in()?;
            let told = log::read(self.env.path(), behind);
            // The map is kept as it is already: who took `growing` twice would wait for ever if somebody wants to grow it.
            let now = self.glance()?.map(|moment| moment.taken_in()).transpose()?;
            if now == Some(behind) {
                break (held, moment, told?);
            }
        };
        work(moment, told)
    }

    /// Copies what this moment's truth takes into a file, and the log that belongs to it into its directory.
    pub(super) fn copy(&self, to: &mut File, directory: &Path) -> Result<u64, StorageError> {
        let (behind, told) = self.told(|moment, told| Ok((moment.taken_in()?, told)))?;
        // The tree that is copied may have taken in more by now, never less.
        let _held = self.growing.read().unwrap_or_else(PoisonError::into_inner);
        self.env.copy_to_file(to, CompactionOption::Enabled)?;
        Ok(log::copy(directory, &told, behind)?)
    }

    /// The cards that are kept in memory.
    pub(super) fn cards(&self) -> &Cards {
        &self.cards
    }

    /// Tells everybody of what was written, and whose card is another now. The one writer's alone.
    pub(super) fn publish(&self, fresh: Layer, carded: &[Mid]) {
        self.become_of(|recent| Recent { fresh, ..recent.clone() });
        self.cards.forget(carded);
    }

    /// Sets what was written apart, for the tree to take it in. The one writer's alone, while nothing is set apart.
    pub(super) fn freeze(&self) -> Arc<Layer> {
        self.become_of(|recent| {
            let frozen = Arc::new(recent.fresh.clone());
            Recent { fresh: Layer::default(), frozen, tree: recent.tree }
        });
        self.recent().map(|recent| Arc::clone(&recent.frozen)).unwrap_or_default()
    }

    /// How much memory what was written takes, without what is set apart.
    pub(super) fn fresh_bytes(&self) -> usize {
        self.recent().map_or(0, |recent| recent.fresh.bytes())
    }

    fn recent(&self) -> Option<Arc<Recent>> {
        match &self.recent {
            Recently::Written(recent) => {
                Some(Arc::clone(&recent.read().unwrap_or_else(PoisonError::into_inner)))
            }
            Recently::Read => None,
        }
    }

    fn become_of(&self, next: impl FnOnce(&Recent) -> Recent) {
        if let Recently::Written(recent) = &self.recent {
            let mut recent = recent.write().unwrap_or_else(PoisonError::into_inner);
            let next = Arc::new(next(&recent));
            let was = std::mem::replace(&mut *recent, next);
            drop(recent);
            // What this was the last to hold takes its time to go.
            drop(was);
        }
    }

    /// Has the tree take in what is set apart, up to a record of the log, and makes that durable.
    pub(super) fn take_in(&self, frozen: &Layer, last: u64) -> Result<(), StorageError> {
        self.let_readers_go();
        loop {
            self.make_room()?;
            match self.attempt(frozen, last) {
                Err(StorageError::MapFull) => self.grow()?,
                Err(fault) => return Err(fault),
                Ok(tree) => {
                    self.become_of(|recent| Recent {
                        fresh: recent.fresh.clone(),
                        frozen: Arc::default(),
                        tree,
                    });
                    return Ok(());
                }
            }
        }
    }

    fn attempt(&self, frozen: &Layer, last: u64) -> Result<usize, StorageError> {
        let (mut txn, tables) = self.write()?;
        for (table, key, value) in frozen.entries() {
            let tree = tables.tree(table);
            match value {
                Some(value) => tree.put(&mut txn, key, value)?,
                None => drop(tree.delete(&mut txn, key)?),
            }
        }
        tables.tree(Table::Next).put(&mut txn, layout::TAKEN_IN, &last.to_be_bytes())?;
        let id = txn.id();
        txn.commit()?;
        Ok(id)
    }

    /// Begins a write to the tree. Nobody else writes to it.
    pub(super) fn write(&self) -> Result<(RwTxn<'_>, &Tables), StorageError> {
        Ok((self.env.write_txn()?, &self.tables))
    }

    /// How much of the map is in use.
    pub(super) fn size(&self) -> Result<u64, StorageError> {
        Ok(self.env.real_disk_size()?)
    }

    /// Doubles the map if three quarters of it are in use.
    pub(super) fn make_room(&self) -> Result<(), StorageError> {
        let info = self.env.info();
        let used = (info.last_page_number + 1).saturating_mul(self.page);
        if used > info.map_size / 4 * 3 { self.grow() } else { Ok(()) }
    }

    /// Doubles the map, between writes to it.
    fn grow(&self) -> Result<(), StorageError> {
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
    fn remap(&self, size: impl FnOnce(usize) -> usize) -> Result<usize, StorageError> {
        let _alone = self.growing.write().unwrap_or_else(PoisonError::into_inner);
        let size = pages(size(self.env.info().map_size));
        // SAFETY: no transaction of this process is active: those who read hold `growing`, and if there is one that writes
        // to the tree, it is here. Maps of other processes are their own.
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

impl From<heed::Error> for StorageError {
    fn from(error: heed::Error) -> StorageError {
        match error {
            heed::Error::Mdb(heed::MdbError::MapFull) => StorageError::MapFull,
            // Reads are of mapped memory, so what the system says is about writing. A write that was cut short for want of
            // room comes as an error of the device.
            heed::Error::Io(error) => StorageError::Io(error.to_string()),
            error => StorageError::Engine(error.to_string()),
        }
    }
}

impl From<io::Error> for StorageError {
    fn from(error: io::Error) -> StorageError {
        match error.kind() {
            io::ErrorKind::InvalidData => StorageError::Corrupted("the log", error.to_string()),
            _ => StorageError::Io(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;
