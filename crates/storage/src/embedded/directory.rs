//! The data directory: whose it is, its format, its lock. Nothing in it is touched before all three are known to be right.

use super::{log, permissions};
use crate::error::OpenError;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The format that this program writes, and the only one that it reads: formats 1 to 3 were of no release.
pub const FORMAT: u32 = 4;

/// Says that the directory is ours, and in which format: `guanxi lmdb 1`. It is there once the tables are.
const FORMAT_FILE: &str = "guanxi.format";
const PREFIX: &str = "guanxi lmdb ";
/// Says that a start has begun to make the directory ours. Nothing was acknowledged while it is there.
const BEGUN_FILE: &str = "guanxi.format.new";
/// Held locked while the directory is open.
const LOCK_FILE: &str = "guanxi.lock";
/// What the engine keeps everything in, and its own lock.
pub(super) const DATA_FILE: &str = "data.mdb";
const DATA_LOCK_FILE: &str = "lock.mdb";
/// Where the keys of private data lie unless the settings name another file. They are not the engine's.
pub const KEY_FILE: &str = "guanxi.keys";
/// What a new directory may hold: keys that somebody brought, what a start that was cut short left, and what a fresh disk has.
const HARMLESS: [&str; 4] = [LOCK_FILE, BEGUN_FILE, KEY_FILE, "lost+found"];

/// A data directory, locked for this process.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    is_new: bool,
    _lock: File,
}

/// Whether a directory says that it is one of ours.
pub fn is_there(path: &Path) -> bool {
    path.join(FORMAT_FILE).is_file()
}

impl Directory {
    /// Opens a directory of ours, or begins one where there is none or an empty one.
    pub fn open(path: &Path) -> Result<Directory, OpenError> {
        let failed = |error| OpenError::Io(path.to_owned(), error);
        make(path).map_err(failed)?;
        look(path)?;
        let lock = lock(path)?;
        // Somebody else may have had it until now, so what counts is how it looks to whom holds it.
        let is_new = look(path)?;
        permissions::tighten(path, is_ours);
        if is_new {
            begin(path).map_err(failed)?;
        }
        Ok(Directory { path: path.to_owned(), is_new, _lock: lock })
    }

    /// Makes what was begun ours, now that the tables are made: moved into place, the format file is whole or not there
    /// however the machine stops.
    pub fn finish(&self) -> Result<(), OpenError> {
        let move_in = || {
            if self.is_new {
                fs::rename(self.path.join(BEGUN_FILE), self.path.join(FORMAT_FILE))?;
            }
            sync(&self.path)
        };
        move_in().map_err(|error| OpenError::Io(self.path.clone(), error))
    }
}

/// A directory of ours that is only read. Another process may have it, as LMDB keeps account of who reads.
#[derive(Debug)]
pub struct Reading {
    /// Where no file can be written LMDB keeps no such account, and nobody may write elsewhere meanwhile.
    _lock: Option<File>,
}

impl Reading {
    /// Looks at a directory that must be there, and changes nothing in it.
    pub fn of(path: &Path) -> Result<Reading, OpenError> {
        if format_of(path)?.is_none() {
            return Err(OpenError::NotThere(path.to_owned()));
        }
        look(path)?;
        // Not LMDB's lock file: if this process had that open already, closing it here would let go of it there.
        let written = OpenOptions::new().write(true).open(path.join(DATA_FILE));
        match written {
            Err(error) if error.kind() == io::ErrorKind::ReadOnlyFilesystem => {
                Ok(Reading { _lock: unwritten(path)? })
            }
            _ => Ok(Reading { _lock: None }),
        }
    }
}

/// Sees to it that nobody writes a directory that cannot be written from here.
fn unwritten(path: &Path) -> Result<Option<File>, OpenError> {
    let file = match File::open(path.join(LOCK_FILE)) {
        Ok(file) => file,
        // Nobody has opened it yet, and a copy is read as it is.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(OpenError::Io(path.join(LOCK_FILE), error)),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(OpenError::Unseen(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(OpenError::Io(path.join(LOCK_FILE), error)),
    }
}

/// A new directory that a copy is put into. It is one of ours once it is whole, and nothing before.
#[derive(Debug)]
pub struct Blank(PathBuf);

