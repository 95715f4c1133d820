//! The [`Store`] of the engine: connections, and reads with retries.

use super::connection::Connection;
use super::queries::{EntryPage, FAR_OFFSET, Queries};
use super::row_reads::OptionalRow;
use super::{MAX_ATTEMPTS, PostgresStore, RETRY_DELAY, export, integrity_check};
use crate::commands::Command;
use crate::counters::Counters;
use crate::daily_login_cache::DailyLoginCache;
use crate::dump::ImportProgress;
use crate::integrity::Report;
use crate::key::Key;
use crate::member_list::{MemberPage, MemberQuery};
use crate::model::{AuditRow, CoinRow, DueTask, Entity, LoginRow, RewardRow, Session, SqlValue, Table};
use crate::name_search::{FoundPage, NameQuery};
use crate::store::{
    CardVersion, Groups, JoinedGroups, ListEntry, ListQuery, ListRefusal, LogWindow, News, Page, Space, Store,
};
use crate::{CommandError, Row, StorageError};
use futures_util::poll;
use guanxi_domain::news::FollowerDay;
use guanxi_domain::paging::PageWindow;
use guanxi_domain::relation::RelationPair;
use guanxi_types::Mid;
use jiff::civil::Date;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::task::Poll;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::Instant;

/// The number of entries from which a page takes long.
const LARGE_PAGE: usize = 200;

impl PostgresStore {
    /// Returns the permit of a request that has to wait, or sheds the request.
    pub(super) fn waiting_permit(&self) -> Result<OwnedSemaphorePermit, StorageError> {
        let permit = Arc::clone(&self.0.waiting_permits).try_acquire_owned();
        permit.map_err(|_| {
            self.0.counters.count_shed();
            StorageError::Busy("requests to the database")
        })
    }

    /// Takes a connection from the pool.
    ///
    /// Connections are given in turn. If more requests wait than `max_waiting`, later ones would time out, so the
    /// request is shed. Work that must be done anyway sets `must_wait`.
    pub(super) async fn acquire(&self, must_wait: bool) -> Result<Connection, StorageError> {
        let inner = &*self.0;
        let _permit = if must_wait { None } else { Some(self.waiting_permit()?) };
        let mut acquiring = Box::pin(Connection::acquire(&inner.pool, inner.statement_timeout));
        if let Poll::Ready(connection) = poll!(&mut acquiring) {
            return connection;
        }
        let start = Instant::now();
        let connection = acquiring.await;
        inner.counters.count_pool_wait(start.elapsed());
        connection
    }
}

