//! The WAL of a reader: the records of all segments, and their copy for a backup.

use super::SEGMENT_PREFIX;
use super::record::{PAYLOAD_OFFSET, encode_record, has_valid_record_after, parse_record};
use crate::private_files::create_private_file;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The only segment of a backup.
pub(in super::super) const BACKUP_SEGMENT: &str = "wal.1";

/// The records of a WAL after an LSN.
#[derive(Debug, Default)]
pub(in super::super) struct Recovered {
    /// The payloads of the records, in order.
    pub(in super::super) records: Vec<Vec<u8>>,
    /// The LSN of the last record, or the given LSN if no record follows it.
    pub(super) last_lsn: u64,
    /// The segments by their numbers, in order.
    pub(super) segments: Vec<(u64, PathBuf)>,
    /// The length of all segments.
    pub(super) total_bytes: u64,
    /// The offset of a torn record at the end of the last segment.
    pub(super) torn_at: Option<u64>,
}

/// Reads the records of a directory's WAL after `after_lsn`. Changes nothing. Fails with `InvalidData` if the WAL is
/// corrupt; a torn record at the end of the last segment is no corruption.
pub(in super::super) fn recover(dir: &Path, after_lsn: u64) -> io::Result<Recovered> {
    let segments = list_segments(dir)?;
    let mut recovered = Recovered { last_lsn: after_lsn, ..Recovered::default() };
    for (at, (_, path)) in segments.iter().enumerate() {
        let mut bytes = Vec::new();
        match File::open(path) {
            Ok(mut file) => file.read_to_end(&mut bytes)?,
            // The writer removed it after a checkpoint.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        recovered.add_segment(path, &bytes, at + 1 == segments.len())?;
    }
    Ok(Recovered { segments, ..recovered })
}

impl Recovered {
    /// Adds the records of the next segment.
    pub(super) fn add_segment(&mut self, path: &Path, bytes: &[u8], is_last: bool) -> io::Result<()> {
        self.total_bytes += bytes.len() as u64;
        let mut offset = 0;
        while let Some((lsn, record)) = parse_record(&bytes[offset..]) {
            if lsn > self.last_lsn + 1 {
                return Err(corrupt(path, &format!("record {} is missing", self.last_lsn + 1)));
            }
            if lsn == self.last_lsn + 1 {
                self.records.push(record[PAYLOAD_OFFSET..].to_vec());
                self.last_lsn = lsn;
            }
            offset += record.len();
        }
        if offset < bytes.len() {
            if !is_last || has_valid_record_after(&bytes[offset..], self.last_lsn) {
                return Err(corrupt(path, &format!("invalid record at byte {offset}")));
            }
            self.torn_at = Some(offset as u64);
        }
        Ok(())
    }
}

fn corrupt(path: &Path, violation: &str) -> io::Error {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    io::Error::new(io::ErrorKind::InvalidData, format!("{name} is corrupt: {violation}"))
}

/// Returns the number of a segment from its file name.
fn segment_number(name: &str) -> Option<u64> {
    name.strip_prefix(SEGMENT_PREFIX)?.parse().ok()
}

/// True for the name of a segment file.
pub(in super::super) fn is_segment_file(name: &str) -> bool {
    segment_number(name).is_some()
}

/// Lists the segments of a directory, in order.
fn list_segments(dir: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut segments = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let number = name.to_str().and_then(segment_number);
        segments.extend(number.map(|number| (number, entry.path())));
    }
    segments.sort_unstable();
    Ok(segments)
}

/// Writes recovered records as the only segment of a new directory. `after_lsn` is the LSN before the first record.
/// Returns the length of the segment.
pub(in super::super) fn write_backup(dir: &Path, recovered: &Recovered, after_lsn: u64) -> io::Result<u64> {
    if recovered.records.is_empty() {
        return Ok(0);
    }
    let mut file = create_private_file(&dir.join(BACKUP_SEGMENT))?;
    let mut length = 0;
    for (lsn, payload) in (after_lsn + 1..).zip(&recovered.records) {
        let record = encode_record(lsn, payload)?;
        file.write_all(&record)?;
        length += record.len() as u64;
    }
    file.sync_all()?;
    Ok(length)
}
