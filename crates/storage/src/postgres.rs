//! The PostgreSQL engine, for a community that one machine does not hold. It runs on plain PostgreSQL and on Citus.
//!
//! | module | contents |
//! |---|---|
//! | `schema` | migrations, schema version, distribution by Citus |
//! | `config` | the address of a database, with libpq's parameters |
//! | `connector` | new connections: several servers, with TLS or without |
//! | `tls` | TLS: files, verification of certificates, channel binding |
//! | `pooler` | detection of a pooler in transaction mode |
//! | `shards` | the shards of Citus, by member |
//! | `connection` | connections of the pool, pipelines |
//! | `error` | driver and server errors as storage errors |
//! | `sql` | the statements |
//! | `sql_value` | conversion of values |
//! | `store` | connections, and reads with retries |
//! | `commit_queue` | the commands that wait for a shared transaction |
//! | `group_commit` | commands that share transactions, with retries |
//! | `transaction` | the transaction of commands, and the bulk load |
//! | `unit_of_work` | the state of a row in a transaction |
//! | `changeset` | changes of a transaction as statements |
//! | `queries` | reads of the service |
//! | `read_connections` | connections that concurrent reads share |
//! | `row_reads` | single rows, which concurrent reads share a statement for |
//! | `scan` | a transaction that reads everything, with its time limit |
//! | `export` | export as a dump |
//! | `integrity_check` | the check of the invariants |
//! | `metrics` | metrics of the engine |
//!
//! Several processes may serve one database. No process caches data that another may change, except cards, which have
//! versions.

mod changeset;
mod commit_queue;
mod config;
mod connection;
mod connector;
mod error;
mod export;
mod group_commit;
mod integrity_check;
mod metrics;
mod pooler;
mod queries;
mod read_connections;
mod row_reads;
mod scan;
pub mod schema;
mod shards;
mod sql;
mod sql_value;
mod store;
mod tls;
mod transaction;
mod unit_of_work;

pub use config::{DatabaseConfig, parse_url};
pub use metrics::{EngineMetrics, RetryCause};

use crate::StorageError;
use crate::daily_login_cache::DailyLoginCache;
use crate::error::OpenError;
use crate::model::SqlRow;
use commit_queue::CommitQueue;
use connection::{Connection, Pool};
use error::timeout_error;
use guanxi_domain::news::NewsLimits;
use metrics::EngineCounters;
use read_connections::ReadConnections;
use row_reads::RowReads;
use shards::Shards;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{RwLock, Semaphore};
use tokio::time::{Instant, timeout};

/// The options of the engine.
#[derive(Clone, Debug)]
pub struct Options {
    /// The most connections of the pool.
    pub max_connections: usize,
    /// The most requests that may wait for a connection. Further ones fail with [`StorageError::Busy`].
    pub max_waiting: usize,
    /// The most concurrent transactions that several commands share.
    pub commit_lanes: usize,
    /// The most commands of such a transaction.
    pub max_batch_size: usize,
    /// The time limit of a statement, and of a command with its retries.
    pub statement_timeout: Duration,
    /// The time limit of an export, and of an integrity check.
    pub scan_timeout: Duration,
    /// The time that [`PostgresStore::open`] waits for an unavailable server.
    pub startup_wait: Duration,
    /// The bounds of the stored news of a member.
    pub news: NewsLimits,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            max_connections: 16,
            max_waiting: 1024,
            commit_lanes: 2,
            max_batch_size: 128,
            statement_timeout: Duration::from_secs(5),
            scan_timeout: Duration::from_hours(1),
            startup_wait: Duration::ZERO,
            news: NewsLimits::default(),
        }
    }
}

/// The delay before the first retry. It doubles with each retry, up to [`MAX_RETRY_DELAY`].
const RETRY_DELAY: Duration = Duration::from_millis(1);
const MAX_RETRY_DELAY: Duration = Duration::from_millis(100);

