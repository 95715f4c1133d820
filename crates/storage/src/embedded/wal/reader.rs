//! The reader of a follower: committed records from an LSN on, while the writer appends.

use super::header::{HEADER_LEN, Header};
use super::record::{PAYLOAD_OFFSET, Salt, parse_record};
use super::{SEGMENT_PREFIX, first_lsn_of};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// The number of bytes that are read at first. A longer record is read whole.
const READ_BYTES: u64 = 1 << 20;

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Record {
    pub(in super::super) lsn: u64,
    /// The time of the commit, and its operations.
    pub(in super::super) payload: Vec<u8>,
}

impl Record {
    /// The time of the commit, in milliseconds since the Unix epoch.
    pub(in super::super) fn time_ms(&self) -> u64 {
        super::split_payload(&self.payload).map_or(0, |(time_ms, _)| time_ms)
    }
}

/// A reader at a place in the WAL.
#[derive(Debug)]
pub(in super::super) struct WalReader {
    dir: PathBuf,
    next_lsn: u64,
    /// The segment of the last read.
    segment: Option<OpenSegment>,
}

#[derive(Debug)]
struct OpenSegment {
    first_lsn: u64,
    salt: Salt,
    /// Still readable if the writer removes it.
    file: File,
    /// The offset of the next record.
    offset: u64,
}

impl WalReader {
    /// Returns a reader of the records after an LSN.
    pub(in super::super) fn after(dir: &Path, lsn: u64) -> WalReader {
        WalReader { dir: dir.to_owned(), next_lsn: lsn + 1, segment: None }
    }

    /// Reads the next records up to a committed LSN, until their payloads have `max_bytes`. Returns none if the WAL
    /// does not have the next record any more.
    pub(in super::super) fn read(&mut self, committed_lsn: u64, max_bytes: usize) -> io::Result<Vec<Record>> {
        // Listed after the caller read `committed_lsn`: all segments of committed records are in the list.
        let first_lsns = self.first_lsns()?;
        let (mut records, mut bytes) = (Vec::new(), 0);
        while self.next_lsn <= committed_lsn && bytes < max_bytes {
            let after = first_lsns.partition_point(|first_lsn| *first_lsn <= self.next_lsn);
            let Some(first_lsn) = after.checked_sub(1).map(|at| first_lsns[at]) else { break };
            // A record behind the first one of the next segment was rejected.
            let end_lsn = first_lsns.get(after).map_or(committed_lsn, |next| committed_lsn.min(next - 1));
            let read_before = records.len();
            if !self.open_segment(first_lsn)? {
                break;
            }
            self.read_segment(end_lsn, max_bytes, &mut bytes, &mut records)?;
            if records.len() == read_before {
                break;
            }
        }
        Ok(records)
    }

    fn first_lsns(&self) -> io::Result<Vec<u64>> {
        let mut first_lsns = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            first_lsns.extend(entry?.file_name().to_str().and_then(first_lsn_of));
        }
        first_lsns.sort_unstable();
        Ok(first_lsns)
    }

    /// Opens a segment, unless it is open. Returns false if it is gone or has no valid header.
    fn open_segment(&mut self, first_lsn: u64) -> io::Result<bool> {
        if self.segment.as_ref().is_some_and(|segment| segment.first_lsn == first_lsn) {
            return Ok(true);
        }
        let mut file = match File::open(self.dir.join(format!("{SEGMENT_PREFIX}{first_lsn}"))) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            opened => opened?,
        };
        let mut header = Vec::with_capacity(HEADER_LEN);
        file.by_ref().take(HEADER_LEN as u64).read_to_end(&mut header)?;
        let Some(header) = Header::parse(&header) else { return Ok(false) };
        self.segment = Some(OpenSegment { first_lsn, salt: header.salt, file, offset: HEADER_LEN as u64 });
        Ok(true)
    }

    fn read_segment(
        &mut self,
        end_lsn: u64,
        max_bytes: usize,
        bytes: &mut usize,
        records: &mut Vec<Record>,
    ) -> io::Result<()> {
        let Some(segment) = &mut self.segment else { return Ok(()) };
        let mut read_bytes = READ_BYTES;
        while self.next_lsn <= end_lsn && *bytes < max_bytes {
            segment.file.seek(SeekFrom::Start(segment.offset))?;
            let mut buffer = Vec::new();
            segment.file.by_ref().take(read_bytes).read_to_end(&mut buffer)?;
            let mut at = 0;
            while *bytes < max_bytes
                && let Some((lsn, record)) = parse_record(segment.salt, &buffer[at..])
                && lsn <= end_lsn
            {
                if lsn == self.next_lsn {
                    let payload = record[PAYLOAD_OFFSET..].to_vec();
                    *bytes += payload.len();
                    records.push(Record { lsn, payload });
                    self.next_lsn += 1;
                }
                at += record.len();
            }
            segment.offset += at as u64;
            if at == 0 && (buffer.len() as u64) < read_bytes {
                // The segment has no further record.
                return Ok(());
            }
            // A record that is longer than the buffer needs a larger one.
            read_bytes = if at == 0 { read_bytes * 2 } else { READ_BYTES };
        }
        Ok(())
    }
}
