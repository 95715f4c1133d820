//! The WAL of the writer: appends to the current segment, rotation, removal.

use super::super::disk::{Disk, DiskFile};
use super::header::{HEADER_LEN, Header, StoreId};
use super::record::{PAYLOAD_OFFSET, Salt, WalPosition, encode_record, position_of};
use super::recovery::{Recovered, RecoveredSegment};
use super::{NEW_SEGMENT, SEGMENT_PREFIX, WalFollower};
use crate::StorageError;
use crate::log_throttle::LogThrottle;
use std::io::{self, ErrorKind};
use std::sync::Arc;

/// The WAL of a directory, open for appends.
///
/// A sync that failed once is never repeated: the system may have dropped the bytes, and a second sync would
/// succeed without them. After a failure the bytes are written anew, at another place or after a truncation.
#[derive(Debug)]
pub(in super::super) struct Wal {
    disk: Arc<dyn Disk>,
    store: StoreId,
    /// The position of the last record.
    position: WalPosition,
    /// The segment that is being written. It is created by the first append.
    current: Option<Segment>,
    /// Segments with records that are not written any more, and are not removed yet.
    complete: Vec<CompleteSegment>,
    /// True if a record after `position` may be on the disk. The next segment voids it.
    has_unknown_record: bool,
    unflushed_bytes: u64,
    /// The follower whose segments are kept.
    follower: Option<Arc<WalFollower>>,
    /// The last recovered record, until it is durable.
    unsynced: Option<LastRecord>,
}

/// The last record of a recovery.
#[derive(Debug)]
struct LastRecord {
    segment: String,
    start: u64,
    bytes: Vec<u8>,
}

#[derive(Debug)]
struct CompleteSegment {
    name: String,
    last_lsn: u64,
    len: u64,
}

impl From<&RecoveredSegment> for CompleteSegment {
    fn from(segment: &RecoveredSegment) -> CompleteSegment {
        CompleteSegment { name: segment.name.clone(), last_lsn: segment.last_lsn, len: segment.file_len }
    }
}

#[derive(Debug)]
struct Segment {
    name: String,
    file: Box<dyn DiskFile>,
    salt: Salt,
    /// The length of the header and the records.
    len: u64,
}

impl Wal {
    /// Opens the WAL for appends after the recovered records. If there are segments, begins a new one. It voids a
    /// torn tail, and a record that a system call did not show but the disk may have. If that fails, the first
    /// append begins the segment.
    pub(in super::super) fn open(
        disk: Arc<dyn Disk>,
        store: StoreId,
        recovered: &Recovered,
    ) -> io::Result<Wal> {
        if let Some(segment) = recovered.segments.last() {
            let torn_bytes = recovered.torn_bytes;
            if torn_bytes > 0 {
                tracing::warn!(
                    segment = segment.name,
                    torn_bytes,
                    last_lsn = recovered.position.lsn,
                    "WAL ends in bytes that are no complete record, ignoring them; \
                     a crash during a write leaves such bytes, and so does damage of the last record"
                );
            }
        }
        let with_records = recovered.segments.iter().filter(|segment| segment.has_records());
        let complete = with_records.map(CompleteSegment::from).collect();
        let mut wal = Wal {
            disk,
            store,
            position: recovered.position,
            current: None,
            complete,
            has_unknown_record: false,
            unflushed_bytes: recovered.total_bytes,
            follower: None,
            unsynced: recovered.segments.last().and_then(LastRecord::of),
        };
        match wal.rewrite_last_record() {
            // A disk that copies on each write may have no room. The next append tries again.
            Err(error) if error.kind() == ErrorKind::StorageFull => {
                tracing::warn!(%error, "last WAL record cannot be synced, writes are rejected until it can");
            }
            rewritten => rewritten?,
        }
        if !recovered.segments.is_empty() {
            wal.current = wal.create_segment().ok();
        }
        Ok(wal)
    }

    /// Tells a follower of each record, and keeps the segments that it needs.
    pub(in super::super) fn set_follower(&mut self, follower: Arc<WalFollower>) {
        follower.set_committed(self.position.lsn);
        self.follower = Some(follower);
    }

    /// Appends a record and makes it durable. After an error nothing of it remains, unless the error is
    /// [`StorageError::CommitUnknown`]: then a restart may find the record, unless a later append succeeds first.
    pub(in super::super) fn append(&mut self, payload: &[u8]) -> Result<(), StorageError> {
        let appended = self.try_append(payload);
        if let Err(error) = &appended {
            /// Every append fails on a full disk.
            static FAILED: LogThrottle = LogThrottle::new();
            // The commit may be tried again with fewer commands, so this may be the only line about it.
            if let Some(occurrences) = FAILED.count() {
                let lsn = self.position.lsn + 1;
                tracing::warn!(lsn, %error, occurrences, "WAL append failed");
            }
        }
        appended
    }

