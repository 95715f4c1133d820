//! The room of LMDB's lock file.
//!
//! LMDB creates its lock file sparse and writes to it through a map. A disk without room cannot reject such a write,
//! so the kernel ends the process by SIGBUS. Therefore the blocks of the file are allocated before LMDB opens it.

/// The length of a lock file with a number of readers, in bytes. LMDB creates it with this length.
#[cfg(target_os = "linux")]
const fn len(max_readers: u32) -> u64 {
    /// The length of the header.
    const HEADER: u64 = 128;
    /// The length of a reader's slot: a cache line.
    const SLOT: u64 = 64;
    HEADER + SLOT * max_readers as u64
}

#[cfg(target_os = "linux")]
pub(super) use linux::{allocate, identity, replace_if_copied};

#[cfg(target_os = "linux")]
mod linux {
    use super::super::data_dir::DATA_LOCK_FILE;
    use super::len;
    use crate::error::OpenError;
    use crate::private_files::private_file_options;
    use rustix::fs::{
        FallocateFlags, FlockOperation, IFlags, fallocate, fcntl_lock, fstatfs, ioctl_getflags,
        ioctl_setflags,
    };
    use rustix::io::{Errno, retry_on_intr};
    use std::fs::{self, File};
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    /// Allocates the blocks of the lock file. Creates the file if there is none. The content of an existing file
    /// does not change, as another process may use it.
    pub(in super::super) fn allocate(dir: &Path, max_readers: u32) -> Result<(), OpenError> {
        /// The unit of the number of blocks, on every file system.
        const BLOCK: u64 = 512;
        let (path, bytes) = (dir.join(DATA_LOCK_FILE), len(max_readers));
        // A complete file is not opened: closing it would release a POSIX lock that this process may hold.
        if path.metadata().is_ok_and(|file| file.len() >= bytes && file.blocks() * BLOCK >= bytes) {
            return Ok(());
        }
        match private_file_options().create(true).truncate(false).open(&path) {
            Ok(file) => take_room(dir, &file, bytes),
            // LMDB decides if it can do without the file, as on a read-only file system.
            Err(_) => Ok(()),
        }
    }

    /// Allocates the first blocks of a lock file, for writes without a copy if the file is empty.
    fn take_room(dir: &Path, file: &File, bytes: u64) -> Result<(), OpenError> {
        if file.metadata().is_ok_and(|file| file.len() == 0) {
            // Only btrfs has this flag, and needs it. See `replace_if_copied`.
            let _ = ioctl_getflags(file).and_then(|flags| ioctl_setflags(file, flags | IFlags::NOCOW));
        }
        match retry_on_intr(|| fallocate(file, FallocateFlags::empty(), 0, bytes)) {
            // A file system without this call leaves the handler of SIGBUS.
            Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
            Err(error @ (Errno::NOSPC | Errno::DQUOT | Errno::FBIG)) => {
                let (path, file) = (dir.to_owned(), DATA_LOCK_FILE);
                Err(OpenError::NoSpace { path, file, bytes, error: error.into() })
            }
            Err(error) => Err(OpenError::Io(dir.join(DATA_LOCK_FILE), error.into())),
        }
    }

    /// Replaces a lock file whose blocks btrfs copies on each write, so that a write needs room again. A restored
    /// copy has such a file: the flag can be set on an empty file only. The caller must be the writer of the
    /// directory. A file that a reader uses stays.
    pub(in super::super) fn replace_if_copied(dir: &Path, max_readers: u32) -> Result<(), OpenError> {
        /// The number of btrfs among the file systems.
        const BTRFS: u64 = 0x9123_683e;
        let Ok(file) = private_file_options().read(true).open(dir.join(DATA_LOCK_FILE)) else {
            return Ok(());
        };
        let is_btrfs =
            fstatfs(&file).is_ok_and(|info| u64::try_from(info.f_type).is_ok_and(|kind| kind == BTRFS));
        if !is_btrfs || ioctl_getflags(&file).is_ok_and(|flags| flags.contains(IFlags::NOCOW)) {
            return Ok(());
        }
        if !replace_unused(dir, &file, max_readers)? {
            tracing::warn!(
                "lock.mdb is copied on write and a reader uses it, so a full disk may end this process"
            );
        }
        Ok(())
    }

    /// Replaces the lock file, unless another process uses it. A process that is about to use it notices by the
    /// [`identity`] of the file.
    pub(super) fn replace_unused(dir: &Path, file: &File, max_readers: u32) -> Result<bool, OpenError> {
        let new = dir.join("lock.mdb.new");
        let failed = |error| OpenError::Io(new.clone(), error);
        if fcntl_lock(file, FlockOperation::NonBlockingLockExclusive).is_err() {
            return Ok(false);
        }
        let empty = private_file_options().create(true).truncate(true).open(&new).map_err(failed)?;
        take_room(dir, &empty, len(max_readers))?;
        fs::rename(&new, dir.join(DATA_LOCK_FILE)).map_err(failed)?;
        Ok(true)
    }

    /// Returns the number of the lock file on its file system. A process that opens the environment compares it
    /// with the number afterwards.
    pub(in super::super) fn identity(dir: &Path) -> Option<u64> {
        dir.join(DATA_LOCK_FILE).metadata().ok().map(|file| file.ino())
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) use elsewhere::{allocate, identity, replace_if_copied};

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use crate::error::OpenError;
    use std::path::Path;

    pub(in super::super) fn allocate(_: &Path, _: u32) -> Result<(), OpenError> {
        Ok(())
    }

    pub(in super::super) fn replace_if_copied(_: &Path, _: u32) -> Result<(), OpenError> {
        Ok(())
    }

    pub(in super::super) fn identity(_: &Path) -> Option<u64> {
        None
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::super::data_dir::DATA_LOCK_FILE;
    use super::*;
    use std::fs::File;
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    /// A number of readers whose lock file takes several pages.
    const READERS: u32 = 1024;

    fn allocated_bytes(dir: &Path) -> u64 {
        dir.join(DATA_LOCK_FILE).metadata().expect("the file exists").blocks() * 512
    }

    #[test]
    fn missing_lock_file_is_created_with_all_blocks() {
        let dir = tempfile::tempdir().unwrap();
        allocate(dir.path(), READERS).unwrap();
        assert!(allocated_bytes(dir.path()) >= len(READERS));
        let mode = dir.path().join(DATA_LOCK_FILE).metadata().unwrap().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn sparse_lock_file_gets_its_blocks_and_keeps_its_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let name = dir.path().join(DATA_LOCK_FILE);
        std::fs::write(&name, "a reader").unwrap();
        File::options().write(true).open(&name).unwrap().set_len(len(READERS)).unwrap();
        assert!(allocated_bytes(dir.path()) < len(READERS), "the file is sparse");
        allocate(dir.path(), READERS).unwrap();
        assert!(allocated_bytes(dir.path()) >= len(READERS));
        let bytes = std::fs::read(&name).unwrap();
        assert_eq!(bytes.len() as u64, len(READERS));
        assert_eq!(&bytes[..8], b"a reader");
        assert!(bytes[8..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn unused_lock_file_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let name = dir.path().join(DATA_LOCK_FILE);
        std::fs::write(&name, "a reader that has gone").unwrap();
        let (former, file) = (identity(dir.path()), File::options().write(true).open(&name).unwrap());
        assert!(linux::replace_unused(dir.path(), &file, READERS).unwrap());
        assert_ne!(identity(dir.path()), former);
        assert!(allocated_bytes(dir.path()) >= len(READERS));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
