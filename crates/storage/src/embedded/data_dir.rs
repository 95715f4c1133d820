//! The data directory: ownership, format and lock. Nothing in it changes before all three are checked.

use super::disk::RealDisk;
use super::wal;
use crate::error::OpenError;
use crate::private_files::{
    create_durable_directory, create_private_file, private_file_options, restrict_to_owner, sync_directory,
};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The data format that this program writes, and the only one that it reads.
pub const FORMAT: u32 = 1;

/// Marks a directory as a data directory and names its format: `guanxi embedded 1`. It exists once the tables do.
const FORMAT_FILE: &str = "guanxi.format";
const FORMAT_PREFIX: &str = "guanxi embedded ";
/// Marks a directory that is being initialized. No write was acknowledged while this file exists.
const INITIALIZING_FILE: &str = "guanxi.format.new";
/// Locked by the process that has the directory open for writing.
const LOCK_FILE: &str = "guanxi.lock";
/// The data file of LMDB.
pub(super) const DATA_FILE: &str = "data.mdb";
/// The lock file of LMDB.
pub(super) const DATA_LOCK_FILE: &str = "lock.mdb";
/// The default name of the file of encryption keys. The engine neither reads nor writes it.
pub const KEY_FILE: &str = "guanxi.keys";
/// The files that a directory may hold before its initialization: keys from elsewhere, the remains of an
/// interrupted initialization, and the directory of `fsck` on a new file system.
const ALLOWED_BEFORE_INIT: [&str; 4] = [LOCK_FILE, INITIALIZING_FILE, KEY_FILE, "lost+found"];

/// A data directory that this process has locked for writing.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    is_new: bool,
    _lock: File,
}

/// True if the directory has a format file.
pub fn exists(path: &Path) -> bool {
    path.join(FORMAT_FILE).is_file()
}

impl DataDir {
    /// Opens and locks a data directory. Begins the initialization of a missing or empty directory.
    pub fn open(path: &Path) -> Result<DataDir, OpenError> {
        let failed = |error| OpenError::Io(path.to_owned(), error);
        create_durable_directory(path).map_err(failed)?;
        check_ownership(path)?;
        let lock = acquire_lock(path)?;
        // Another process may have initialized it before the lock was ours, so only this second check counts.
        let is_new = check_ownership(path)?;
        restrict_to_owner(path, is_engine_file);
        if is_new {
            begin_initialization(path).map_err(failed)?;
        }
        Ok(DataDir { path: path.to_owned(), is_new, _lock: lock })
    }

    /// Completes the initialization after the tables were created. A rename moves the format file into place, so
    /// after a crash it is complete or missing.
    pub fn finish(&self) -> Result<(), OpenError> {
        let move_format_file = || {
            if self.is_new {
                // The format file must not outlive a crash that the names of the other files do not.
                sync_directory(&self.path)?;
                fs::rename(self.path.join(INITIALIZING_FILE), self.path.join(FORMAT_FILE))?;
            }
            sync_directory(&self.path)
        };
        move_format_file().map_err(|error| OpenError::Io(self.path.clone(), error))
    }
}

/// A data directory that this process only reads. Another process may write it, as LMDB tracks readers in its lock
/// file.
#[derive(Debug)]
pub struct ReadOnlyDataDir {
    /// A shared lock against writers, on a read-only file system: LMDB cannot track readers there.
    _lock: Option<File>,
}

impl ReadOnlyDataDir {
    /// Opens an existing data directory. Changes nothing in it.
    pub(super) fn open(path: &Path) -> Result<ReadOnlyDataDir, OpenError> {
        if read_format(path)?.is_none() {
            return Err(OpenError::NotFound(path.to_owned()));
        }
        check_ownership(path)?;
        // Opens the data file, not LMDB's lock file: closing that would release a POSIX lock that this process may
        // hold.
        let writable = OpenOptions::new().write(true).open(path.join(DATA_FILE));
        match writable {
            Err(error) if error.kind() == io::ErrorKind::ReadOnlyFilesystem => {
                Ok(ReadOnlyDataDir { _lock: lock_against_writers(path)? })
            }
            _ => Ok(ReadOnlyDataDir { _lock: None }),
        }
    }
}

/// Acquires a shared lock that excludes writers, in a directory on a read-only file system.
fn lock_against_writers(path: &Path) -> Result<Option<File>, OpenError> {
    let file = match File::open(path.join(LOCK_FILE)) {
        Ok(file) => file,
        // No process has opened it yet: a backup is read as it is.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(OpenError::Io(path.join(LOCK_FILE), error)),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(OpenError::ReadersUnsupported(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(OpenError::Io(path.join(LOCK_FILE), error)),
    }
}

/// A new directory for a backup. It becomes a data directory when the backup is complete.
#[derive(Debug)]
pub struct BackupTarget(PathBuf);

