//! The WAL of a reader: the records of all segments after a position, and the copy of the segments for a backup.

use super::super::disk::Disk;
use super::header::{HEADER_LEN, Header, StoreId};
use super::record::{PAYLOAD_OFFSET, WalPosition, has_later_record, parse_record, position_of};
use super::{first_lsn_of, is_segment_file};
use std::io;
use std::ops::Range;

/// The records of a WAL after a position.
#[derive(Debug, Default)]
pub(in super::super) struct Recovered {
    /// The position of the last record, or the given position if no record follows it.
    pub(super) position: WalPosition,
    /// The segments, in order.
    pub(super) segments: Vec<RecoveredSegment>,
    /// The length of the records.
    pub(super) total_bytes: u64,
    /// The number of bytes after the last record that are no record. A crash leaves them, or damage.
    pub(super) torn_bytes: usize,
}

/// A segment of a recovered WAL.
#[derive(Debug)]
pub(super) struct RecoveredSegment {
    pub(super) name: String,
    /// The LSN of its last record, or the one before its first if it has none.
    pub(super) last_lsn: u64,
    /// The length of its file.
    pub(super) file_len: u64,
    /// Its header and records. Empty if all of them are before the given position.
    pub(super) bytes: Vec<u8>,
    /// The payloads after the given position, as ranges of `bytes`.
    pub(super) payloads: Vec<Range<usize>>,
}

/// Reads the records of a WAL after the position of a checkpoint. Changes nothing. Fails with `InvalidData` if the
/// WAL is corrupt, or if a segment does not continue this copy of this store. A torn record at the end of the last
/// segment is no corruption.
pub(in super::super) fn recover(
    disk: &dyn Disk,
    store: StoreId,
    checkpoint: WalPosition,
) -> io::Result<Recovered> {
    let mut recovered = Recovered { position: checkpoint, ..Recovered::default() };
    let mut waiting: Option<(String, Header, Vec<u8>)> = None;
    for name in segment_names(disk)? {
        let bytes = match disk.read(&name) {
            Ok(bytes) => bytes,
            // The writer removed it after a checkpoint.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let header = parse_header(&name, store, &bytes)?;
        if let Some((name, before, bytes)) = waiting.replace((name, header, bytes)) {
            recovered.add_segment(name, &before, bytes, Some(header.previous.lsn))?;
        }
    }
    if let Some((name, header, bytes)) = waiting {
        recovered.add_segment(name, &header, bytes, None)?;
    }
    Ok(recovered)
}

impl Recovered {
    /// The payloads of the records, in order.
    pub(in super::super) fn records(&self) -> impl Iterator<Item = &[u8]> {
        self.segments.iter().flat_map(RecoveredSegment::records)
    }

    /// True if the WAL has the record of an LSN, or a later one.
    pub(in super::super) fn reaches(&self, lsn: u64) -> bool {
        self.segments.iter().any(|segment| segment.has_records() && segment.last_lsn >= lsn)
    }

    /// Adds the records of the next segment. `last_lsn` is the LSN before the segment after it. It ends this one:
    /// a record behind it was rejected.
    pub(super) fn add_segment(
        &mut self,
        name: String,
        header: &Header,
        mut bytes: Vec<u8>,
        last_lsn: Option<u64>,
    ) -> io::Result<()> {
        let file_len = bytes.len() as u64;
        if header.previous.lsn > self.position.lsn {
            return Err(corrupt(&name, &format!("record {} is missing", self.position.lsn + 1)));
        }
        let (mut at, mut offset, mut payloads) = (header.previous, HEADER_LEN, Vec::new());
        while last_lsn.is_none_or(|last| at.lsn < last)
            && let Some((lsn, record)) = parse_record(header.salt, &bytes[offset..])
            && lsn == at.lsn + 1
        {
            if lsn == self.position.lsn + 1 && at != self.position {
                return Err(invalid(&name, "continues another copy of this store"));
            }
            let end = offset + record.len();
            at = position_of(header.salt, lsn, record);
            if lsn > self.position.lsn {
                payloads.push(offset + PAYLOAD_OFFSET..end);
                self.position = at;
            }
            offset = end;
        }
        let rest = &bytes[offset..];
        let is_corrupt = match last_lsn {
            Some(last) => !rest.is_empty() && at.lsn < last && self.position.lsn < last,
            None => has_later_record(header.salt, rest, at.lsn),
        };
        if is_corrupt {
            return Err(corrupt(&name, &format!("invalid record at byte {offset}")));
        }
        self.torn_bytes = if last_lsn.is_none() { rest.len() } else { 0 };
        self.total_bytes +=
            payloads.iter().map(|payload| (PAYLOAD_OFFSET + payload.len()) as u64).sum::<u64>();
        bytes.truncate(if payloads.is_empty() { 0 } else { offset });
        self.segments.push(RecoveredSegment { name, last_lsn: at.lsn, file_len, bytes, payloads });
        Ok(())
    }
}

impl RecoveredSegment {
    fn records(&self) -> impl Iterator<Item = &[u8]> {
        self.payloads.iter().map(|payload| &self.bytes[payload.clone()])
    }

    pub(super) fn has_records(&self) -> bool {
        first_lsn_of(&self.name).is_some_and(|first| first <= self.last_lsn)
    }
}

fn parse_header(name: &str, store: StoreId, segment: &[u8]) -> io::Result<Header> {
    let header = Header::parse(segment).ok_or_else(|| corrupt(name, "invalid header"))?;
    if header.store != store {
        return Err(invalid(name, "belongs to another store"));
    }
    if Some(header.first_lsn()) != first_lsn_of(name) {
        return Err(corrupt(name, &format!("its first record is {}", header.first_lsn())));
    }
    Ok(header)
}

fn corrupt(name: &str, violation: &str) -> io::Error {
    invalid(name, &format!("is corrupt: {violation}"))
}

fn invalid(name: &str, violation: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{name} {violation}"))
}

/// Returns the names of the segments, in order.
fn segment_names(disk: &dyn Disk) -> io::Result<Vec<String>> {
    let mut names = disk.list()?;
    names.retain(|name| first_lsn_of(name).is_some());
    names.sort_unstable_by_key(|name| first_lsn_of(name));
    Ok(names)
}

/// Copies the segments that have records to another directory. Returns their length. They keep their headers, so
/// the copy continues the history of this store.
pub(in super::super) fn write_backup(to: &dyn Disk, recovered: &Recovered) -> io::Result<u64> {
    let mut length = 0;
    for segment in recovered.segments.iter().filter(|segment| !segment.payloads.is_empty()) {
        let mut file = to.create(&segment.name)?;
        file.write_all_at(0, &segment.bytes)?;
        file.sync()?;
        length += segment.bytes.len() as u64;
    }
    Ok(length)
}

/// Removes all segments of a directory.
pub(in super::super) fn remove_backup(from: &dyn Disk) -> io::Result<()> {
    from.list()?.iter().filter(|name| is_segment_file(name)).try_for_each(|name| from.remove(name))
}
