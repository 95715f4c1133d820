//! Rows as JSON Lines: the first line says what it is, each other is a [`Row`].

mod parse;
mod private;
mod reader;

pub use private::{in_the_clear, without_private};
pub use reader::{Chunk, ChunkLimit, LINE_BYTES, Reader, read};

use crate::Row;
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// The version of the format that this program writes, and the newest it reads.
pub const VERSION: u32 = 2;

/// The first line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The version of the format.
    pub guanxi_dump: u32,
}

/// What a dump is taken in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportMode {
    /// To fill an empty store.
    Fill,
    /// To be merged into a community.
    Merge,
}

/// How far a load came that may have to be gone on with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// How many rows were taken in.
    pub rows: u64,
    /// The SHA-256 of their lines, each with its end; in a merge with a word before them, so that it is told from a load that
    /// fills. Zeros if nobody can go on.
    pub digest: [u8; 32],
}

/// A line that cannot be taken in.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct BadLine {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

/// Writes the first line.
pub fn write_header(out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    write_line(out, &Header { guanxi_dump: VERSION })
}

/// Writes a row's line. Its private texts are in the clear, or it is an error.
pub fn write_row(out: &mut (impl Write + ?Sized), row: &Row) -> io::Result<()> {
    write_line(out, row)
}

fn write_line(out: &mut (impl Write + ?Sized), line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}
