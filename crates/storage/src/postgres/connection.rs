//! Connections of the pool: time limits, pipelines of statements, and disposal of a connection in an unknown state.

use super::config::{DatabaseConfig, KEEPALIVE_INTERVAL};
use super::connector::Connector;
use super::error::{PipelineError, QueryError, timeout_error};
use super::{sql, sql_value};
use crate::StorageError;
use crate::error::OpenError;
use crate::model::{SqlValue, SqlValues};
use deadpool::Runtime;
use deadpool::managed::{self, Object, PoolError, QueueMode};
use futures_util::future::{MaybeDone, maybe_done};
use futures_util::{Stream, StreamExt, TryStreamExt, pin_mut};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::timeout;
use tokio_postgres::Statement;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::Type;

/// The open connections.
pub(super) type Pool = managed::Pool<Connector>;

/// A statement and the values of its parameters.
pub(super) type Query<'a> = (&'a str, Vec<SqlValue>);

/// A query without an answer yet.
type PendingQuery<'a> = Pin<Box<dyn Future<Output = Result<Vec<SqlValues>, QueryError>> + Send + 'a>>;

/// The limit of a transaction that may run long, such as an import.
const LONG_TIMEOUT: Duration = Duration::from_mins(10);

/// The limit of connecting, and of waiting for a free connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// Creates the pool. A statement, and the wait for a connection, may take `statement_timeout` at most.
pub(super) fn create_pool(
    mut config: DatabaseConfig,
    max_connections: usize,
    statement_timeout: Duration,
) -> Result<Pool, OpenError> {
    for server in &mut config.servers {
        server.tcp_user_timeout(statement_timeout.max(KEEPALIVE_INTERVAL));
    }
    // The server cancels a statement shortly before the client gives up, so that its outcome is known. It also ends
    // a transaction whose program is gone.
    let settings = format!(
        "set statement_timeout = {}; set idle_in_transaction_session_timeout = {}; \
         set default_transaction_isolation = 'read committed'; {}",
        (statement_timeout * 4 / 5).as_millis().max(1),
        (statement_timeout * 2).as_millis(),
        sql::system::REGISTER_CONNECTION
    );
    let acquire_timeout = statement_timeout.min(CONNECT_TIMEOUT);
    Pool::builder(Connector::new(config, acquire_timeout, settings)?)
        .max_size(max_connections)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(acquire_timeout))
        // The server's process of the connection used last has its statements and pages in the processor's caches.
        .queue_mode(QueueMode::Lifo)
        .build()
        .map_err(|error| OpenError::Database(error.into()))
}

/// A connection taken from the pool. It returns there when it is dropped idle.
#[derive(Debug)]
pub(super) struct Connection {
    /// `Some` until the connection is dropped.
    client: Option<Object<Connector>>,
    /// True while an answer is outstanding or a transaction is open. Dropped busy, the connection is closed.
    busy: AtomicBool,
    /// The time limit of an answer.
    statement_timeout: Duration,
}

