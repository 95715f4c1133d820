//! Writing of a transaction's changes.

use super::{COPY_THRESHOLD, PgTransaction};
use crate::StorageError;
use crate::model::SqlValue;
use crate::postgres::changeset::ChangeSet;
use crate::postgres::sql::system;
use crate::postgres::sql_value::transpose;
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
        let ChangeSet { writes, mut statements } = changes;
        for (write, mut rows) in writes {
            let sql = write.statements();
            if write.is_insert() && rows.len() >= COPY_THRESHOLD && self.copies_inserts() {
                if !self.begun {
                    self.pipeline(&[], None).await?;
                }
                self.connection.copy_in(sql.table, &sql.columns, &rows).await?;
                continue;
            }
            match &sql.many {
                Some(many) if self.batches(rows.len()) => {
                    // Rows in the order of their keys are near each other in the index.
                    rows.sort_by_key(|row| (number(row.first()), number(row.get(1))));
                    statements.push((many, transpose(rows)));
                }
                _ => statements.extend(rows.into_iter().map(|row| (sql.one.as_str(), row))),
            }
        }
        statements.append(&mut self.statements);
        for (sequence, next) in &self.next_ids {
            let params = vec![SqlValue::Text((*sequence).to_owned()), SqlValue::Int(*next)];
            statements.push((system::RAISE_NEXT_ID, params));
        }
        if !statements.is_empty() || after.is_some() {
            self.pipeline(&statements, after).await?;
        }
        Ok(())
    }

    /// Returns true if `COPY` inserts many rows. It costs a round trip, and on distributed tables less than a
    /// statement a row.
    fn copies_inserts(&self) -> bool {
        self.exclusive || self.is_distributed && !self.shared
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

fn number(value: Option<&SqlValue>) -> i64 {
    if let Some(SqlValue::Int(number)) = value { *number } else { 0 }
}
