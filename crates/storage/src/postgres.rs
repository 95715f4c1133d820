//! The engine for what one machine does not hold: PostgreSQL, plain or with Citus.
//!
//! | module | holds |
//! |---|---|
//! | `schema` | the tables: made, brought up to date, distributed |
//! | `link` | connections: taken from a pool, asked many things in one trip |
//! | `sql` | what is asked; `statements` tests all of it |
//! | `value` | values on their way there and back |
//! | `txn` | a transaction as commands see it |
//! | `slot` | something that was loaded or put |
//! | `write` | what is different, written |
//! | `reads` | what the service asks |
//! | `export` | a snapshot as a dump has it |
//! | `audit` | the invariants, counted again from the ties |
//!
//! Several programs may serve one database: none of them keeps in memory what could change.

mod audit;
mod export;
mod link;
mod reads;
pub mod schema;
mod slot;
mod sql;
#[cfg(test)]
mod statements;
mod txn;
mod value;
mod write;

use crate::check::Report;
use crate::command::{Command, Prefetch};
use crate::dump::Progress;
use crate::error::OpenError;
use crate::row::{AuditRow, CoinRow, Columns, Due, LoginRow, Record, Session, Table, TokenHash};
use crate::stat::Counters;
use crate::store::{Groups, JoinedGroups, ListQuery, Page, Space, Store};
use crate::visitors::DailyLoginCache;
use crate::{CommandError, Row, StorageError};
use deadpool_postgres::Pool;
use guanxi_domain::relation::RelationPair;
use guanxi_types::Mid;
use jiff::civil::Date;
use link::Link;
use reads::Reads;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, timeout};
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use txn::PgTxn;

/// How the engine works.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many connections it may have open.
    pub connections: usize,
    /// How many requests may wait for one; more are [`Fault::Busy`].
    pub queue: usize,
    /// How long it waits for an answer.
    pub patience: Duration,
    /// How long it waits for the database when it is opened.
    pub wait: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options { connections: 16, queue: 1024, patience: Duration::from_secs(5), wait: Duration::ZERO }
    }
}

/// How long a command rests before it is done again: at first, and at most. Each time it is twice as long.
const REST: Duration = Duration::from_millis(1);
const LONGEST_REST: Duration = Duration::from_millis(100);

/// How often something is asked when connections turn out to be gone: that tells nothing of the next, which may be new.
const TRIES: u32 = 6;

/// The address of a database.
pub type Address = Config;

/// Reads the address of a database.
pub fn address(text: &str) -> Result<Address, OpenError> {
    let config: Config = text.parse().map_err(|error| OpenError::Address(format!("{error}")))?;
    if config.get_ssl_mode() == SslMode::Require {
        let why = "sslmode=require: this program speaks no TLS to a database";
        return Err(OpenError::Address(why.to_owned()));
    }
    Ok(config)
}

/// A store in a database. Its clones are the same store.
#[derive(Clone, Debug)]
pub struct PostgresStore(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    pool: Pool,
    /// Places of those who wait for a connection.
    places: Semaphore,
    patience: Duration,
    distributed: bool,
    visitors: DailyLoginCache,
    counted: Counted,
}

/// What the engine counts.
#[derive(Debug, Default)]
struct Counted {
    commits: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    again: AtomicU64,
    shed: AtomicU64,
}

/// What the engine counts of its writes and its connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pulse {
    /// Durable commits, each of one write.
    pub commits: u64,
    /// Writes that were refused.
    pub refused: u64,
    /// Writes that came to nothing by a fault.
    pub failed: u64,
    /// How often a write was done again, as others were writing the same.
    pub again: u64,
    /// Requests that were rejected, as too many waited for a connection.
    pub shed: u64,
    /// Connections that are open.
    pub open: usize,
    /// Requests that wait for one.
    pub waiting: usize,
}