impl Connection {
    /// Takes a connection from the pool.
    pub(super) async fn acquire(
        pool: &Pool,
        statement_timeout: Duration,
    ) -> Result<Connection, StorageError> {
        let client = pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) => error,
            PoolError::Timeout(_) => StorageError::unavailable("no free connection within the time limit"),
            error => StorageError::unavailable(error),
        })?;
        Ok(Connection { client: Some(client), busy: AtomicBool::new(false), statement_timeout })
    }

    pub(super) fn client(&self) -> &Object<Connector> {
        self.client.as_ref().expect("only drop takes the client")
    }

    /// Marks the connection as in use: its state is unknown until [`mark_idle`](Connection::mark_idle).
    pub(super) fn mark_busy(&self) {
        self.busy.store(true, Ordering::Relaxed);
    }

    /// Marks the connection as reusable: no answer is outstanding and no transaction is open.
    pub(super) fn mark_idle(&self) {
        self.busy.store(false, Ordering::Relaxed);
    }

    /// Raises the time limit of the statements that follow to [`LONG_TIMEOUT`].
    pub(super) fn extend_timeout(&mut self) {
        self.statement_timeout = self.statement_timeout.max(LONG_TIMEOUT);
    }

    async fn with_timeout<T>(
        &self,
        operation: impl Future<Output = Result<T, StorageError>>,
    ) -> Result<T, StorageError> {
        timeout(self.statement_timeout, operation).await.unwrap_or_else(|_| Err(timeout_error()))
    }

    /// Runs all statements of a read within one time limit, beside other reads. The connection is not reused if a
    /// read fails, or is dropped before its end.
    pub(super) async fn run_to_completion<T>(
        &self,
        read: impl Future<Output = Result<T, StorageError>>,
    ) -> Result<T, StorageError> {
        let mut running = RunningRead { connection: self, has_succeeded: false };
        let result = self.with_timeout(read).await;
        running.has_succeeded = result.is_ok();
        result
    }

    /// Returns true if the connection can be used further.
    pub(super) fn is_usable(&self) -> bool {
        !self.busy.load(Ordering::Relaxed) && !self.client().is_closed()
    }

    async fn prepare(&self, text: &str) -> Result<Statement, StorageError> {
        Ok(self.client().prepare_cached(text).await?)
    }

    async fn query_prepared(
        &self,
        statement: &Statement,
        params: &[SqlValue],
    ) -> Result<Vec<SqlValues>, QueryError> {
        let rows = self.client().query_raw(statement, params).await?;
        pin_mut!(rows);
        let mut values = Vec::new();
        while let Some(row) = rows.try_next().await? {
            values.push(sql_value::values(&row)?);
        }
        Ok(values)
    }

    /// Streams the rows of a query without parameters.
    pub(super) async fn stream(
        &self,
        text: &str,
    ) -> Result<impl Stream<Item = Result<SqlValues, StorageError>> + Unpin + use<>, StorageError> {
        let statement = self.prepare(text).await?;
        let rows = self.client().query_raw(&statement, &[] as &[SqlValue]).await?;
        Ok(Box::pin(rows.map(|row| sql_value::values(&row?))))
    }

    /// Returns the rows of a query.
    pub(super) async fn query(
        &self,
        text: &str,
        params: Vec<SqlValue>,
    ) -> Result<Vec<SqlValues>, StorageError> {
        let statement = self.prepare(text).await?;
        self.query_prepared(&statement, &params).await.map_err(|failure| failure.error)
    }

    /// Executes statements without parameters and without rows.
    pub(super) async fn execute(&self, text: &str) -> Result<(), StorageError> {
        self.with_timeout(async { Ok(self.client().batch_execute(text).await?) }).await
    }

    /// Sends `before`, the queries and `after` in this order, in one round trip. Returns the rows of each query.
    pub(super) async fn pipeline(
        &self,
        before: Option<&str>,
        queries: &[Query<'_>],
        after: Option<&str>,
    ) -> Result<Vec<Vec<SqlValues>>, PipelineError> {
        let mut statements = Vec::with_capacity(queries.len());
        for (text, _) in queries {
            statements.push(self.with_timeout(self.prepare(text)).await?);
        }
        let mut pending: Vec<PendingQuery<'_>> = Vec::with_capacity(queries.len() + 2);
        let batch = |text| async move { Ok(self.client().batch_execute(text).await.map(|()| Vec::new())?) };
        if let Some(text) = before {
            pending.push(Box::pin(batch(text)));
        }
        for ((_, params), statement) in queries.iter().zip(&statements) {
            pending.push(Box::pin(self.query_prepared(statement, params)));
        }
        if let Some(text) = after {
            pending.push(Box::pin(batch(text)));
        }
        // The first poll of a query sends it. Later polls read the answer.
        let mut pending: Vec<_> = pending.into_iter().map(maybe_done).collect();
        let (mut answers, count) = (Vec::with_capacity(pending.len()), pending.len());
        for (query, number) in pending.iter_mut().zip(1..) {
            let _ = futures_util::poll!(Pin::new(&mut *query));
            // A query that cannot be sent stops the pipeline: a commit behind it would make the others durable.
            if let MaybeDone::Done(Err(QueryError { error, from_server: false })) = query
                && number < count
            {
                return Err(error.clone().into());
            }
        }
        for query in &mut pending {
            let answer = match timeout(self.statement_timeout, Pin::new(&mut *query)).await {
                Ok(()) => Pin::new(query).take_output().unwrap_or_else(|| Ok(Vec::new())),
                Err(_) => Err(timeout_error().into()),
            };
            // The server answers in order. If it reports an error of an earlier query, it has not executed the last
            // one.
            let is_last = answers.len() + 1 == count;
            answers.push(answer.map_err(|QueryError { error, from_server }| PipelineError {
                error,
                outcome_unknown: after.is_some() && (is_last || !from_server),
            })?);
        }
        if before.is_some() {
            answers.remove(0);
        }
        answers.truncate(queries.len());
        Ok(answers)
    }

    /// Inserts rows into a table by `COPY`.
    pub(super) async fn copy_in(
        &self,
        table: &str,
        columns: &str,
        rows: &[Vec<SqlValue>],
    ) -> Result<(), StorageError> {
        self.with_timeout(self.copy_rows(table, columns, rows)).await
    }

    async fn copy_rows(
        &self,
        table: &str,
        columns: &str,
        rows: &[Vec<SqlValue>],
    ) -> Result<(), StorageError> {
        let template = self.prepare(&format!("select {columns} from {table}")).await?;
        let types: Vec<Type> = template.columns().iter().map(|column| column.type_().clone()).collect();
        let copy = self.prepare(&format!("copy {table} ({columns}) from stdin binary")).await?;
        let writer = BinaryCopyInWriter::new(self.client().copy_in(&copy).await?, &types);
        pin_mut!(writer);
        for row in rows {
            writer.as_mut().write_raw(row).await?;
        }
        writer.finish().await?;
        Ok(())
    }
}

/// A read that marks its connection as in use unless it succeeds.
struct RunningRead<'c> {
    connection: &'c Connection,
    has_succeeded: bool,
}

impl Drop for RunningRead<'_> {
    fn drop(&mut self) {
        if !self.has_succeeded {
            self.connection.mark_busy();
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if *self.busy.get_mut()
            && let Some(client) = self.client.take()
        {
            // The pool forgets the connection. The server rolls back when the socket closes.
            drop(Object::take(client));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::parse_url;
    use guanxi_test_postgres::Schema;

    #[tokio::test]
    async fn pipeline_with_unsendable_query_does_not_commit() {
        let Some(schema) = Schema::create().await else { return };
        let limit = Duration::from_secs(10);
        let pool = create_pool(parse_url(&schema.url()).unwrap(), 1, limit).unwrap();
        let connection = Connection::acquire(&pool, limit).await.unwrap();
        connection.execute("create table small (number int2)").await.unwrap();
        connection.mark_busy();
        let queries =
            [1, 70_000].map(|number| ("insert into small values ($1)", vec![SqlValue::Int(number)]));
        let failure = connection.pipeline(Some("begin"), &queries, Some("commit")).await.unwrap_err();
        assert!(matches!(failure.into_commit_error(), StorageError::Engine(_)));
        drop(connection);
        let connection = Connection::acquire(&pool, limit).await.unwrap();
        assert_eq!(connection.query("select number from small", Vec::new()).await.unwrap().len(), 0);
    }
}
