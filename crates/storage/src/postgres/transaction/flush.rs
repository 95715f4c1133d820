//! Writing of a transaction's changes.

use super::{BULK_THRESHOLD, PgTransaction};
use crate::StorageError;
use crate::model::SqlValue;
use crate::postgres::changeset::ChangeSet;
use crate::postgres::sql::{counters, system};
use crate::postgres::unit_of_work::RowChange;

impl PgTransaction {
    /// Writes all changes so far, and executes `after` behind them. Later reads of the transaction see the changes.
    pub(super) async fn flush(&mut self, after: Option<&str>) -> Result<(), StorageError> {
        let changes = self.take_changes();
        self.write(changes, after).await
    }

    /// Writes changes, and executes `after` behind them.
    pub(super) async fn write(
        &mut self,
        changes: ChangeSet,
        after: Option<&str>,
    ) -> Result<(), StorageError> {
        let ChangeSet { inserts, counter_updates, mut statements } = changes;
        if self.batches(counter_updates.len()) {
            statements.push((&counters::UPDATE_BATCH, transpose(&counter_updates)));
        } else {
            statements.extend(counter_updates.into_iter().map(|row| (counters::UPDATE.as_str(), row)));
        }
        statements.append(&mut self.statements);
        for (sequence, next) in std::mem::take(&mut self.next_ids) {
            let params = vec![SqlValue::Text(sequence.to_owned()), SqlValue::Int(next)];
            statements.push((system::RAISE_NEXT_ID, params));
        }
        for (target, rows) in inserts {
            if rows.len() < BULK_THRESHOLD {
                statements.extend(rows.into_iter().map(|row| (target.insert, row)));
                continue;
            }
            if !self.begun {
                self.pipeline(&[], None).await?;
            }
            self.connection.copy_in(target.table, target.columns, &rows).await?;
        }
        if !statements.is_empty() || after.is_some() {
            self.pipeline(&statements, after).await?;
        }
        Ok(())
    }

    fn take_changes(&mut self) -> ChangeSet {
        let mut changes = ChangeSet::default();
        for (ends, row) in &mut self.relations {
            if let Some(RowChange { old, new }) = row.take_change() {
                changes.relation(*ends, old.value(), new.as_ref());
            }
        }
        for (key, row) in &mut self.entities {
            if let Some(change) = row.take_change() {
                changes.entity(key, change);
            }
        }
        for (log, rows) in std::mem::take(&mut self.new_log_entries) {
            changes.log(log, rows);
        }
        for (mid, row) in &mut self.counters {
            if let Some(RowChange { old, new }) = row.take_change() {
                changes.counters(*mid, old.value(), new);
            }
        }
        changes
    }
}

/// Turns rows of numbers into one array parameter a column.
fn transpose(rows: &[Vec<SqlValue>]) -> Vec<SqlValue> {
    let columns = 0..rows.first().map_or(0, Vec::len);
    let number = |value: &SqlValue| if let SqlValue::Int(number) = value { *number } else { 0 };
    columns.map(|column| SqlValue::Ints(rows.iter().map(|row| number(&row[column])).collect())).collect()
}