impl BackupTarget {
    /// Creates the directory, or accepts an empty one.
    pub fn create(path: &Path) -> Result<BackupTarget, OpenError> {
        let failed = |error| OpenError::Io(path.to_owned(), error);
        create_durable_directory(path).map_err(failed)?;
        for entry in fs::read_dir(path).map_err(failed)? {
            if entry.map_err(failed)?.file_name() != "lost+found" {
                return Err(OpenError::NotEmpty(path.to_owned()));
            }
        }
        restrict_to_owner(path, is_engine_file);
        Ok(BackupTarget(path.to_owned()))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Creates the data file, readable by its owner only.
    pub(super) fn create_data_file(&self) -> Result<File, OpenError> {
        let name = self.0.join(DATA_FILE);
        create_private_file(&name).map_err(|error| OpenError::Io(name, error))
    }

    /// Removes the files of a failed backup.
    pub(super) fn clear(&self) {
        // The next backup into this directory reports a file that cannot be removed.
        for name in [DATA_FILE, DATA_LOCK_FILE] {
            let _ = fs::remove_file(self.0.join(name));
        }
        let _ = wal::remove_backup(&RealDisk(self.0.clone()));
    }

    /// Writes the format file, which marks the backup as complete.
    pub fn finish(self) -> Result<(), OpenError> {
        let name = self.0.join(FORMAT_FILE);
        let write_format_file = || {
            // Not `INITIALIZING_FILE`: an interrupted backup would look like an interrupted initialization.
            let partial = self.0.join("guanxi.format.part");
            let mut file = create_private_file(&partial)?;
            writeln!(file, "{FORMAT_PREFIX}{FORMAT}")?;
            file.sync_all()?;
            sync_directory(&self.0)?;
            fs::rename(&partial, &name)?;
            sync_directory(&self.0)
        };
        write_format_file().map_err(|error| OpenError::Io(name.clone(), error))
    }
}

/// True for the name of a file of the engine. The key file is not one: its reader rejects a file that others may
/// read.
fn is_engine_file(name: &str) -> bool {
    [FORMAT_FILE, INITIALIZING_FILE, LOCK_FILE, DATA_FILE, DATA_LOCK_FILE].contains(&name)
        || wal::is_segment_file(name)
}

/// Returns true if the directory must be initialized. Fails if it belongs to another program, or has lost its data.
/// Changes nothing.
fn check_ownership(path: &Path) -> Result<bool, OpenError> {
    let is_new = read_format(path)?.is_none();
    if is_new && !path.join(INITIALIZING_FILE).is_file() {
        reject_foreign_files(path)?;
    }
    if !is_new && fs::metadata(path.join(DATA_FILE)).map_or(0, |file| file.len()) == 0 {
        return Err(OpenError::DataMissing(path.to_owned(), DATA_FILE));
    }
    Ok(is_new)
}

fn read_format(path: &Path) -> Result<Option<u32>, OpenError> {
    let bytes = match fs::read(path.join(FORMAT_FILE)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(OpenError::Io(path.join(FORMAT_FILE), error)),
    };
    let text = String::from_utf8_lossy(&bytes);
    let found = text.trim_end().strip_prefix(FORMAT_PREFIX).and_then(|number| number.parse().ok());
    match found {
        None | Some(0..FORMAT) => Err(OpenError::UnknownFormat(path.to_owned(), text.trim_end().to_owned())),
        Some(found) if found > FORMAT => {
            Err(OpenError::FormatTooNew { path: path.to_owned(), found, known: FORMAT })
        }
        Some(found) => Ok(Some(found)),
    }
}

fn reject_foreign_files(path: &Path) -> Result<(), OpenError> {
    let failed = |error| OpenError::Io(path.to_owned(), error);
    for entry in fs::read_dir(path).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        if !ALLOWED_BEFORE_INIT.contains(&name.as_str()) {
            return Err(OpenError::ForeignFiles(path.to_owned(), name, FORMAT_FILE));
        }
    }
    Ok(())
}

fn acquire_lock(path: &Path) -> Result<File, OpenError> {
    let name = path.join(LOCK_FILE);
    let failed = |error| OpenError::Io(name.clone(), error);
    let file = private_file_options().create(true).truncate(false).open(&name).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Marks the directory as being initialized, and removes the tables of an interrupted initialization: they hold no
/// data.
fn begin_initialization(path: &Path) -> io::Result<()> {
    let mut file = private_file_options().create(true).truncate(true).open(path.join(INITIALIZING_FILE))?;
    writeln!(file, "{FORMAT_PREFIX}{FORMAT}")?;
    file.sync_all()?;
    sync_directory(path)?;
    for name in [DATA_FILE, DATA_LOCK_FILE] {
        match fs::remove_file(path.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => (),
        }
    }
    Ok(())
}