impl PostgresStore {
    /// Opens the store of a database whose schema is there.
    pub async fn open(config: Config, options: Options) -> Result<PostgresStore, OpenError> {
        let pool = link::pool(config, options.connections, options.patience)
            .map_err(|fault| OpenError::Database(fault.to_string()))?;
        let until = Instant::now() + options.wait;
        let mut rest = Duration::from_millis(100);
        let client = loop {
            match Link::take(&pool, options.patience).await {
                Ok(client) => break client,
                Err(fault) if Instant::now() >= until => {
                    return Err(OpenError::Database(fault.to_string()));
                }
                Err(fault) => {
                    tracing::warn!(%fault, "waiting for the database");
                    tokio::time::sleep_until(until.min(Instant::now() + rest)).await;
                    rest = (rest * 2).min(Duration::from_secs(2));
                }
            }
        };
        let look = async {
            schema::fits(schema::version(client.client()).await?)?;
            schema::is_distributed(client.client()).await
        };
        let slow = |_| Err(OpenError::Database(link::slow().to_string()));
        let distributed = timeout(options.patience, look).await.unwrap_or_else(slow)?;
        drop(client);
        let counted = Counted::default();
        Ok(PostgresStore(Arc::new(Inner {
            pool,
            places: Semaphore::new(options.queue.min(Semaphore::MAX_PERMITS)),
            patience: options.patience,
            distributed,
            visitors: DailyLoginCache::default(),
            counted,
        })))
    }

    /// How many connections others have open to the same schema.
    pub async fn others(&self) -> Result<u64, StorageError> {
        let link = self.link(true).await?;
        let told = link.whole(link.ask(sql::ALL_PRESENT, Vec::new())).await?;
        let counted = told.into_iter().next().as_mut().map_or(Ok(0), u64::read)?;
        Ok(counted.saturating_sub(self.pulse().open as u64))
    }

    /// What it counts.
    pub fn pulse(&self) -> Pulse {
        let Inner { pool, counted, .. } = &*self.0;
        let status = pool.status();
        Pulse {
            commits: counted.commits.load(Relaxed),
            refused: counted.refused.load(Relaxed),
            failed: counted.failed.load(Relaxed),
            again: counted.again.load(Relaxed),
            shed: counted.shed.load(Relaxed),
            open: status.size,
            waiting: status.waiting,
        }
    }

    /// Takes a connection. What does not have to be done whatever happens is rejected if too many wait for one: connections are
    /// given in turn, and those who come later would wait longer than anybody has patience.
    async fn link(&self, waits: bool) -> Result<Link, StorageError> {
        let Inner { pool, places, patience, counted, .. } = &*self.0;
        let place = if waits { None } else { Some(places.try_acquire()) };
        if let Some(Err(_)) = place {
            counted.shed.fetch_add(1, Relaxed);
            return Err(StorageError::Busy("requests to the database"));
        }
        Link::take(pool, *patience).await
    }

    /// Does a command once; notes what it looked at, for when it is done again.
    async fn attempt<C: Command>(
        &self,
        command: &C,
        ahead: &mut Prefetch,
        waits: bool,
    ) -> Result<C::Answer, CommandError> {
        let mut tx = PgTxn::on(self.link(waits).await?, self.0.distributed);
        let done = tx.whole(command, std::mem::take(ahead)).await;
        if let Err(CommandError::Fault(StorageError::Conflict(_) | StorageError::Unavailable(_))) = done {
            *ahead = tx.seen();
        }
        // How any other fault left the connection nobody knows.
        if let Err(CommandError::Rejected(_) | CommandError::Fault(StorageError::Conflict(_))) = done {
            tx.roll_back().await;
        }
        done
    }
}

/// Asks something; again if a connection turns out to be gone.
macro_rules! ask {
    ($store:ident.$what:ident($($with:expr),*)) => { ask!($store.$what($($with),*), waits: false) };
    ($store:ident.$what:ident($($with:expr),*), waits: $waits:literal) => {{
        let (mut rest, mut tries) = (REST, 1..TRIES);
        loop {
            let link = $store.link($waits).await?;
            let reads = Reads { link: &link, visitors: &$store.0.visitors };
            match link.whole(reads.$what($($with),*)).await {
                Err(StorageError::Unavailable(_)) if tries.next().is_some() => tokio::time::sleep(rest).await,
                told => break told,
            }
            rest *= 2;
        }
    }};
}

