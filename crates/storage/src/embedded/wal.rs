//! The write-ahead log (WAL). A write is durable here before it is answered. A later checkpoint moves it into LMDB.
//!
//! The WAL consists of segment files `wal.1`, `wal.2` and so on, which hold [records](record). Each record is
//! written and synced before the next, so a crash at any moment leaves complete records and at most one torn
//! record, the last, which was not acknowledged. LMDB stores the LSN of its last checkpoint in the transaction of
//! that checkpoint. Recovery replays the records after it. LMDB shows its last synced state whatever became of its
//! unsynced pages, so tree and LSN always match.

mod op;
mod record;
mod recovery;
mod segment;

pub(super) use op::WalOp;
pub(super) use recovery::{BACKUP_SEGMENT, Recovered, is_segment_file, recover, write_backup};
pub(super) use segment::Wal;

/// The prefix of the names of segment files. A number follows.
const SEGMENT_PREFIX: &str = "wal.";

#[cfg(any(test, feature = "fuzzing"))]
pub(super) mod fuzzing;
#[cfg(test)]
mod tests;
