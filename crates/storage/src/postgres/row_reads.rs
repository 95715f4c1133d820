//! Reads of single rows. Reads that arrive while others of the same table are on their way share the next statement,
//! since a statement costs the server more than a row. Most requests begin with such a read, that of their session.

use super::PostgresStore;
use crate::StorageError;
use crate::model::{SqlValue, Table};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// The most statements of one table on their way.
const MAX_STATEMENTS: usize = 2;

/// The most rows of a statement.
const MAX_ROWS: usize = 256;

/// A row, if it exists.
pub(super) type OptionalRow = Option<Vec<SqlValue>>;

/// The reads of each table.
#[derive(Debug)]
pub(super) struct RowReads(Vec<Mutex<TableReads>>);

/// The reads of a table.
#[derive(Debug, Default)]
struct TableReads {
    /// The number of statements on their way.
    statements: usize,
    waiting: Vec<WaitingRead>,
}

#[derive(Debug)]
struct WaitingRead {
    /// The values of the key's columns.
    key: Vec<SqlValue>,
    reply: oneshot::Sender<Result<OptionalRow, StorageError>>,
}

impl RowReads {
    pub(super) fn new() -> RowReads {
        RowReads(Table::ALL.iter().map(|_| Mutex::default()).collect())
    }

    fn table(&self, table: Table) -> MutexGuard<'_, TableReads> {
        self.0[table as usize].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the reads that wait for the next statement. If there are none, a statement has ended.
    fn take_waiting(&self, table: Table) -> Vec<WaitingRead> {
        let mut reads = self.table(table);
        reads.waiting.retain(|read| !read.reply.is_closed());
        let count = reads.waiting.len().min(MAX_ROWS);
        reads.statements -= usize::from(count == 0);
        reads.waiting.drain(..count).collect()
    }
}

/// A statement on its way. Drop runs the reads that wait, also if its caller goes.
struct RunningStatement<'s> {
    store: &'s PostgresStore,
    table: Table,
}

impl Drop for RunningStatement<'_> {
    fn drop(&mut self) {
        let waiting = self.store.0.row_reads.take_waiting(self.table);
        // Without a runtime nobody waits.
        if !waiting.is_empty()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(self.store.clone().read_waiting(self.table, waiting));
        }
    }
}

impl PostgresStore {
    /// Returns the row of a key.
    pub(super) async fn read_row(
        &self,
        table: Table,
        key: Vec<SqlValue>,
    ) -> Result<OptionalRow, StorageError> {
        let answer = {
            let mut reads = self.0.row_reads.table(table);
            if reads.statements < MAX_STATEMENTS || self.0.shards.are_distributed() {
                reads.statements += usize::from(!self.0.shards.are_distributed());
                Err(key)
            } else {
                let (reply, answer) = oneshot::channel();
                reads.waiting.push(WaitingRead { key, reply });
                Ok(answer)
            }
        };
        match answer {
            Ok(answer) => answer.await.map_err(|_| StorageError::Closed)?,
            Err(key) => {
                let _running =
                    (!self.0.shards.are_distributed()).then(|| RunningStatement { store: self, table });
                Ok(self.rows(table, vec![key]).await?.pop().flatten())
            }
        }
    }

    /// Reads rows until no read waits.
    async fn read_waiting(self, table: Table, mut waiting: Vec<WaitingRead>) {
        while !waiting.is_empty() {
            let (keys, replies): (Vec<_>, Vec<_>) =
                waiting.into_iter().map(|read| (read.key, read.reply)).unzip();
            match self.rows(table, keys).await {
                Ok(rows) => replies.into_iter().zip(rows).for_each(|(reply, row)| drop(reply.send(Ok(row)))),
                Err(error) => replies.into_iter().for_each(|reply| drop(reply.send(Err(error.clone())))),
            }
            waiting = self.0.row_reads.take_waiting(table);
        }
    }
}
