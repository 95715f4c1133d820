//! The [`Store`] of the engine: commands with retries, and reads with retries.

use super::connection::Connection;
use super::queries::Queries;
use super::transaction::PgTransaction;
use super::{MAX_ATTEMPTS, MAX_RETRY_DELAY, PostgresStore, RETRY_DELAY, export, integrity_check};
use crate::commands::{Command, Prefetch};
use crate::counters::Counters;
use crate::daily_login_cache::DailyLoginCache;
use crate::dump::ImportProgress;
use crate::integrity::Report;
use crate::model::{AuditRow, CoinRow, DueTask, Entity, LoginRow, Session, Table};
use crate::store::{Groups, JoinedGroups, ListQuery, Page, Space, Store};
use crate::{CommandError, Row, StorageError};
use guanxi_domain::relation::RelationPair;
use guanxi_types::Mid;
use std::sync::atomic::Ordering::Relaxed;
use tokio::sync::mpsc;
use tokio::time::Instant;

impl PostgresStore {
    /// Takes a connection from the pool.
    ///
    /// Connections are given in turn. If more requests wait than `max_waiting`, later ones would time out, so the
    /// request is shed. Work that must be done anyway sets `must_wait`.
    pub(super) async fn acquire(&self, must_wait: bool) -> Result<Connection, StorageError> {
        let inner = &*self.0;
        let permit = if must_wait { None } else { Some(inner.waiting_permits.try_acquire()) };
        if let Some(Err(_)) = permit {
            inner.counters.shed.fetch_add(1, Relaxed);
            return Err(StorageError::Busy("requests to the database"));
        }
        Connection::acquire(&inner.pool, inner.statement_timeout).await
    }

    /// Runs a command once. After a failure that may be retried, `prefetch` has all rows that it accessed.
    async fn run_once<C: Command>(
        &self,
        command: &C,
        prefetch: &mut Prefetch,
        must_wait: bool,
    ) -> Result<C::Output, CommandError> {
        let mut transaction = PgTransaction::new(self.acquire(must_wait).await?, self.0.is_distributed);
        let result = transaction.run(command, std::mem::take(prefetch)).await;
        if let Err(CommandError::Fault(StorageError::Conflict(_) | StorageError::Unavailable(_))) = result {
            *prefetch = transaction.accessed_rows();
        }
        // Any other error leaves the connection in an unknown state: it is closed.
        if let Err(CommandError::Rejected(_) | CommandError::Fault(StorageError::Conflict(_))) = result {
            transaction.roll_back().await;
        }
        result
    }
}

/// Runs a read, and retries on another connection if the first one is lost.
macro_rules! read {
    ($store:ident.$method:ident($($argument:expr),*)) => {
        read!($store.$method($($argument),*), must_wait: false)
    };
    ($store:ident.$method:ident($($argument:expr),*), must_wait: $must_wait:literal) => {{
        let (mut delay, mut attempts) = (RETRY_DELAY, 1..MAX_ATTEMPTS);
        loop {
            let connection = $store.acquire($must_wait).await?;
            let queries = Queries { connection: &connection };
            match connection.run_to_completion(queries.$method($($argument),*)).await {
                Err(StorageError::Unavailable(_)) if attempts.next().is_some() => {
                    tokio::time::sleep(delay).await;
                }
                result => break result,
            }
            delay *= 2;
        }
    }};
}