impl Blank {
    /// Takes a directory where there is none, or an empty one.
    pub fn make(path: &Path) -> Result<Blank, OpenError> {
        let failed = |error| OpenError::Io(path.to_owned(), error);
        make(path).map_err(failed)?;
        for entry in fs::read_dir(path).map_err(failed)? {
            if entry.map_err(failed)?.file_name() != "lost+found" {
                return Err(OpenError::NotEmpty(path.to_owned()));
            }
        }
        permissions::tighten(path, is_ours);
        Ok(Blank(path.to_owned()))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Begins the file of its data, which nobody else may read.
    pub(super) fn data(&self) -> Result<File, OpenError> {
        let name = self.0.join(DATA_FILE);
        own_file(&name).map_err(|error| OpenError::Io(name, error))
    }

    /// Makes it empty again.
    pub(super) fn clear(&self) {
        for name in [DATA_FILE, log::COPIED] {
            // Whoever tries again is told what is in the way.
            let _ = fs::remove_file(self.0.join(name));
        }
    }

    /// Says that it is whole.
    pub fn finish(self) -> Result<(), OpenError> {
        let name = self.0.join(FORMAT_FILE);
        let say = || {
            // Under the name that it has at a start that was begun, a copy that is cut short would be taken for one.
            let new = self.0.join("guanxi.format.part");
            let mut file = own_file(&new)?;
            writeln!(file, "{PREFIX}{FORMAT}")?;
            file.sync_all()?;
            sync(&self.0)?;
            fs::rename(&new, &name)?;
            sync(&self.0)
        };
        say().map_err(|error| OpenError::Io(name.clone(), error))
    }
}

/// Returns true for the name of a file of the engine's. The file of keys is not: whoever opens it refuses one that others may
/// read.
fn is_ours(name: &str) -> bool {
    [FORMAT_FILE, BEGUN_FILE, LOCK_FILE, DATA_FILE, DATA_LOCK_FILE].contains(&name) || log::is_file(name)
}

/// Begins a file that nobody else may read.
pub(super) fn own_file(name: &Path) -> io::Result<File> {
    own_options().read(true).create_new(true).open(name)
}

/// How a file is opened to be written that nobody else may read, if it is made by that.
fn own_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Whether a directory is to be made ours; an error if it is another's, or is not whole. Changes nothing.
fn look(path: &Path) -> Result<bool, OpenError> {
    let is_new = format_of(path)?.is_none();
    if is_new && !path.join(BEGUN_FILE).is_file() {
        refuse_foreign(path)?;
    }
    if !is_new && fs::metadata(path.join(DATA_FILE)).map_or(0, |file| file.len()) == 0 {
        return Err(OpenError::Lost(path.to_owned(), DATA_FILE));
    }
    Ok(is_new)
}

/// Makes a directory where there is none, and the names on the way to it durable, where they may be looked at.
fn make(path: &Path) -> io::Result<()> {
    // The last ancestor of a relative name is the empty one: the directory one is in, which is there.
    let named = path.ancestors().filter(|path| !path.as_os_str().is_empty());
    let missing: Vec<&Path> = named.take_while(|path| !path.exists()).collect();
    permissions::make_directory(path)?;
    for made in missing.into_iter().rev() {
        match made.canonicalize()?.parent().map_or(Ok(()), sync) {
            Err(error) if error.kind() != io::ErrorKind::PermissionDenied => return Err(error),
            _ => (),
        }
    }
    Ok(())
}

fn format_of(path: &Path) -> Result<Option<u32>, OpenError> {
    let bytes = match fs::read(path.join(FORMAT_FILE)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(OpenError::Io(path.join(FORMAT_FILE), error)),
    };
    let text = String::from_utf8_lossy(&bytes);
    let found = text.trim_end().strip_prefix(PREFIX).and_then(|number| number.parse().ok());
    match found {
        None | Some(0..FORMAT) => Err(OpenError::UnknownFormat(path.to_owned(), text.trim_end().to_owned())),
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
    let file = own_options().create(true).truncate(false).open(&name).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Begins anew: what an earlier start that was cut short left of the tables is nobody's.
fn begin(path: &Path) -> io::Result<()> {
    let mut file = own_options().create(true).truncate(true).open(path.join(BEGUN_FILE))?;
    writeln!(file, "{PREFIX}{FORMAT}")?;
    file.sync_all()?;
    sync(path)?;
    for name in [DATA_FILE, DATA_LOCK_FILE] {
        match fs::remove_file(path.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => (),
        }
    }
    Ok(())
}

fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
