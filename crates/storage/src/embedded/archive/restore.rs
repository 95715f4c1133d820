//! A new data directory with the state of an instant or of an LSN.

use super::ArchiveError;
use super::layout::{Archive, BaseCopy};
use crate::StorageError;
use crate::embedded::data_dir::BackupTarget;
use crate::embedded::disk::RealDisk;
use crate::embedded::encoding::Table;
use crate::embedded::env::LmdbEnv;
use crate::embedded::wal::{Record, WalOp};
use jiff::Timestamp;
use std::path::Path;

/// The size of a map at first, in bytes. It grows.
const MAP_SIZE: usize = 256 << 20;

/// The approximate number of bytes in one commit.
const COMMIT_BYTES: usize = 16 << 20;

/// The size of the memtable that starts a checkpoint, in bytes.
const MEMTABLE_BYTES: usize = 64 << 20;

/// The state to restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestoreTarget {
    /// The newest archived state.
    Newest,
    /// The state of an instant.
    At(Timestamp),
    /// The state after the record with an LSN.
    Lsn(u64),
}

/// The restored state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The timeline.
    pub timeline: u32,
    /// The LSN of the last restored record.
    pub lsn: u64,
    /// The time of the last restored record, if the base copy was not the last.
    pub time: Option<Timestamp>,
}

/// The restorable part of a timeline: each LSN and instant from its first base copy to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineInfo {
    /// The number.
    pub timeline: u32,
    /// The LSN and the time from which each base copy can be restored, and its size as an object.
    pub bases: Vec<(u64, Timestamp, u64)>,
    /// The last LSN, and the time of its record.
    pub end: (u64, Timestamp),
}

/// A timeline that can be restored.
struct Timeline {
    number: u32,
    bases: Vec<BaseCopy>,
    end_lsn: u64,
    end_ms: u64,
}

impl Timeline {
    /// Reads the timelines that have a base copy, in order.
    async fn read_all(archive: &Archive) -> Result<Vec<Timeline>, ArchiveError> {
        archive.store_id().await?;
        let mut timelines = Vec::new();
        for number in archive.timelines().await? {
            let bases = archive.bases(number).await?;
            let Some(newest) = bases.last() else { continue };
            let last = archive.last_span(number).await?.and_then(|mut records| records.pop());
            let end_lsn = last.as_ref().map_or(0, |record| record.lsn).max(newest.lsn);
            let end_ms = last.as_ref().map_or(0, Record::time_ms).max(newest.time_ms);
            timelines.push(Timeline { number, bases, end_lsn, end_ms });
        }
        Ok(timelines)
    }

    /// Returns the base copy from which a state is restored.
    fn base_of(&self, target: RestoreTarget) -> Option<&BaseCopy> {
        self.bases.iter().rfind(|base| match target {
            RestoreTarget::Newest => true,
            RestoreTarget::At(instant) => base.time_ms <= to_ms(instant) && to_ms(instant) <= self.end_ms,
            RestoreTarget::Lsn(lsn) => base.lsn <= lsn && lsn <= self.end_lsn,
        })
    }
}

/// Lists what can be restored.
pub async fn list(archive: &Archive) -> Result<Vec<TimelineInfo>, ArchiveError> {
    let info = |timeline: Timeline| {
        let base = |base: &BaseCopy| (base.lsn, from_ms(base.time_ms), base.stored_bytes);
        TimelineInfo {
            timeline: timeline.number,
            bases: timeline.bases.iter().map(base).collect(),
            end: (timeline.end_lsn, from_ms(timeline.end_ms)),
        }
    };
    Ok(Timeline::read_all(archive).await?.into_iter().map(info).collect())
}

/// Restores a state into a new or empty directory. Takes it from the newest timeline that has it, or from a given
/// one.
pub async fn restore(
    archive: &Archive,
    target: RestoreTarget,
    timeline: Option<u32>,
    to: &Path,
) -> Result<Restored, ArchiveError> {
    let mut timelines = Timeline::read_all(archive).await?;
    timelines.retain(|known| timeline.is_none_or(|number| known.number == number));
    let found = timelines.iter().rev().find_map(|timeline| Some((timeline, timeline.base_of(target)?)));
    let (timeline, base) = found.ok_or_else(|| not_covered(target, &timelines))?;
    let directory = BackupTarget::create(to)?;
    let restored = restore_base(archive, timeline, base, target, &directory).await;
    if restored.is_err() {
        directory.clear();
        return restored;
    }
    directory.finish()?;
    restored
}

