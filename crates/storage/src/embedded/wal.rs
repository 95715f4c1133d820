//! The write-ahead log (WAL). A write is durable here before it is answered. A later checkpoint moves it into LMDB.
//!
//! The WAL consists of segment files `wal.N`, where N is the LSN of the first record. A segment is a
//! [header](header), and the [records](record) that one process appended to it. It ends before the first record of
//! the next segment: bytes behind that place were never acknowledged. Each record is synced before the next is
//! written, so a crash leaves complete records and at most one torn record, the last.
//!
//! LMDB stores the [position](WalPosition) of its last checkpoint in the transaction of that checkpoint. Recovery
//! replays the records after it. LMDB shows its last synced state whatever became of its unsynced pages, so tree
//! and position always match.
//!
//! A segment names its store, and the record before its first one. The checksums of its records begin with its
//! random salt. A segment of another store is therefore refused, and so is one of a copy of this store that has
//! gone its own way. A backup contains exact copies of segments, so it continues the same history.

mod commit_time;
mod follower;
mod header;
mod op;
mod reader;
mod record;
mod recovery;
mod segment;

pub(super) use commit_time::{now_ms, payload_of, split_payload};
pub(super) use follower::WalFollower;
pub(super) use header::StoreId;
pub(super) use op::WalOp;
pub(super) use reader::{Record, WalReader};
pub(super) use record::WalPosition;
pub(super) use recovery::{Recovered, recover, remove_backup, write_backup};
pub(super) use segment::Wal;

/// The prefix of the names of segment files. The LSN of the first record follows.
const SEGMENT_PREFIX: &str = "wal.";
/// The name of a segment that is being created.
const NEW_SEGMENT: &str = "wal.new";

/// Returns the LSN of the first record of a segment from its file name.
fn first_lsn_of(name: &str) -> Option<u64> {
    let number = name.strip_prefix(SEGMENT_PREFIX)?;
    let has_one_spelling = number.starts_with(|first: char| first.is_ascii_digit() && first != '0');
    number.parse().ok().filter(|_| has_one_spelling)
}

/// True for the name of a segment file, complete or being created.
pub(super) fn is_segment_file(name: &str) -> bool {
    name == NEW_SEGMENT || first_lsn_of(name).is_some()
}

#[cfg(any(test, feature = "fuzzing"))]
pub(super) mod fuzzing;
#[cfg(test)]
mod tests;
