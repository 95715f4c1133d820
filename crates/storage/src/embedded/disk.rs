//! The files of the WAL, behind a trait: the service has them on a file system, a test on a simulated disk.

use crate::private_files::{private_file_options, sync_directory};
use std::fmt::Debug;
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The files of one directory, by name. A change of a name is durable after [`Disk::sync_directory`].
pub(super) trait Disk: Debug + Send + Sync {
    /// Returns the names of all files, in any order.
    fn list(&self) -> io::Result<Vec<String>>;

    /// Returns the content of a file.
    fn read(&self, name: &str) -> io::Result<Vec<u8>>;

    /// Creates an empty file that only its owner may read. Truncates it if it exists.
    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>>;

    /// Opens an existing file for writing.
    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>>;

    /// Renames a file. Replaces the file that has the new name.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    fn remove(&self, name: &str) -> io::Result<()>;

    /// Makes all creations, renames and removals durable.
    fn sync_directory(&self) -> io::Result<()>;
}

/// A file that is open for writing.
pub(super) trait DiskFile: Debug + Send {
    /// Writes some of the bytes at an offset. Returns their number.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize>;

    fn set_len(&mut self, len: u64) -> io::Result<()>;

    /// Makes the content and the length durable.
    fn sync(&mut self) -> io::Result<()>;

    /// Writes all bytes at an offset.
    fn write_all_at(&mut self, mut offset: u64, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.write_at(offset, bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    bytes = &bytes[written..];
                    offset += written as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// A directory of a file system.
#[derive(Debug)]
pub(super) struct RealDisk(pub(super) PathBuf);

impl RealDisk {
    /// Returns the disk of a directory, to share.
    pub(super) fn shared(dir: &Path) -> Arc<RealDisk> {
        Arc::new(RealDisk(dir.to_owned()))
    }
}

impl Disk for RealDisk {
    fn list(&self) -> io::Result<Vec<String>> {
        let names = fs::read_dir(&self.0)?.map(|entry| Ok(entry?.file_name().into_string().ok()));
        names.filter_map(io::Result::transpose).collect()
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        fs::read(self.0.join(name))
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(private_file_options().create(true).truncate(true).open(self.0.join(name))?))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(private_file_options().open(self.0.join(name))?))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.0.join(from), self.0.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.0.join(name))
    }

    fn sync_directory(&self) -> io::Result<()> {
        sync_directory(&self.0)
    }
}

impl DiskFile for File {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        self.seek(SeekFrom::Start(offset))?;
        self.write(bytes)
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        File::set_len(self, len)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

#[cfg(test)]
pub(super) mod simulated;