/// Runs a read, and retries on another connection if the first one is lost.
///
/// Reads share connections, except those that take long: others would wait for them. A read is shed if as many as
/// `max_waiting` are running or waiting already, unless it is not a request's.
macro_rules! read {
    ($store:ident.$method:ident($($argument:expr),*)) => {
        read!($store.$method($($argument),*), takes_long: false, must_wait: false)
    };
    ($store:ident.$method:ident($($argument:expr),*), takes_long: $takes_long:expr) => {
        read!($store.$method($($argument),*), takes_long: $takes_long, must_wait: false)
    };
    ($store:ident.$method:ident($($argument:expr),*), must_wait: $must_wait:literal) => {
        read!($store.$method($($argument),*), takes_long: true, must_wait: $must_wait)
    };
    ($store:ident.$method:ident($($argument:expr),*), takes_long: $takes_long:expr, must_wait: $must_wait:literal) => {{
        let _permit = if $must_wait { None } else { Some($store.waiting_permit()?) };
        let (mut delay, mut attempts) = (RETRY_DELAY, 1..MAX_ATTEMPTS);
        loop {
            let shared = if $takes_long { Arc::default() } else { $store.0.read_connections.join() };
            let connection = shared.acquired($store.acquire(true)).await?;
            let queries = Queries { connection, is_distributed: $store.0.shards.are_distributed() };
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

impl PostgresStore {
    /// Returns the row of each key of a table.
    pub(super) async fn rows(
        &self,
        table: Table,
        keys: Vec<Vec<SqlValue>>,
    ) -> Result<Vec<OptionalRow>, StorageError> {
        read!(self.rows(table, &keys), takes_long: false, must_wait: true)
    }
}

impl Store for PostgresStore {
    async fn run<C: Command>(&self, command: C) -> Result<C::Output, CommandError> {
        self.run_command(command).await
    }

    async fn get<R: Entity>(&self, key: R::Key) -> Result<Option<R>, StorageError> {
        let _permit = self.waiting_permit()?;
        let row = self.read_row(R::TABLE, key.values()).await?;
        row.map(|values| R::read_values(&mut values.into())).transpose()
    }

    async fn rows<R: Entity>(&self, keys: Vec<R::Key>) -> Result<Vec<Option<R>>, StorageError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let takes_long = keys.len() >= LARGE_PAGE;
        let keys: Vec<_> = keys.into_iter().map(Key::values).collect();
        let rows = read!(self.rows(R::TABLE, &keys), takes_long: takes_long)?;
        rows.into_iter().map(|row| row.map(|values| R::read_values(&mut values.into())).transpose()).collect()
    }

    async fn rows_of<R: Entity>(&self, mid: Mid, limit: usize) -> Result<Vec<R>, StorageError> {
        read!(self.rows_of(mid, limit))
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
        remove_known: impl FnOnce(&[ListEntry], &mut Vec<(Mid, CardVersion)>) + Send,
    ) -> Result<Result<Page, ListRefusal>, StorageError> {
        let PageWindow { offset, limit } = query.window;
        let takes_long = offset >= FAR_OFFSET || limit >= LARGE_PAGE;
        let EntryPage { entries, mut versions, total, version } = match read!(self.entry_page(query), takes_long: takes_long)?
        {
            Ok(page) => page,
            Err(refusal) => return Ok(Err(refusal)),
        };
        remove_known(&entries, &mut versions);
        let takes_long = versions.len() >= LARGE_PAGE;
        let cards = if versions.is_empty() {
            Vec::new()
        } else {
            read!(self.cards(&versions), takes_long: takes_long)?
        };
        Ok(Ok(Page { entries, cards, total, version }))
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

    async fn coin_window(&self, mid: Mid, window: LogWindow) -> Result<Vec<CoinRow>, StorageError> {
        let takes_long = window.limit >= LARGE_PAGE || window.skip as u64 >= FAR_OFFSET;
        read!(self.coin_window(mid, window), takes_long: takes_long)
    }

    async fn rewards(&self, mid: Mid, days: RangeInclusive<Date>) -> Result<Vec<RewardRow>, StorageError> {
        read!(self.rewards(mid, &days))
    }

    async fn news(&self, mid: Mid, since: i64) -> Result<News, StorageError> {
        read!(self.news(mid, since))
    }

    async fn follower_days(
        &self,
        mid: Mid,
        days: RangeInclusive<Date>,
        limit: usize,
    ) -> Result<Vec<FollowerDay>, StorageError> {
        read!(self.follower_days(mid, &days, limit), takes_long: true)
    }

    async fn login_log(&self, mid: Mid, since: i64, limit: usize) -> Result<Vec<LoginRow>, StorageError> {
        read!(self.login_log(mid, since, limit))
    }

    async fn first_login(&self, mid: Mid) -> Result<Option<LoginRow>, StorageError> {
        read!(self.first_login(mid))
    }

    async fn find_members(&self, query: NameQuery) -> Result<FoundPage, StorageError> {
        read!(self.find_members(&query))
    }

    async fn list_members(&self, query: MemberQuery) -> Result<MemberPage, StorageError> {
        read!(self.list_members(&query), takes_long: true)
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
        export::export(self, &out).await
    }

    async fn check_integrity(&self) -> Result<Report, StorageError> {
        integrity_check::check(self).await
    }

    async fn is_empty(&self) -> Result<bool, StorageError> {
        read!(self.is_empty())
    }

    async fn import_progress(&self) -> Result<Option<ImportProgress>, StorageError> {
        read!(self.import_progress())
    }
}