/// The most attempts when connections turn out to be lost. After an outage every pooled connection may be lost.
const MAX_ATTEMPTS: u32 = 6;

/// A store in a PostgreSQL database. Clones share the pool.
#[derive(Clone, Debug)]
pub struct PostgresStore(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    pool: Pool,
    /// The permits of requests that may wait for a connection.
    waiting_permits: Arc<Semaphore>,
    commit_queue: Arc<CommitQueue>,
    row_reads: RowReads,
    read_connections: ReadConnections,
    statement_timeout: Duration,
    scan_timeout: Duration,
    news_limits: NewsLimits,
    /// Locked for reading while a scan is being cancelled.
    cancellations: Arc<RwLock<()>>,
    shards: Arc<Shards>,
    daily_logins: DailyLoginCache,
    counters: EngineCounters,
}

impl PostgresStore {
    /// Opens the store of a migrated database.
    pub async fn open(config: DatabaseConfig, options: Options) -> Result<PostgresStore, OpenError> {
        let pool = connection::create_pool(config, options.max_connections, options.statement_timeout)?;
        let connection = first_connection(&pool, &options).await?;
        let read_schema = async {
            pooler::check(pool.manager(), connection.client()).await?;
            schema::check_version(schema::version(connection.client()).await?)?;
            let is_distributed = schema::is_distributed(connection.client()).await?;
            if is_distributed { Shards::read(connection.client()).await } else { Ok(Shards::default()) }
        };
        let timed_out = |_| Err(OpenError::Database(timeout_error().into()));
        let shards = timeout(options.statement_timeout, read_schema).await.unwrap_or_else(timed_out)?;
        drop(connection);
        Ok(PostgresStore(Arc::new(Inner {
            pool,
            waiting_permits: Arc::new(Semaphore::new(options.max_waiting.min(Semaphore::MAX_PERMITS))),
            row_reads: RowReads::new(),
            commit_queue: Arc::new(CommitQueue::new(
                options.commit_lanes.min(options.max_connections),
                options.max_batch_size,
            )),
            read_connections: ReadConnections::new(options.max_connections),
            statement_timeout: options.statement_timeout,
            scan_timeout: options.scan_timeout,
            news_limits: options.news,
            cancellations: Arc::default(),
            shards: Arc::new(shards),
            daily_logins: DailyLoginCache::default(),
            counters: EngineCounters::default(),
        })))
    }

    /// Returns the number of connections that other processes have open to the same schema.
    pub async fn other_connections(&self) -> Result<u64, StorageError> {
        let connection = self.acquire(true).await?;
        let query = connection.query(sql::system::COUNT_CONNECTIONS, Vec::new());
        let rows = connection.run_to_completion(query).await?;
        let all = rows.into_iter().next().as_mut().map_or(Ok(0), u64::read_values)?;
        Ok(all.saturating_sub(self.metrics().open_connections as u64))
    }

    /// Returns the metrics of the engine.
    pub fn metrics(&self) -> EngineMetrics {
        let metrics = self.0.counters.metrics(&self.0.pool);
        EngineMetrics { waiting_requests: metrics.waiting_requests + self.0.commit_queue.len(), ..metrics }
    }
}

/// Connects to the server. Retries for `startup_wait` while the server is unavailable.
async fn first_connection(pool: &Pool, options: &Options) -> Result<Connection, OpenError> {
    let deadline = Instant::now() + options.startup_wait;
    let mut delay = Duration::from_millis(100);
    loop {
        match Connection::acquire(pool, options.statement_timeout).await {
            Ok(connection) => return Ok(connection),
            Err(error) if Instant::now() >= deadline => return Err(OpenError::Database(error.into())),
            Err(error) => {
                tracing::warn!(%error, "database is unavailable, will retry");
                tokio::time::sleep_until(deadline.min(Instant::now() + delay)).await;
                delay = (delay * 2).min(Duration::from_secs(2));
            }
        }
    }
}
