//! The log: every write lies here, durable, before it is answered, and the tree takes it in later.
//!
//! It is files of records, `log.1` and on. A record has a head, which is the length of its edits (4 bytes), its number (8) and
//! a checksum of both (4), then a checksum of the head and the edits (4), and its [edits](super::edit); numbers go up by one.
//! A head has a checksum of its own so that a search for a later record behind a torn one reads no edits of what is no record.
//! Each record is written and synced before the next, so a machine that stops at any moment leaves whole records and perhaps one
//! that is not, the last, which nobody was told of. The tree knows the last number it has taken in, in the very transaction that
//! took it in: whoever opens the store applies what comes behind, and whatever became of the tree's unsynced pages, LMDB shows its
//! last synced state and no other.

use super::directory::own_file;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// What the names of its files begin with.
const PREFIX: &str = "log.";
/// The one file of the log of a copy.
pub(super) const COPIED: &str = "log.1";
/// How long a record's head is, without its checksum and with it.
const TOLD: usize = 12;
const HEAD: usize = TOLD + 4;
/// What a record has before its edits.
const BEFORE: usize = HEAD + 4;

/// The log of a directory, open to be written.
#[derive(Debug)]
pub(super) struct Log {
    directory: PathBuf,
    /// The number of the last record.
    last: u64,
    /// The file that is written, once something is.
    open: Option<Open>,
    /// Files whose records are all written; the tree may not have taken them in yet.
    written: Vec<PathBuf>,
    next_file: u64,
    /// How many bytes of it nobody has begun to take into the tree.
    waiting: u64,
}

#[derive(Debug)]
struct Open {
    path: PathBuf,
    file: File,
    /// How far it is known to be whole. What a failed write left behind that is cut off.
    whole: u64,
    is_torn: bool,
}

/// What a directory's log tells.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// The records behind the one asked for.
    pub(super) records: Vec<Vec<u8>>,
    /// The number of the last record, or the one asked for if there is none behind it.
    pub(super) last: u64,
    files: Vec<(u64, PathBuf)>,
    /// How long they are together, in bytes.
    length: u64,
    /// Where the last file has a record at its end that is not whole.
    torn: Option<u64>,
}

impl Log {
    /// Goes on behind what was told.
    pub(super) fn open(directory: &Path, told: &Told) -> io::Result<Log> {
        if let Some((_, path)) = told.files.last() {
            let file = OpenOptions::new().write(true).open(path)?;
            if let Some(whole) = told.torn {
                tracing::warn!(
                    ?path,
                    "the log ends in a record that was not written whole; nobody was told of it"
                );
                file.set_len(whole)?;
            }
            // Who wrote the last record may have been stopped before it was synced. Others are about to follow it, and they
            // are worth nothing without it.
            file.sync_all()?;
        }
        Ok(Log {
            directory: directory.to_owned(),
            last: told.last,
            open: None,
            next_file: told.files.last().map_or(1, |(number, _)| number + 1),
            written: told.files.iter().map(|(_, path)| path.clone()).collect(),
            waiting: told.length,
        })
    }

    /// Adds a record, and makes it durable. If that fails nothing was added: the next record takes the place of what is left
    /// of this one.
    pub(super) fn append(&mut self, edits: &[u8]) -> io::Result<()> {
        let record = record(self.last + 1, edits)?;
        self.begun()?.append(&record)?;
        self.last += 1;
        self.waiting += record.len() as u64;
        Ok(())
    }

    /// The file that is written, be it a new one.
    fn begun(&mut self) -> io::Result<&mut Open> {
        let begun = if let Some(open) = self.open.take() {
            open
        } else {
            let path = self.directory.join(format!("{PREFIX}{}", self.next_file));
            let file = own_file(&path)?;
            self.next_file += 1;
            File::open(&self.directory)?.sync_all()?;
            Open { path, file, whole: 0, is_torn: false }
        };
        Ok(self.open.insert(begun))
    }

    /// The number of the last record.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// How many bytes were written since a file was last ended.
    pub(super) fn waiting(&self) -> u64 {
        self.waiting
    }

    /// Whether there is anything of it.
    pub(super) fn has_files(&self) -> bool {
        self.open.is_some() || !self.written.is_empty()
    }

    /// Ends the file that is written; tells which files have all that was written so far.
    pub(super) fn turn(&mut self) -> io::Result<Vec<PathBuf>> {
        if let Some(open) = &mut self.open {
            // Only the last file may end in what is no record.
            open.mend()?;
        }
        self.written.extend(self.open.take().map(|open| open.path));
        self.waiting = 0;
        Ok(self.written.clone())
    }

    /// Removes files whose records the tree has taken in.
    pub(super) fn forget(&mut self, files: &[PathBuf]) {
        self.written.retain(|file| !files.contains(file) || fs::remove_file(file).is_err());
    }
}

impl Open {
    fn append(&mut self, record: &[u8]) -> io::Result<()> {
        self.mend()?;
        self.is_torn = true;
        let written = self.write(record);
        match written {
            Ok(()) => {
                self.is_torn = false;
                self.whole += record.len() as u64;
            }
            // What was refused must not be there for whoever opens the store next. If it cannot be cut off now either, it is
            // before anything else is written.
            Err(_) => drop(self.mend()),
        }
        written
    }