impl Store for PostgresStore {
    async fn run<C: Command>(&self, command: C) -> Result<C::Answer, CommandError> {
        let Inner { patience, counted, .. } = &*self.0;
        let (until, mut rest, mut tries) = (Instant::now() + *patience, REST, 1..TRIES);
        let (mut ahead, mut waits) = (command.prefetch(), C::WAITS);
        loop {
            let done = self.attempt(&command, &mut ahead, waits).await;
            // What was let in once is not turned away when it is done again.
            waits = true;
            let again = match &done {
                Err(CommandError::Fault(StorageError::Conflict(_))) => true,
                // What is away before the commit has written nothing.
                Err(CommandError::Fault(StorageError::Unavailable(_))) => tries.next().is_some(),
                _ => false,
            };
            if again && Instant::now() + rest < until {
                counted.again.fetch_add(1, Relaxed);
                tokio::time::sleep(rest).await;
                rest = (rest * 2).min(LONGEST_REST);
                continue;
            }
            let counter = match &done {
                Ok(_) => &counted.commits,
                Err(CommandError::Fault(_)) => &counted.failed,
                Err(CommandError::Rejected(_)) => &counted.refused,
            };
            counter.fetch_add(1, Relaxed);
            return done;
        }
    }

    async fn get<R: Record>(&self, key: R::Key) -> Result<Option<R>, StorageError> {
        ask!(self.get(key))
    }

    async fn stat(&self, mid: Mid) -> Result<Option<Counters>, StorageError> {
        ask!(self.stat(mid))
    }

    async fn pair(&self, me: Mid, them: Mid) -> Result<Option<RelationPair>, StorageError> {
        ask!(self.pair(me, them))
    }

    async fn page(&self, page: ListQuery) -> Result<Option<Page>, StorageError> {
        ask!(self.page(page))
    }

    async fn groups(&self, owner: Mid) -> Result<Groups, StorageError> {
        ask!(self.groups(owner))
    }

    async fn groups_of(&self, me: Mid, them: Mid) -> Result<Option<JoinedGroups>, StorageError> {
        ask!(self.groups_of(me, them))
    }

    async fn space(&self, mid: Mid, viewer: Option<Mid>) -> Result<Option<Space>, StorageError> {
        ask!(self.space(mid, viewer))
    }

    async fn coins(&self, mid: Mid, since: i64, most: usize) -> Result<Vec<CoinRow>, StorageError> {
        ask!(self.coins(mid, since, most))
    }

    async fn logins(&self, mid: Mid, since: i64, most: usize) -> Result<Vec<LoginRow>, StorageError> {
        ask!(self.logins(mid, since, most))
    }

    async fn first_login(&self, mid: Mid) -> Result<Option<LoginRow>, StorageError> {
        ask!(self.first_login(mid))
    }

    async fn due(&self, now: i64, tables: &[Table]) -> Result<Vec<Due>, StorageError> {
        ask!(self.due(now, tables), waits: true)
    }

    async fn waiting<R: Record>(&self, since: i64, most: usize) -> Result<Vec<R>, StorageError> {
        ask!(self.waiting(since, most))
    }

    async fn all<R: Record>(&self) -> Result<Vec<R>, StorageError> {
        ask!(self.all())
    }

    async fn audit(&self, before: Option<u64>, most: usize) -> Result<Vec<AuditRow>, StorageError> {
        ask!(self.audit(before, most))
    }

    async fn session(&self, hash: TokenHash, day: Date) -> Result<Option<(Session, bool)>, StorageError> {
        ask!(self.session(hash, day))
    }

    async fn sessions(&self, mid: Mid) -> Result<Vec<Session>, StorageError> {
        ask!(self.sessions(mid))
    }

    async fn export(&self, out: mpsc::Sender<Vec<Row>>) -> Result<(), StorageError> {
        export::export(self.link(true).await?, &out).await
    }

    async fn check(&self) -> Result<Report, StorageError> {
        audit::audit(self.link(true).await?).await
    }

    async fn is_empty(&self) -> Result<bool, StorageError> {
        ask!(self.is_empty())
    }

    async fn loading(&self) -> Result<Option<Progress>, StorageError> {
        ask!(self.loading())
    }
}
