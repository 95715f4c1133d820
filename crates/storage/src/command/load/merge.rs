//! Rows of a dump are taken into a community that is there. Said again it changes nothing, so a merge that was cut short is
//! gone on with some rows before where it was.

use super::{ImportResult, InsertRows, fault, put};
use crate::row::{AuditRow, Farewell, Record, Versions};
use crate::txn::Transaction;
use crate::{Row, StorageError};
use guanxi_types::Mid;

/// Takes in rows up to the first with a fault.
pub(super) async fn merge<T: Transaction>(
    tx: &mut T,
    load: &InsertRows,
) -> Result<ImportResult, StorageError> {
    let mut logged = None;
    for (at, row) in load.rows.iter().enumerate() {
        if is_there(tx, &mut logged, &load.rows[..=at]).await? {
            continue;
        }
        let fault = match leaving(tx, row).await? {
            None => fault(tx, &load.vault, row).await?,
            leaving => leaving,
        };
        if fault.is_some() {
            return Ok(ImportResult { rows: at, fault });
        }
        match row {
            Row::Versions(row) => raise_versions(tx, row).await?,
            Row::Audit(row) => add_audit(tx, row).await?,
            row => put(tx, &load.vault, row).await?,
        }
    }
    Ok(ImportResult { rows: load.rows.len(), fault: None })
}

/// From which row on a merge that ended before `rows` goes on: entries of a log are counted within their second, so one that
/// was begun is begun again.
pub(super) fn gone_on_from(rows: &[Row], taken: usize) -> usize {
    if taken == rows.len() {
        return taken;
    }
    let Some((last, before)) = rows[..taken].split_last() else { return taken };
    if !last.goes_on(last) {
        return taken;
    }
    taken - 1 - before.iter().rev().take_while(|row| last.goes_on(row)).count()
}

/// Whether the last of these rows is an entry that its log has already: as many that equal it as came in its second by now.
async fn is_there<T: Transaction>(
    tx: &mut T,
    logged: &mut Option<Vec<AuditRow>>,
    rows: &[Row],
) -> Result<bool, StorageError> {
    let Some((row, before)) = rows.split_last() else { return Ok(false) };
    let second = before.iter().rev().take_while(|other| row.goes_on(other));
    let told = 1 + second.filter(|other| is_equal(other, row)).count();
    match row {
        Row::Coin(row) => Ok(told <= tx.coin_entries(row).await?),
        Row::Login(row) => Ok(told <= tx.login_entries(row).await?),
        Row::Audit(row) => has_audit(tx, logged, row, told).await,
        _ => Ok(false),
    }
}

fn is_equal(one: &Row, other: &Row) -> bool {
    match (one, other) {
        (Row::Audit(one), Row::Audit(other)) => is_same_deed(one, other),
        _ => one == other,
    }
}

/// Whether two entries of the operators' log tell the same, whatever their numbers.
fn is_same_deed(one: &AuditRow, other: &AuditRow) -> bool {
    AuditRow { seq: 0, ..one.clone() } == AuditRow { seq: 0, ..other.clone() }
}

/// Whether the operators' log has so many entries that tell the same as a row. It is read whole if the row's number does not
/// say, and once for all rows.
async fn has_audit<T: Transaction>(
    tx: &mut T,
    logged: &mut Option<Vec<AuditRow>>,
    row: &AuditRow,
    told: usize,
) -> Result<bool, StorageError> {
    match tx.get::<AuditRow>(row.key()).await? {
        None => return Ok(false),
        Some(kept) if kept == *row && told == 1 => return Ok(true),
        Some(_) => (),
    }
    if logged.is_none() {
        *logged = Some(tx.all().await?);
    }
    Ok(told <= logged.iter().flatten().filter(|kept| is_same_deed(kept, row)).count())
}

/// Adds an entry to the operators' log, unless it is there: an entry is never changed.
pub(super) async fn put_audit<T: Transaction>(tx: &mut T, row: &AuditRow) -> Result<(), StorageError> {
    match tx.get::<AuditRow>(row.key()).await? {
        Some(kept) if kept == *row => Ok(()),
        _ => add_audit(tx, row).await,
    }
}

/// Adds an entry under its number if that is free.
async fn add_audit<T: Transaction>(tx: &mut T, row: &AuditRow) -> Result<(), StorageError> {
    match tx.get::<AuditRow>(row.key()).await? {
        None => tx.put(row).await,
        Some(_) => tx.put_audit(row.clone()).await,
    }
}

/// Versions tell clients that a list has changed, so they never go back.
async fn raise_versions<T: Transaction>(tx: &mut T, row: &Versions) -> Result<(), StorageError> {
    let stat = tx.counters(row.mid).await?.unwrap_or_default();
    let fans = row.fans.max(stat.fans_version);
    let followings = row.followings.max(stat.version_of_followings(true));
    tx.set_versions(row.mid, fans, followings).await
}

/// What is given to who is leaving would outlive them.
async fn leaving<T: Transaction>(tx: &mut T, row: &Row) -> Result<Option<String>, StorageError> {
    let of_card: Option<Mid> = if let Row::Card(card) = row { Some(card.mid) } else { None };
    for mid in super::members(row).into_iter().flatten().chain(of_card) {
        if tx.get::<Farewell>(mid).await?.is_some() {
            let until = "serve the community until they are gone, or leave their rows out";
            return Ok(Some(format!("the member {mid} is leaving: {until}")));
        }
    }
    Ok(None)
}
