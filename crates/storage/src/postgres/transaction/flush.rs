//! Writing of a transaction's changes.

use super::{COPY_THRESHOLD, PgTransaction};
use crate::StorageError;
use crate::model::SqlValue;
use crate::postgres::changeset::ChangeSet;
use crate::postgres::connection::Query;
use crate::postgres::sql::{WriteStatements, system};
use crate::postgres::sql_value::transpose;
use crate::postgres::unit_of_work::RowChange;
use guanxi_types::Mid;

impl PgTransaction {
    /// Writes all changes so far, and executes `after` behind them. Later reads of the transaction see the changes.
    pub(super) async fn flush(&mut self, after: Option<&str>) -> Result<(), StorageError> {
        let changes = self.take_changes()?;
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
            if write.is_insert() && rows.len() >= COPY_THRESHOLD && self.exclusive {
                if !self.begun {
                    self.pipeline(&[], None).await?;
                }
                self.connection.copy_in(sql.table, &sql.columns, &rows).await?;
                continue;
            }
            // Rows in the order of their keys are near each other in the index.
            rows.sort_by_key(|row| (number(row.first()), number(row.get(1))));
            for batch in self.batches(rows, |row| owner(row)) {
                if self.goes_by_shard() {
                    write_of_shard(sql, batch, &mut statements);
                } else {
                    write_rows(sql, sql.many.as_deref(), batch, &mut statements);
                }
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

    fn take_changes(&mut self) -> Result<ChangeSet, StorageError> {
        let mut changes = ChangeSet::default();
        for (ends, row) in &mut self.relations {
            if let Some(RowChange { old, new }) = row.take_change() {
                changes.relation(*ends, old.value(), new.as_ref());
            }
        }
        for (key, row) in &mut self.entities {
            if let Some(change) = row.take_change() {
                changes.entity(key, change)?;
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
        Ok(changes)
    }
}

/// Adds the statements for the rows of one shard.
fn write_of_shard(sql: &'static WriteStatements, mut rows: Vec<Vec<SqlValue>>, to: &mut Vec<Query<'static>>) {
    for (number, text) in sql.by_size.iter().enumerate().rev() {
        let size = 2 << number;
        while rows.len() >= size {
            to.push((text, rows.drain(..size).flatten().collect()));
        }
    }
    write_rows(sql, sql.of_shard.as_deref(), rows, to);
}

/// Adds one statement for many rows if there is one, or one for each row.
fn write_rows(
    sql: &'static WriteStatements,
    many: Option<&'static str>,
    rows: Vec<Vec<SqlValue>>,
    to: &mut Vec<Query<'static>>,
) {
    match many {
        Some(many) if rows.len() > 1 => to.push((many, transpose(rows))),
        _ => to.extend(rows.into_iter().map(|row| (sql.one.as_str(), row))),
    }
}

/// Returns the member of a row whose first column is a mid.
fn owner(row: &[SqlValue]) -> Option<Mid> {
    Mid::new(number(row.first()).cast_unsigned())
}

fn number(value: Option<&SqlValue>) -> i64 {
    if let Some(SqlValue::Int(number)) = value { *number } else { 0 }
}
