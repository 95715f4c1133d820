//! The pages of LMDB's data file, read without LMDB.
//!
//! LMDB follows the page numbers and offsets of a page without a check, so a damaged page ends the process. This
//! module reads the file with bounds, so that damage is reported first.
//!
//! | module | content |
//! |---|---|
//! | `format` | the parser of pages |
//! | `meta` | the two meta pages: comparison, repair and seal |
//! | `verify` | the check of all pages that a meta page refers to |
//!
//! LMDB writes numbers in the order and the width of the machine. This module knows 64-bit little-endian machines.
//! On another machine it checks nothing.

mod format;
pub(super) mod meta;
pub(super) mod verify;

use super::data_dir::DATA_FILE;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// True if this module knows the format of this machine.
pub(super) const IS_SUPPORTED: bool = cfg!(all(target_pointer_width = "64", target_endian = "little"));

/// The data file, open for reads of whole pages.
#[derive(Debug)]
pub(super) struct DataPages {
    file: File,
    /// In bytes.
    page_size: usize,
}

impl DataPages {
    pub(super) fn open(dir: &Path, page_size: usize) -> io::Result<DataPages> {
        Ok(DataPages { file: File::open(dir.join(DATA_FILE))?, page_size })
    }

    /// Reads `count` pages from page `number` on.
    fn read(&self, number: u64, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; count.saturating_mul(self.page_size)];
        read_exact_at(&self.file, number.saturating_mul(self.page_size as u64), &mut bytes)?;
        Ok(bytes)
    }
}

fn read_exact_at(mut file: &File, at: u64, bytes: &mut [u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(bytes)
}