impl Store for PostgresStore {
    async fn run<C: Command>(&self, command: C) -> Result<C::Output, CommandError> {
        let counters = &self.0.counters;
        let deadline = Instant::now() + self.0.statement_timeout;
        let (mut delay, mut attempts) = (RETRY_DELAY, 1..MAX_ATTEMPTS);
        let (mut prefetch, mut must_wait) = (command.prefetch(), C::WAITS_WHEN_QUEUE_FULL);
        loop {
            let result = self.run_once(&command, &mut prefetch, must_wait).await;
            // A command that was admitted once is not shed when it is retried.
            must_wait = true;
            let may_retry = match &result {
                Err(CommandError::Fault(StorageError::Conflict(_))) => true,
                // A connection that is lost before the commit has written nothing.
                Err(CommandError::Fault(StorageError::Unavailable(_))) => attempts.next().is_some(),
                _ => false,
            };
            if may_retry && Instant::now() + delay < deadline {
                counters.retries.fetch_add(1, Relaxed);
                tokio::time::sleep(delay).await;
                delay = (delay * 2).min(MAX_RETRY_DELAY);
                continue;
            }
            let counter = match &result {
                Ok(_) => &counters.commits,
                Err(CommandError::Fault(_)) => &counters.failed,
                Err(CommandError::Rejected(_)) => &counters.rejected,
            };
            counter.fetch_add(1, Relaxed);
            return result;
        }
    }

    async fn get<R: Entity>(&self, key: R::Key) -> Result<Option<R>, StorageError> {
        read!(self.get(key))
    }

    async fn counters(&self, mid: Mid) -> Result<Option<Counters>, StorageError> {
        read!(self.counters(mid))
    }

    async fn relation_pair(&self, me: Mid, them: Mid) -> Result<Option<RelationPair>, StorageError> {
        read!(self.relation_pair(me, them))
    }

    async fn page(
        &self,
        query: ListQuery,
        _remove_known: impl FnOnce(&mut Vec<Mid>) + Send,
    ) -> Result<Option<Page>, StorageError> {
        read!(self.page(query))
    }

    async fn groups(&self, owner: Mid) -> Result<Groups, StorageError> {
        read!(self.groups(owner))
    }

    async fn groups_containing(&self, me: Mid, them: Mid) -> Result<Option<JoinedGroups>, StorageError> {
        read!(self.groups_containing(me, them))
    }

    async fn space(&self, mid: Mid, viewer: Option<Mid>) -> Result<Option<Space>, StorageError> {
        read!(self.space(mid, viewer))
    }

    async fn coin_log(&self, mid: Mid, since: i64, limit: usize) -> Result<Vec<CoinRow>, StorageError> {
        read!(self.coin_log(mid, since, limit))
    }

    async fn login_log(&self, mid: Mid, since: i64, limit: usize) -> Result<Vec<LoginRow>, StorageError> {
        read!(self.login_log(mid, since, limit))
    }

    async fn first_login(&self, mid: Mid) -> Result<Option<LoginRow>, StorageError> {
        read!(self.first_login(mid))
    }

    async fn due_tasks(&self, now: i64, tables: &[Table]) -> Result<Vec<DueTask>, StorageError> {
        read!(self.due_tasks(now, tables), must_wait: true)
    }

    async fn pending_reviews<R: Entity>(&self, since: i64, limit: usize) -> Result<Vec<R>, StorageError> {
        read!(self.pending_reviews(since, limit))
    }

    async fn all<R: Entity>(&self) -> Result<Vec<R>, StorageError> {
        read!(self.all())
    }

    async fn audit_log(&self, before: Option<u64>, limit: usize) -> Result<Vec<AuditRow>, StorageError> {
        read!(self.audit_log(before, limit))
    }

    fn daily_logins(&self) -> &DailyLoginCache {
        &self.0.daily_logins
    }

    async fn sessions(&self, mid: Mid) -> Result<Vec<Session>, StorageError> {
        read!(self.sessions(mid))
    }

    async fn export(&self, out: mpsc::Sender<Vec<Row>>) -> Result<(), StorageError> {
        export::export(self.acquire(true).await?, &out).await
    }

    async fn check_integrity(&self) -> Result<Report, StorageError> {
        integrity_check::check(self.acquire(true).await?).await
    }

    async fn is_empty(&self) -> Result<bool, StorageError> {
        read!(self.is_empty())
    }

    async fn import_progress(&self) -> Result<Option<ImportProgress>, StorageError> {
        read!(self.import_progress())
    }
}
