//! A simulated disk. Writes that are not synced reach it in any order and in part, and its calls fail. A seed
//! determines all of it.

use super::{Disk, DiskFile};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The size of the blocks that a disk writes as a whole, unless it tears one.
const SECTOR: usize = 512;

/// The faults of a disk. A number is the mean number of calls between two faults, or 0 for none.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct Faults {
    /// Calls fail: before, during or after their work.
    pub(in super::super) errors: u32,
    /// Writes are short or interrupted.
    pub(in super::super) short_writes: u32,
    /// Syncs succeed without an effect.
    pub(in super::super) lies: u32,
    /// The disk keeps a copy of itself, as of the middle of a call.
    pub(in super::super) copies: u32,
}

/// A disk with one directory. Clones are the same disk.
#[derive(Clone, Debug)]
pub(in super::super) struct SimulatedDisk(Arc<Mutex<State>>);

#[derive(Clone, Debug)]
struct State {
    random: fastrand::Rng,
    faults: Faults,
    files: Vec<Content>,
    /// The names that a process sees, and the files behind them.
    names: BTreeMap<String, usize>,
    /// The names that the disk has.
    durable_names: BTreeMap<String, usize>,
    /// Changes of names that are not synced, in order. Each is atomic.
    changes: Vec<Vec<(String, Option<usize>)>>,
    copies: Vec<State>,
}

/// The content of a file.
#[derive(Clone, Debug, Default)]
struct Content {
    /// The bytes that a process sees.
    cached: Vec<u8>,
    /// The bytes that the disk has.
    durable: Vec<u8>,
    /// The sectors that differ and are not synced. A sector that a failed sync dropped is not among them.
    dirty: BTreeSet<usize>,
    is_len_dirty: bool,
}