    fn write(&mut self, record: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.whole))?;
        self.file.write_all(record)?;
        self.file.sync_data()
    }

    /// Cuts off what a failed write left behind.
    fn mend(&mut self) -> io::Result<()> {
        if self.is_torn {
            self.file.set_len(self.whole)?;
            self.file.sync_all()?;
            self.is_torn = false;
        }
        Ok(())
    }
}

fn record(number: u64, edits: &[u8]) -> io::Result<Vec<u8>> {
    let length = u32::try_from(edits.len()).map_err(|_| io::Error::other("a write of more than 4 GiB"))?;
    let mut record = Vec::with_capacity(BEFORE + edits.len());
    record.extend(length.to_be_bytes());
    record.extend(number.to_be_bytes());
    record.extend(checksum(&[&record]));
    record.extend(checksum(&[&record, edits]));
    record.extend_from_slice(edits);
    Ok(record)
}

fn checksum(parts: &[&[u8]]) -> [u8; 4] {
    let mut hasher = crc32fast::Hasher::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().to_be_bytes()
}

/// Reads what a directory's log has behind a record. Nothing is changed. Whatever is not as it should be is an error of kind
/// `InvalidData`, but for an end that was not written whole.
pub(super) fn read(directory: &Path, behind: u64) -> io::Result<Told> {
    let mut told = Told { last: behind, files: files(directory)?, ..Told::default() };
    let paths: Vec<PathBuf> = told.files.iter().map(|(_, path)| path.clone()).collect();
    for (at, path) in paths.iter().enumerate() {
        let mut bytes = Vec::new();
        match File::open(path) {
            Ok(mut file) => file.read_to_end(&mut bytes)?,
            // Whoever writes has removed it since, as the tree has taken in all of it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        told.add(path, &bytes, at + 1 == paths.len())?;
    }
    Ok(told)
}

impl Told {
    /// Adds what the next file holds.
    fn add(&mut self, path: &Path, bytes: &[u8], is_last_file: bool) -> io::Result<()> {
        self.length += bytes.len() as u64;
        let mut from = 0;
        while let Some((number, record)) = whole(&bytes[from..]) {
            if number > self.last + 1 {
                return Err(damaged(path, &format!("record {} is missing", self.last + 1)));
            }
            if number == self.last + 1 {
                self.records.push(record[BEFORE..].to_vec());
                self.last = number;
            }
            from += record.len();
        }
        if from < bytes.len() {
            if !is_last_file || goes_on(&bytes[from..], self.last) {
                return Err(damaged(path, &format!("what is at byte {from} is no record")));
            }
            self.torn = Some(from as u64);
        }
        Ok(())
    }
}

/// The length of the edits and the number of the record whose head bytes begin with.
fn head(bytes: &[u8]) -> Option<(usize, u64)> {
    let head = bytes.first_chunk::<HEAD>()?;
    let (length, number) = (head.first_chunk::<4>()?, head[4..TOLD].try_into().ok()?);
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    (head[TOLD..] == checksum(&[&head[..TOLD]])).then_some((length, u64::from_be_bytes(number)))
}

/// The whole record that bytes begin with, and its number.
fn whole(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (length, number) = head(bytes)?;
    let record = bytes.get(..BEFORE.checked_add(length)?)?;
    let sum = checksum(&[&record[..HEAD], &record[BEFORE..]]);
    (record[HEAD..BEFORE] == sum).then_some((number, record))
}

/// Whether behind what is no whole record there is one that comes after it: then that one was written whole once, and was
/// damaged since.
fn goes_on(bytes: &[u8], last: u64) -> bool {
    (1..bytes.len()).any(|at| whole(&bytes[at..]).is_some_and(|(number, _)| number > last))
}

fn damaged(path: &Path, what: &str) -> io::Error {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    io::Error::new(io::ErrorKind::InvalidData, format!("{name} is damaged: {what}"))
}

/// The number of a file of a log, by its name.
fn number_of(name: &str) -> Option<u64> {
    name.strip_prefix(PREFIX)?.parse().ok()
}

/// Returns true for the name of a file of a log.
pub(super) fn is_file(name: &str) -> bool {
    number_of(name).is_some()
}

/// The files of a directory's log, in order.
fn files(directory: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let number = name.to_str().and_then(number_of);
        files.extend(number.map(|number| (number, entry.path())));
    }
    files.sort_unstable();
    Ok(files)
}

/// Writes the records that were told into a new directory.
pub(super) fn copy(directory: &Path, told: &Told, behind: u64) -> io::Result<u64> {
    if told.records.is_empty() {
        return Ok(0);
    }
    let mut file = own_file(&directory.join(COPIED))?;
    let mut bytes = 0;
    for (number, edits) in (behind + 1..).zip(&told.records) {
        let record = record(number, edits)?;
        file.write_all(&record)?;
        bytes += record.len() as u64;
    }
    file.sync_all()?;
    Ok(bytes)
}

#[cfg(any(test, feature = "fuzzing"))]
pub(super) mod fuzzing;
#[cfg(test)]
mod tests;
