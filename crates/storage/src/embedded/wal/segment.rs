//! The WAL of the writer: appends to the current segment, rotation, removal.

use super::SEGMENT_PREFIX;
use super::record::encode_record;
use super::recovery::Recovered;
use crate::private_files::{create_private_file, sync_directory};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The WAL of a directory, open for appends.
#[derive(Debug)]
pub(in super::super) struct Wal {
    dir: PathBuf,
    last_lsn: u64,
    /// The segment that is being written. It is created by the first append.
    pub(super) current: Option<Segment>,
    /// Complete segments that are not removed yet.
    complete: Vec<PathBuf>,
    next_segment: u64,
    unflushed_bytes: u64,
}

#[derive(Debug)]
pub(super) struct Segment {
    pub(super) path: PathBuf,
    pub(super) file: File,
    /// The length of the valid records. A failed write may have left bytes after it.
    pub(super) valid_len: u64,
    pub(super) is_torn: bool,
}

impl Wal {
    /// Opens the WAL for appends after the recovered records.
    pub(in super::super) fn open(dir: &Path, recovered: &Recovered) -> io::Result<Wal> {
        if let Some((_, path)) = recovered.segments.last() {
            let file = OpenOptions::new().write(true).open(path)?;
            if let Some(valid_len) = recovered.torn_at {
                tracing::warn!(
                    ?path,
                    valid_len,
                    "WAL ends in a torn record, truncating; it was not acknowledged"
                );
                file.set_len(valid_len)?;
            }
            // The last record may not be synced yet. Later records depend on it, so it must be durable first.
            file.sync_all()?;
        }
        Ok(Wal {
            dir: dir.to_owned(),
            last_lsn: recovered.last_lsn,
            current: None,
            next_segment: recovered.segments.last().map_or(1, |(number, _)| number + 1),
            complete: recovered.segments.iter().map(|(_, path)| path.clone()).collect(),
            unflushed_bytes: recovered.total_bytes,
        })
    }

    /// Appends a record and makes it durable. On an error nothing was appended: the next record replaces what the
    /// failed write left behind.
    pub(in super::super) fn append(&mut self, payload: &[u8]) -> io::Result<()> {
        let record = encode_record(self.last_lsn + 1, payload)?;
        self.current_segment()?.append(&record)?;
        self.last_lsn += 1;
        self.unflushed_bytes += record.len() as u64;
        Ok(())
    }

    /// Returns the current segment. Creates it if there is none.
    fn current_segment(&mut self) -> io::Result<&mut Segment> {
        let segment = if let Some(segment) = self.current.take() {
            segment
        } else {
            let path = self.dir.join(format!("{SEGMENT_PREFIX}{}", self.next_segment));
            let file = create_private_file(&path)?;
            self.next_segment += 1;
            sync_directory(&self.dir)?;
            Segment { path, file, valid_len: 0, is_torn: false }
        };
        Ok(self.current.insert(segment))
    }

    /// The LSN of the last record.
    pub(in super::super) fn last_lsn(&self) -> u64 {
        self.last_lsn
    }

    /// The number of bytes appended since the last rotation.
    pub(in super::super) fn unflushed_bytes(&self) -> u64 {
        self.unflushed_bytes
    }

    pub(in super::super) fn has_segments(&self) -> bool {
        self.current.is_some() || !self.complete.is_empty()
    }

    /// Completes the current segment. Returns the segments that hold all records so far.
    pub(in super::super) fn rotate(&mut self) -> io::Result<Vec<PathBuf>> {
        if let Some(segment) = &mut self.current {
            // Recovery accepts a torn tail in the last segment only.
            segment.truncate_torn_tail()?;
        }
        self.complete.extend(self.current.take().map(|segment| segment.path));
        self.unflushed_bytes = 0;
        Ok(self.complete.clone())
    }

    /// Removes complete segments after a checkpoint. A segment that cannot be removed is tried again next time.
    pub(in super::super) fn remove_segments(&mut self, segments: &[PathBuf]) {
        self.complete.retain(|segment| !segments.contains(segment) || fs::remove_file(segment).is_err());
    }
}

impl Segment {
    pub(super) fn append(&mut self, record: &[u8]) -> io::Result<()> {
        self.truncate_torn_tail()?;
        self.is_torn = true;
        let written = self.write_and_sync(record);
        match written {
            Ok(()) => {
                self.is_torn = false;
                self.valid_len += record.len() as u64;
            }
            // Recovery must not find the rejected record. If this truncation fails too, the next append repeats it
            // first.
            Err(_) => drop(self.truncate_torn_tail()),
        }
        written
    }

    fn write_and_sync(&mut self, record: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.valid_len))?;
        self.file.write_all(record)?;
        self.file.sync_data()
    }

    /// Truncates the bytes that a failed write left behind.
    pub(super) fn truncate_torn_tail(&mut self) -> io::Result<()> {
        if self.is_torn {
            self.file.set_len(self.valid_len)?;
            self.file.sync_all()?;
            self.is_torn = false;
        }
        Ok(())
    }
}
