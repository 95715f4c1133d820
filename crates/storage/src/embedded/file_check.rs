//! The checks of the data file before LMDB reads it: at each open, and whole for an operator.

use super::data_pages::meta::{self, DamagedMeta, MetaPages};
use super::data_pages::{DataPages, verify};
use super::disk::Disk;
use super::encoding::{self, Table};
use super::wal::{self, StoreId, WalPosition};
use super::{data_file, open_env};
use crate::error::OpenError;
use crate::integrity::{Report, Violation};
use heed::EnvFlags;
use std::path::Path;

/// The attempts to read the meta page of a transaction, while another process may commit.
const SNAPSHOT_ATTEMPTS: usize = 1000;

/// The name of the meta pages in a violation.
const META: &str = "meta";

fn damaged_file(dir: &Path, reason: String) -> OpenError {
    OpenError::Engine(dir.to_owned(), reason.into())
}

fn read_meta(dir: &Path) -> Result<Option<MetaPages>, OpenError> {
    let read = meta::read(dir).map_err(|error| OpenError::Io(dir.to_owned(), error))?;
    let both_damaged = |[first, second]: [String; 2]| {
        let reason = format!(
            "data.mdb is damaged: page 0 {first}, page 1 {second}; without a meta page, restore it from a backup"
        );
        damaged_file(dir, reason)
    };
    read.transpose().map_err(both_damaged)
}

/// Checks the meta pages and the roots of a file before a writer opens it. Replaces a damaged meta page by the other
/// one, if the WAL has all that the other one lacks. Returns true then. Fails on other damage.
pub(super) fn prepare_for_writing(dir: &Path, disk: &dyn Disk) -> Result<bool, OpenError> {
    let Some(meta) = read_meta(dir)? else { return Ok(false) };
    data_file::missing_tail(dir, meta.whole.file_len())?;
    let pages = open_pages(dir, &meta)?;
    let mut report = Report::default();
    verify::check_roots(&pages, &meta.whole, &mut report);
    if let Some(violation) = report.violations.first() {
        let hint = "`guanxi check` lists the damage; restore the directory from a backup";
        return Err(damaged_file(dir, format!("{violation}; {hint}")));
    }
    let Some(damaged) = &meta.damaged else { return Ok(false) };
    if !meta.is_newest_whole() {
        require_later_records(dir, disk, &pages, &meta, damaged)?;
    }
    let DamagedMeta { number, damage, .. } = damaged;
    tracing::error!(
        page = number,
        %damage,
        "meta page of data.mdb is damaged, opening with the other one and the WAL; \
         no acknowledged write is lost, but the disk or the memory may be failing"
    );
    meta::repair(dir, &meta.whole).map_err(|error| OpenError::Io(dir.to_owned(), error))?;
    Ok(true)
}

/// Checks that the WAL has all records since the tree of the whole meta page.
fn require_later_records(
    dir: &Path,
    disk: &dyn Disk,
    pages: &DataPages,
    meta: &MetaPages,
    damaged: &DamagedMeta,
) -> Result<(), OpenError> {
    let find = |key| verify::find(pages, &meta.whole, Table::Meta, key);
    let store_id = find(encoding::STORE_ID).and_then(|id| id.try_into().ok()).map(StoreId);
    let checkpoint = find(encoding::CHECKPOINT).and_then(|bytes| WalPosition::from_bytes(&bytes));
    let checkpoint = checkpoint.unwrap_or_default();
    let reaches_back = match store_id.map(|id| wal::recover(disk, id, checkpoint)) {
        Some(Ok(recovered)) if recovered.reaches(checkpoint.lsn) => return Ok(()),
        Some(Err(error)) => error.to_string(),
        _ => format!("the WAL does not have record {}", checkpoint.lsn + 1),
    };
    let DamagedMeta { number, damage, .. } = damaged;
    let other = meta.whole.number;
    Err(damaged_file(
        dir,
        format!(
            "page {number} of data.mdb (meta) {damage}, and page {other} has an older state that lacks writes: \
             {reaches_back}; restore the directory from a backup"
        ),
    ))
}

/// Checks the meta pages before a reader opens the file. Changes nothing.
pub(super) fn prepare_for_reading(dir: &Path) -> Result<(), OpenError> {
    let Some(meta) = read_meta(dir)? else { return Ok(()) };
    match &meta.damaged {
        Some(DamagedMeta { number, damage, is_ignored_by_lmdb: false, .. }) => Err(damaged_file(
            dir,
            format!(
                "page {number} of data.mdb (meta) {damage}; `guanxi serve` opens it with the other meta page"
            ),
        )),
        Some(DamagedMeta { number, damage, .. }) => {
            tracing::warn!(page = number, %damage, "older meta page of data.mdb is damaged, reading the newer one");
            Ok(())
        }
        None => Ok(()),
    }
}

/// Checks all pages of the newest tree, and the checksum of each value. With `scrub` also the tree before it, and
/// reads every page of the file. Changes nothing.
pub(super) fn check_file(dir: &Path, scrub: bool) -> Result<Report, OpenError> {
    let mut report = Report::default();
    let failed = |error| OpenError::Io(dir.to_owned(), error);
    let mut add = |page, damage| report.add(Violation::DamagedPage { page, tree: META, damage });
    match meta::read(dir).map_err(failed)? {
        None => return Ok(report),
        Some(Err([first, second])) => {
            add(0, first);
            add(1, second);
            return Ok(report);
        }
        Some(Ok(MetaPages { damaged: Some(damaged), .. })) => {
            add(damaged.number, damaged.damage);
            if !damaged.is_ignored_by_lmdb {
                return Ok(report);
            }
        }
        Some(Ok(_)) => (),
    }
    let env = open_env::open_env(dir, open_env::read_only_map_size(dir), EnvFlags::READ_ONLY)?;
    for _ in 0..SNAPSHOT_ATTEMPTS {
        // A writer reuses no page of this transaction, and none of the one before it.
        let txn = env.read_txn().map_err(|error| damaged_file(dir, error.to_string()))?;
        let Some(meta) = read_meta(dir)? else { return Ok(report) };
        // While a commit syncs its meta page, readers still have the tree of the older one.
        let pair = [Some(&meta.whole), meta.older.as_ref()];
        let mut trees = pair.into_iter().flatten().skip_while(|tree| tree.txn_id != txn.id() as u64);
        let Some(tree) = trees.next() else {
            // A checkpoint completed in between.
            continue;
        };
        let pages = open_pages(dir, &meta)?;
        verify::check_all(&pages, tree, &mut report);
        if scrub && report.is_clean() {
            if let Some(older) = trees.next() {
                verify::check_all(&pages, older, &mut report);
            }
            verify::read_all(&pages, tree, &mut report);
        }
        return Ok(report);
    }
    Err(damaged_file(dir, "the newest meta page of data.mdb is not the one that LMDB reads".to_owned()))
}

fn open_pages(dir: &Path, meta: &MetaPages) -> Result<DataPages, OpenError> {
    DataPages::open(dir, meta.whole.page_size).map_err(|error| OpenError::Io(dir.to_owned(), error))
}