impl SimulatedDisk {
    pub(in super::super) fn new(seed: u64, faults: Faults) -> SimulatedDisk {
        SimulatedDisk(Arc::new(Mutex::new(State {
            random: fastrand::Rng::with_seed(seed),
            faults,
            files: Vec::new(),
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            changes: Vec::new(),
            copies: Vec::new(),
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in super::super) fn set_faults(&self, faults: Faults) {
        self.state().faults = faults;
    }

    /// Returns the copies that the disk has kept since the last call.
    pub(in super::super) fn take_copies(&self) -> Vec<SimulatedDisk> {
        let copies = std::mem::take(&mut self.state().copies);
        copies.into_iter().map(|copy| SimulatedDisk(Arc::new(Mutex::new(copy)))).collect()
    }

    /// Returns a disk as a power loss leaves it now: it has any part of what is not synced.
    pub(in super::super) fn after_power_loss(&self, seed: u64) -> SimulatedDisk {
        let mut left = self.state().clone();
        left.random.seed(seed);
        left.faults = Faults::default();
        left.lose_power();
        SimulatedDisk(Arc::new(Mutex::new(left)))
    }
}

impl State {
    /// True with a probability of one in `mean`, never if it is 0.
    fn draw(&mut self, mean: u32) -> bool {
        mean > 0 && self.random.u32(..mean) == 0
    }

    /// Begins a call that changes something. Rarely writes some unsynced sectors back, keeps a copy, or fails.
    fn begin(&mut self) -> io::Result<()> {
        if self.random.u8(..8) == 0 {
            let file = self.random.usize(..self.files.len().max(1));
            if let Some(content) = self.files.get_mut(file) {
                content.write_back(&mut self.random, true);
            }
        }
        self.keep_copy();
        let mean = self.faults.errors;
        if self.draw(mean) { Err(self.error()) } else { Ok(()) }
    }

    /// Ends a call. Rarely it fails although it had its effect.
    fn end(&mut self) -> io::Result<()> {
        self.keep_copy();
        let mean = self.faults.errors.saturating_mul(4);
        if self.draw(mean) { Err(self.error()) } else { Ok(()) }
    }

    fn keep_copy(&mut self) {
        let mean = self.faults.copies;
        if self.draw(mean) {
            let mut copies = std::mem::take(&mut self.copies);
            copies.push(self.clone());
            self.copies = copies;
        }
    }

    fn error(&mut self) -> io::Error {
        // EIO and ENOSPC.
        io::Error::from_raw_os_error(if self.random.bool() { 5 } else { 28 })
    }

    fn file_of(&self, name: &str) -> io::Result<usize> {
        self.names.get(name).copied().ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn change_names(&mut self, change: Vec<(String, Option<usize>)>) {
        apply(&mut self.names, &change);
        self.changes.push(change);
    }

    /// Makes each change of a name durable or not. Forgets those that are not, unless `keeps`.
    fn write_names_back(&mut self, keeps: bool) {
        let changes = std::mem::take(&mut self.changes);
        for change in changes {
            if self.random.bool() {
                apply(&mut self.durable_names, &change);
            } else if keeps {
                self.changes.push(change);
            }
        }
    }

    /// Frees the content of files that have no name any more.
    fn forget_removed(&mut self) {
        for (file, content) in self.files.iter_mut().enumerate() {
            let has_name = |names: &BTreeMap<String, usize>| names.values().any(|named| *named == file);
            if !has_name(&self.names) && !has_name(&self.durable_names) {
                *content = Content::default();
            }
        }
    }

    fn lose_power(&mut self) {
        self.write_names_back(false);
        self.names = self.durable_names.clone();
        for content in &mut self.files {
            content.write_back(&mut self.random, false);
            content.cached = content.durable.clone();
        }
    }
}

fn apply(names: &mut BTreeMap<String, usize>, change: &[(String, Option<usize>)]) {
    for (name, file) in change {
        match file {
            Some(file) => drop(names.insert(name.clone(), *file)),
            None => drop(names.remove(name)),
        }
    }
}

impl Content {
    fn write(&mut self, offset: usize, bytes: &[u8]) {
        let end = offset + bytes.len();
        if end > self.cached.len() {
            self.set_len(end);
        }
        self.cached[offset..end].copy_from_slice(bytes);
        self.dirty.extend(offset / SECTOR..end.div_ceil(SECTOR));
    }

    fn set_len(&mut self, len: usize) {
        if len == self.cached.len() {
            return;
        }
        self.is_len_dirty = true;
        self.cached.resize(len, 0);
        self.dirty.retain(|sector| sector * SECTOR < len);
        if !len.is_multiple_of(SECTOR) {
            self.dirty.insert(len / SECTOR);
        }
    }

    /// Makes what is dirty durable.
    fn sync(&mut self) {
        if self.is_len_dirty {
            self.durable.resize(self.cached.len(), 0);
        }
        for sector in std::mem::take(&mut self.dirty) {
            self.write_sector_back(sector, SECTOR);
        }
        self.is_len_dirty = false;
    }

    /// Makes each dirty sector durable or not. Forgets those that are not, unless `keeps`.
    fn write_back(&mut self, random: &mut fastrand::Rng, keeps: bool) {
        let all_or_none = random.u8(..4);
        let is_chosen = |random: &mut fastrand::Rng| match all_or_none {
            0 => true,
            1 => false,
            _ => random.bool(),
        };
        for sector in std::mem::take(&mut self.dirty) {
            if is_chosen(random) {
                let torn = random.u8(..16) == 0;
                self.write_sector_back(sector, if torn { random.usize(..SECTOR) } else { SECTOR });
                if torn && keeps {
                    self.dirty.insert(sector);
                }
            } else if keeps {
                self.dirty.insert(sector);
            }
        }
        if self.is_len_dirty && is_chosen(random) {
            self.durable.resize(self.cached.len(), 0);
            self.is_len_dirty = false;
        }
        self.is_len_dirty &= keeps;
    }

    /// Makes the first bytes of a sector durable. The file gets as long as they need.
    fn write_sector_back(&mut self, sector: usize, bytes: usize) {
        let start = sector * SECTOR;
        let end = (start + bytes).min(self.cached.len());
        if start < end {
            self.durable.resize(self.durable.len().max(end), 0);
            self.durable[start..end].copy_from_slice(&self.cached[start..end]);
        }
    }
}

impl Disk for SimulatedDisk {
    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.state().names.keys().cloned().collect())
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let state = self.state();
        Ok(state.files[state.file_of(name)?].cached.clone())
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        state.begin()?;
        let file = if let Ok(file) = state.file_of(name) {
            state.files[file].set_len(0);
            file
        } else {
            let file = state.files.len();
            state.files.push(Content::default());
            state.change_names(vec![(name.to_owned(), Some(file))]);
            file
        };
        state.end()?;
        Ok(Box::new(SimulatedFile { disk: self.clone(), file }))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        state.begin()?;
        Ok(Box::new(SimulatedFile { disk: self.clone(), file: state.file_of(name)? }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.state();
        state.begin()?;
        let file = state.file_of(from)?;
        state.change_names(vec![(to.to_owned(), Some(file)), (from.to_owned(), None)]);
        state.end()
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.state();
        state.begin()?;
        state.file_of(name)?;
        state.change_names(vec![(name.to_owned(), None)]);
        state.end()
    }

    fn sync_directory(&self) -> io::Result<()> {
        let mut state = self.state();
        if let Err(error) = state.begin() {
            state.write_names_back(false);
            state.keep_copy();
            return Err(error);
        }
        let mean = state.faults.lies;
        if state.draw(mean) {
            state.write_names_back(true);
            return Ok(());
        }
        for change in std::mem::take(&mut state.changes) {
            apply(&mut state.durable_names, &change);
        }
        state.forget_removed();
        state.end()
    }
}

/// A file of a simulated disk.
#[derive(Debug)]
struct SimulatedFile {
    disk: SimulatedDisk,
    file: usize,
}

impl DiskFile for SimulatedFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.disk.state();
        let mean = state.faults.short_writes;
        if state.draw(mean) {
            return Err(ErrorKind::Interrupted.into());
        }
        let mean = state.faults.short_writes;
        let is_short = state.draw(mean);
        let begun = state.begin();
        // A failed write may have written a part.
        let length = match begun {
            Err(_) => state.random.usize(..=bytes.len()),
            Ok(()) if is_short => state.random.usize(1..=bytes.len()),
            Ok(()) => bytes.len(),
        };
        let offset = usize::try_from(offset).expect("a small file");
        state.files[self.file].write(offset, &bytes[..length]);
        begun?;
        state.end()?;
        Ok(length)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        state.begin()?;
        state.files[self.file].set_len(usize::try_from(len).expect("a small file"));
        state.end()
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.disk.state();
        let begun = state.begin();
        let State { random, files, .. } = &mut *state;
        let content = &mut files[self.file];
        if let Err(error) = begun {
            // What is not durable now is not written by a later sync either.
            content.write_back(random, false);
            state.keep_copy();
            return Err(error);
        }
        let mean = state.faults.lies;
        if state.draw(mean) {
            let State { random, files, .. } = &mut *state;
            files[self.file].write_back(random, true);
            return Ok(());
        }
        state.files[self.file].sync();
        state.end()
    }
}