fn not_covered(target: RestoreTarget, timelines: &[Timeline]) -> ArchiveError {
    let wanted = match target {
        RestoreTarget::Newest => "a complete base copy".to_owned(),
        RestoreTarget::At(instant) => format!("the state of {instant}"),
        RestoreTarget::Lsn(lsn) => format!("the state of LSN {lsn}"),
    };
    let span = |timeline: &Timeline| {
        let Timeline { number, bases, end_lsn, end_ms } = timeline;
        let (lsn, time_ms) = bases.first().map_or((0, 0), |base| (base.lsn, base.time_ms));
        let (from, to) = (from_ms(time_ms), from_ms(*end_ms));
        format!("timeline {number} from {from} (LSN {lsn}) to {to} (LSN {end_lsn})")
    };
    let spans: Vec<String> = timelines.iter().map(span).collect();
    let known = if spans.is_empty() { "nothing".to_owned() } else { spans.join(", and ") };
    ArchiveError::NotCovered(format!("the archive does not have {wanted}: it has {known}"))
}

async fn restore_base(
    archive: &Archive,
    timeline: &Timeline,
    base: &BaseCopy,
    target: RestoreTarget,
    directory: &BackupTarget,
) -> Result<Restored, ArchiveError> {
    load_base(archive, base, directory.path()).await?;
    let env = open_env(directory.path())?;
    let mut lsn = env.checkpointed_lsn()?;
    if lsn != base.lsn {
        return Err(ArchiveError::Damaged(base.data.clone(), "it has another LSN than its manifest"));
    }
    let mut time = None;
    let is_wanted = |record: &Record| match target {
        RestoreTarget::Newest => true,
        RestoreTarget::At(instant) => record.time_ms() <= to_ms(instant),
        RestoreTarget::Lsn(last) => record.lsn <= last,
    };
    for span in archive.spans_after(timeline.number, lsn).await? {
        if target == RestoreTarget::Lsn(lsn) {
            break;
        }
        if span.first_lsn > lsn + 1 {
            return Err(gap(timeline.number, lsn, span.first_lsn));
        }
        let mut records = archive.span(timeline.number, span.first_lsn).await?;
        records.retain(|record| record.lsn > lsn);
        let wanted = records.iter().take_while(|record| is_wanted(record)).count();
        let is_end = wanted < records.len();
        records.truncate(wanted);
        if let Some(last) = records.last() {
            (lsn, time) = (last.lsn, Some(from_ms(last.time_ms())));
            env.replay(&records)?;
            if env.active_memtable_bytes() >= MEMTABLE_BYTES {
                env.checkpoint_replayed(lsn)?;
            }
        }
        if is_end {
            break;
        }
    }
    if let RestoreTarget::Lsn(last) = target
        && lsn < last
    {
        return Err(gap(timeline.number, lsn, last + 1));
    }
    env.checkpoint_replayed(lsn)?;
    Ok(Restored { timeline: timeline.number, lsn, time })
}

/// Writes the rows of a base copy into a new environment.
async fn load_base(archive: &Archive, base: &BaseCopy, to: &Path) -> Result<(), ArchiveError> {
    let env = open_env(to)?;
    let mut rows = Vec::new();
    let load = |chunk: Vec<u8>| {
        rows.extend(chunk);
        if rows.len() < COMMIT_BYTES {
            return Ok(());
        }
        Ok(load_rows(&env, &std::mem::take(&mut rows))?)
    };
    archive.download(&base.data, load).await?;
    Ok(load_rows(&env, &rows)?)
}

/// Stores rows of another environment, in their order there. The tables must have no later row.
fn load_rows(env: &LmdbEnv, rows: &[u8]) -> Result<(), StorageError> {
    env.ensure_capacity()?;
    let (mut txn, tables) = env.begin_write()?;
    for op in WalOp::decode_all(rows) {
        match op? {
            // A new environment has rows here.
            WalOp::Put(Table::Meta, key, value) => tables.put(&mut txn, Table::Meta, key, value)?,
            WalOp::Put(table, key, value) => tables.append(&mut txn, table, key, value)?,
            _ => return Err(StorageError::corrupted("a base copy", "it has an operation that is no row")),
        }
    }
    env.commit(txn).map(drop)
}

fn open_env(dir: &Path) -> Result<LmdbEnv, ArchiveError> {
    Ok(LmdbEnv::open(dir, RealDisk::shared(dir), MAP_SIZE)?.0)
}

fn gap(timeline: u32, lsn: u64, next_lsn: u64) -> ArchiveError {
    ArchiveError::NotCovered(format!(
        "the archive has a gap: timeline {timeline} has no record between LSN {lsn} and {next_lsn}; \
         restore an earlier state, such as --lsn {lsn}, or one after a later base copy"
    ))
}

fn to_ms(instant: Timestamp) -> u64 {
    u64::try_from(instant.as_millisecond()).unwrap_or(0)
}

fn from_ms(time_ms: u64) -> Timestamp {
    i64::try_from(time_ms)
        .ok()
        .and_then(|time| Timestamp::from_millisecond(time).ok())
        .unwrap_or(Timestamp::MAX)
}