    fn try_append(&mut self, payload: &[u8]) -> Result<(), StorageError> {
        let lsn = self.position.lsn + 1;
        let mut segment = match self.current.take() {
            Some(segment) => segment,
            None => self.create_segment()?,
        };
        let record = encode_record(segment.salt, lsn, payload)?;
        let Err(error) = segment.append(&record) else {
            self.position = position_of(segment.salt, lsn, &record);
            if let Some(follower) = &self.follower {
                follower.set_committed(lsn);
            }
            self.unflushed_bytes += record.len() as u64;
            self.current = Some(segment);
            return Ok(());
        };
        if segment.truncate().is_ok() {
            self.current = Some(segment);
            return Err(error.into());
        }
        // The record may be on the disk. A new segment with the same LSN voids it.
        self.complete(segment);
        self.has_unknown_record = true;
        match self.create_segment() {
            Ok(next) => {
                self.current = Some(next);
                Err(error.into())
            }
            Err(_) => Err(StorageError::commit_unknown(error)),
        }
    }

    /// Writes the last recovered record again and syncs it. The process that wrote it may have ended before its
    /// sync, or after a sync that failed. Later records depend on it. The records before it are durable: it was
    /// appended after their sync.
    fn rewrite_last_record(&mut self) -> io::Result<()> {
        if let Some(record) = &self.unsynced {
            let mut file = self.disk.open(&record.segment)?;
            file.write_all_at(record.start, &record.bytes)?;
            file.sync()?;
            self.unsynced = None;
        }
        Ok(())
    }

    /// Creates the segment of the next record. A rename gives it its name, so it has a complete header under that
    /// name. It replaces a segment without records.
    fn create_segment(&mut self) -> io::Result<Segment> {
        self.rewrite_last_record()?;
        let salt = Salt(getrandom::u64().map_err(io::Error::other)?);
        let header = Header { store: self.store, salt, previous: self.position };
        let name = format!("{SEGMENT_PREFIX}{}", header.first_lsn());
        let mut file = self.disk.create(NEW_SEGMENT)?;
        file.write_all_at(0, &header.encode())?;
        file.sync()?;
        self.disk.rename(NEW_SEGMENT, &name)?;
        self.disk.sync_directory()?;
        self.has_unknown_record = false;
        Ok(Segment { name, file, salt, len: HEADER_LEN as u64 })
    }

    /// The position of the last record.
    #[cfg(test)]
    pub(in super::super) fn position(&self) -> WalPosition {
        self.position
    }

    /// True if a restart may find a record that was not acknowledged.
    pub(in super::super) fn has_unknown_record(&self) -> bool {
        self.has_unknown_record
    }

    /// The number of bytes appended since the last rotation.
    pub(in super::super) fn unflushed_bytes(&self) -> u64 {
        self.unflushed_bytes
    }

    /// Completes the current segment. Returns the position of the last record.
    pub(in super::super) fn rotate(&mut self) -> WalPosition {
        if let Some(segment) = self.current.take_if(|segment| segment.has_records()) {
            self.complete(segment);
        }
        self.unflushed_bytes = 0;
        self.position
    }

    /// Removes the complete segments whose records are all up to `lsn`. Tries again next time if one cannot be
    /// removed.
    pub(in super::super) fn remove_through(&mut self, lsn: u64) {
        let mut kept_bytes: u64 = self.complete.iter().map(|segment| segment.len).sum();
        self.complete.retain(|segment| {
            let follower = self.follower.as_ref();
            let is_followed = follower.is_some_and(|follower| follower.needs(segment.last_lsn, kept_bytes));
            kept_bytes -= segment.len;
            segment.last_lsn > lsn || is_followed || self.disk.remove(&segment.name).is_err()
        });
    }

    fn complete(&mut self, segment: Segment) {
        if segment.has_records() {
            let Segment { name, len, .. } = segment;
            self.complete.push(CompleteSegment { name, last_lsn: self.position.lsn, len });
        }
    }
}

impl Segment {
    fn append(&mut self, record: &[u8]) -> io::Result<()> {
        self.file.write_all_at(self.len, record)?;
        self.file.sync()?;
        self.len += record.len() as u64;
        Ok(())
    }

    /// Truncates the bytes that a failed append left behind. The shorter length is a new change of the file, so its
    /// sync is no repetition of one that failed.
    fn truncate(&mut self) -> io::Result<()> {
        self.file.set_len(self.len)?;
        self.file.sync()
    }

    fn has_records(&self) -> bool {
        self.len > HEADER_LEN as u64
    }
}

impl LastRecord {
    fn of(segment: &RecoveredSegment) -> Option<LastRecord> {
        let payload = segment.payloads.last()?;
        let start = payload.start - PAYLOAD_OFFSET;
        let bytes = segment.bytes[start..payload.end].to_vec();
        Some(LastRecord { segment: segment.name.clone(), start: start as u64, bytes })
    }
}
