//! The import of rows into a store that has members. Merging the same rows again has no effect, so an
//! interrupted merge resumes a few rows before the last applied one.

use super::{ImportResult, InsertRows, check_row, put_row};
use crate::commands::keys::follow_keys;
use crate::model::{AuditRow, Entity, PendingDeletion, Versions};
use crate::transaction::Transaction;
use crate::{Row, StorageError};
use guanxi_types::Mid;

/// Merges rows up to the first invalid one.
pub(super) async fn merge_rows<T: Transaction>(
    tx: &mut T,
    insert: &InsertRows,
) -> Result<ImportResult, StorageError> {
    follow_keys(tx, &insert.cipher).await?;
    let mut log = None;
    for (index, row) in insert.rows.iter().enumerate() {
        if is_duplicate_entry(tx, &mut log, &insert.rows[..=index]).await? {
            continue;
        }
        let error = match check_pending_deletion(tx, row).await? {
            None => check_row(tx, &insert.cipher, row).await?,
            pending => pending,
        };
        if error.is_some() {
            return Ok(ImportResult { rows: index, error });
        }
        match row {
            Row::Versions(row) => raise_versions(tx, row).await?,
            Row::Audit(row) => insert_audit_entry(tx, row).await?,
            row => put_row(tx, &insert.cipher, row).await?,
        }
    }
    Ok(ImportResult { rows: insert.rows.len(), error: None })
}

/// Returns the row at which a merge resumes that ended after `applied` rows. Duplicate log entries are counted
/// within their second, so a second of which only some entries were applied starts again.
pub(super) fn resume_offset(rows: &[Row], applied: usize) -> usize {
    if applied == rows.len() {
        return applied;
    }
    let Some((last, previous)) = rows[..applied].split_last() else { return applied };
    if !last.is_entry_of_same_second(last) {
        return applied;
    }
    applied - 1 - previous.iter().rev().take_while(|row| last.is_entry_of_same_second(row)).count()
}

/// Returns true if the last of these rows is a log entry that the log already has. Equal entries of one second
/// are told apart by their number of occurrences in the dump.
async fn is_duplicate_entry<T: Transaction>(
    tx: &mut T,
    log: &mut Option<Vec<AuditRow>>,
    rows: &[Row],
) -> Result<bool, StorageError> {
    let Some((row, previous)) = rows.split_last() else { return Ok(false) };
    let same_second = previous.iter().rev().take_while(|previous| row.is_entry_of_same_second(previous));
    let occurrence = 1 + same_second.filter(|previous| is_same_entry(previous, row)).count();
    match row {
        Row::Coin(row) => Ok(occurrence <= tx.count_coin_entries(row).await?),
        Row::Login(row) => Ok(occurrence <= tx.count_login_entries(row).await?),
        Row::Audit(row) => has_audit_entry(tx, log, row, occurrence).await,
        _ => Ok(false),
    }
}

fn is_same_entry(left: &Row, right: &Row) -> bool {
    match (left, right) {
        (Row::Audit(left), Row::Audit(right)) => is_same_audit_entry(left, right),
        _ => left == right,
    }
}

/// Returns true if two audit entries are equal except for their sequence number.
fn is_same_audit_entry(left: &AuditRow, right: &AuditRow) -> bool {
    AuditRow { seq: 0, ..left.clone() } == AuditRow { seq: 0, ..right.clone() }
}

/// Returns true if the audit log has at least `occurrence` entries equal to a row. The whole log is read, once
/// for all rows, unless the entry under the row's own sequence number decides.
async fn has_audit_entry<T: Transaction>(
    tx: &mut T,
    log: &mut Option<Vec<AuditRow>>,
    row: &AuditRow,
    occurrence: usize,
) -> Result<bool, StorageError> {
    match tx.get::<AuditRow>(row.key()).await? {
        None => return Ok(false),
        Some(stored) if stored == *row && occurrence == 1 => return Ok(true),
        Some(_) => (),
    }
    if log.is_none() {
        *log = Some(tx.all().await?);
    }
    Ok(occurrence <= log.iter().flatten().filter(|stored| is_same_audit_entry(stored, row)).count())
}

/// Inserts an audit entry unless it exists. An existing entry is never changed.
pub(super) async fn put_audit_entry<T: Transaction>(tx: &mut T, row: &AuditRow) -> Result<(), StorageError> {
    match tx.get::<AuditRow>(row.key()).await? {
        Some(stored) if stored == *row => Ok(()),
        _ => insert_audit_entry(tx, row).await,
    }
}

/// Inserts an audit entry under its sequence number, or appends it if that is in use.
async fn insert_audit_entry<T: Transaction>(tx: &mut T, row: &AuditRow) -> Result<(), StorageError> {
    match tx.get::<AuditRow>(row.key()).await? {
        None => tx.put(row).await,
        Some(_) => tx.append_audit(row.clone()).await,
    }
}

/// Raises the list versions of a member. They never decrease, since clients detect changes by them.
async fn raise_versions<T: Transaction>(tx: &mut T, row: &Versions) -> Result<(), StorageError> {
    let stored = tx.counters(row.mid).await?.unwrap_or_default().versions(row.mid);
    let followers = row.followers.max(stored.followers);
    let followings = row.followings.max(stored.followings);
    tx.set_versions(row.mid, followers, followings).await
}

/// Returns an error if the row belongs to a member whose deletion is pending, since the row would outlive the
/// member.
async fn check_pending_deletion<T: Transaction>(
    tx: &mut T,
    row: &Row,
) -> Result<Option<String>, StorageError> {
    let new_member: Option<Mid> = if let Row::Card(card) = row { Some(card.mid) } else { None };
    for mid in super::referenced_members(row).into_iter().flatten().chain(new_member) {
        if tx.get::<PendingDeletion>(mid).await?.is_some() {
            let remedy = "serve the community until the deletion has ended, or remove the member's rows";
            return Ok(Some(format!("the deletion of member {mid} is pending: {remedy}")));
        }
    }
    Ok(None)
}
