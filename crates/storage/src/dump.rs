//! The dump format: JSON Lines. The first line is the [`Header`], each other line is a [`Row`].

mod parse;
mod private;
mod reader;

pub use private::{decrypt_row, redact_row};
pub use reader::{Chunk, ChunkLimit, MAX_LINE_BYTES, Reader, read_rows};

use crate::Row;
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// The version of the format.
pub const VERSION: u32 = 1;

/// The first line of a dump.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The version of the format.
    pub guanxi_dump: u32,
}

/// The mode of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportMode {
    /// An import into an empty database.
    Initial,
    /// A merge into a database with members.
    Merge,
}

/// The progress of an import, from which it can be resumed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportProgress {
    /// The number of imported rows.
    pub rows: u64,
    /// The SHA-256 of their lines, including line endings. A prefix distinguishes merges from initial imports.
    /// Zeros if the import cannot be resumed.
    pub digest: [u8; 32],
}

/// An invalid line of a dump.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct InvalidLine {
    /// The line number, from 1.
    pub line: usize,
    /// The reason.
    pub reason: String,
}

/// Writes the header.
pub fn write_header(out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    write_line(out, &Header { guanxi_dump: VERSION })
}

/// Writes the line of a row. Error if a private text is encrypted.
pub fn write_row(out: &mut (impl Write + ?Sized), row: &Row) -> io::Result<()> {
    write_line(out, row)
}

fn write_line(out: &mut (impl Write + ?Sized), line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}
