//! A scan: a read-only transaction that reads the whole store on one snapshot, with a time limit of its own.
//!
//! A scan that is dropped before its end leaves no statement running: another connection cancels it. If the whole
//! program is gone, the server itself notices the closed connection.

use super::PostgresStore;
use super::connection::Connection;
use super::sql::system;
use crate::StorageError;
use crate::model::{SqlValue, SqlValues};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

/// A scan. Dropped before [`commit`](Scan::commit), it is cancelled.
#[derive(Debug)]
pub(super) struct Scan {
    store: PostgresStore,
    /// `None` at the end.
    connection: Option<Connection>,
    /// The id of the server process, and the time of its start. An id alone may be used again.
    backend: Vec<SqlValue>,
    deadline: Instant,
}

impl PostgresStore {
    /// Begins a scan.
    pub(super) async fn begin_scan(&self) -> Result<Scan, StorageError> {
        let limit = self.0.scan_timeout;
        let deadline = Instant::now() + limit;
        let connection = self.acquire(true).await?;
        connection.mark_busy();
        connection.execute(&system::begin_scan(limit)).await?;
        let mut rows = connection.query(system::OWN_BACKEND, Vec::new()).await?;
        let backend = rows.pop().map_or_else(Vec::new, SqlValues::into_remaining);
        Ok(Scan { store: self.clone(), connection: Some(connection), backend, deadline })
    }

    /// Waits until the statements of dropped scans are cancelled. A program calls it before it ends.
    pub async fn close(&self) {
        drop(self.0.cancellations.write().await);
    }

    async fn cancel(&self, backend: Vec<SqlValue>) -> Result<(), StorageError> {
        let connection = self.acquire(true).await?;
        connection.run_to_completion(connection.query(system::CANCEL_BACKEND, backend)).await.map(drop)
    }
}

impl Scan {
    /// The connection of the scan.
    pub(super) fn connection(&self) -> &Connection {
        self.connection.as_ref().expect("only the end takes the connection")
    }

    /// Runs statements of the scan within its time limit.
    pub(super) async fn run<T, E: From<StorageError>>(
        &self,
        statements: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let exceeded = |_| Err(StorageError::timeout("a scan exceeded database_scan_timeout_seconds").into());
        timeout_at(self.deadline, statements).await.unwrap_or_else(exceeded)
    }

    /// Ends the scan. The connection returns to the pool.
    pub(super) async fn commit(mut self) -> Result<(), StorageError> {
        self.connection().execute(system::COMMIT).await?;
        if let Some(connection) = self.connection.take() {
            connection.mark_idle();
        }
        Ok(())
    }
}

impl Drop for Scan {
    fn drop(&mut self) {
        // The connection is closed first, so that the pool has room for another one.
        if self.connection.take().is_none() {
            return;
        }
        let cancellation = Arc::clone(&self.store.0.cancellations).try_read_owned();
        let (Ok(runtime), Ok(cancellation)) = (Handle::try_current(), cancellation) else { return };
        let (store, backend) = (self.store.clone(), std::mem::take(&mut self.backend));
        runtime.spawn(async move {
            if let Err(error) = store.cancel(backend).await {
                tracing::warn!(%error, "a statement was not cancelled, it ends at its time limit at the latest");
            }
            drop(cancellation);
        });
    }
}
