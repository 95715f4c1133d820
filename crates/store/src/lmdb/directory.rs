//! The data directory: whose it is, its format, its lock. Nothing in it is touched before all three are known to be right.

use crate::error::OpenError;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The format that this program writes, and the newest that it reads.
pub const FORMAT: u32 = 1;

/// Says that the directory is ours, and in which format: `guanxi lmdb 1`.
const FORMAT_FILE: &str = "guanxi.format";
const PREFIX: &str = "guanxi lmdb ";
/// Held locked while the directory is open.
const LOCK_FILE: &str = "guanxi.lock";
/// What a new directory may hold: what a start that was cut short left, and what a fresh disk has.
const HARMLESS: [&str; 3] = [LOCK_FILE, "guanxi.format.new", "lost+found"];

/// Whether a directory says that it is one of ours.
pub fn is_there(path: &Path) -> bool {
    path.join(FORMAT_FILE).is_file()
}

/// A data directory, locked for this process.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    _lock: File,
}

impl Directory {
    /// Opens a directory of ours, or makes one of what is not there or empty.
    pub fn open(path: &Path) -> Result<Directory, OpenError> {
        let failed = |error| OpenError::Io(path.to_owned(), error);
        fs::create_dir_all(path).map_err(failed)?;
        let known = format_of(path)?;
        if known.is_none() {
            refuse_foreign(path)?;
        }
        let lock = lock(path)?;
        if known.is_none() {
            write_format(path).map_err(failed)?;
        }
        Ok(Directory { path: path.to_owned(), _lock: lock })
    }

    /// Makes the names of its files durable.
    pub fn sync(&self) -> Result<(), OpenError> {
        sync(&self.path).map_err(|error| OpenError::Io(self.path.clone(), error))
    }
}

fn format_of(path: &Path) -> Result<Option<u32>, OpenError> {
    let text = match fs::read_to_string(path.join(FORMAT_FILE)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(OpenError::Io(path.join(FORMAT_FILE), error)),
    };
    let found = text.trim_end().strip_prefix(PREFIX).and_then(|number| number.parse().ok());
    match found {
        None => Err(OpenError::UnknownFormat(path.to_owned(), text.trim_end().to_owned())),
        Some(found) if found > FORMAT => {
            Err(OpenError::Newer { path: path.to_owned(), found, known: FORMAT })
        }
        Some(found) => Ok(Some(found)),
    }
}

fn refuse_foreign(path: &Path) -> Result<(), OpenError> {
    let failed = |error| OpenError::Io(path.to_owned(), error);
    for entry in fs::read_dir(path).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        if !HARMLESS.contains(&name.as_str()) {
            return Err(OpenError::NotOurs(path.to_owned(), name, FORMAT_FILE));
        }
    }
    Ok(())
}

fn lock(path: &Path) -> Result<File, OpenError> {
    let name = path.join(LOCK_FILE);
    let failed = |error| OpenError::Io(name.clone(), error);
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&name).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Written beside and moved into place, so that it is whole or not there however the machine stops.
fn write_format(path: &Path) -> io::Result<()> {
    let new = path.join("guanxi.format.new");
    let mut file = File::create(&new)?;
    writeln!(file, "{PREFIX}{FORMAT}")?;
    file.sync_all()?;
    fs::rename(new, path.join(FORMAT_FILE))?;
    sync(path)
}

fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
