//! The engine of a community, selected at run time.

use crate::card_listener::CardListener;
use crate::commands::Command;
use crate::counters::Counters;
use crate::daily_login_cache::DailyLoginCache;
use crate::dump::ImportProgress;
use crate::embedded::FailureWatch;
use crate::integrity::Report;
use crate::member_list::{MemberPage, MemberQuery};
use crate::model::{AuditRow, CoinRow, DueTask, Entity, LoginRow, RewardRow, Session, Table};
use crate::name_search::{FoundPage, NameQuery};
use crate::store::{
    CardVersion, Groups, JoinedGroups, ListEntry, ListQuery, ListRefusal, LogWindow, News, Page, Space, Store,
};
use crate::{CommandError, EmbeddedStore, PostgresStore, Row, StorageError};
use guanxi_domain::news::FollowerDay;
use guanxi_domain::relation::RelationPair;
use guanxi_types::Mid;
use jiff::civil::Date;
use std::ops::RangeInclusive;
use std::sync::Weak;
use tokio::sync::mpsc;

/// A store on either engine.
#[derive(Clone, Debug)]
pub enum Engine {
    /// The embedded engine.
    Embedded(EmbeddedStore),
    /// The PostgreSQL engine.
    Postgres(PostgresStore),
}

impl From<EmbeddedStore> for Engine {
    fn from(store: EmbeddedStore) -> Engine {
        Engine::Embedded(store)
    }
}

impl From<PostgresStore> for Engine {
    fn from(store: PostgresStore) -> Engine {
        Engine::Postgres(store)
    }
}

impl Engine {
    /// True if other processes can serve the same community at the same time.
    pub fn is_shared(&self) -> bool {
        matches!(self, Engine::Postgres(_))
    }

    /// Returns a watch of the failure after which the store must be opened again. Returns `None` if the store
    /// reconnects by itself, or is read-only.
    pub fn failure(&self) -> Option<FailureWatch> {
        match self {
            Engine::Embedded(store) => store.failure(),
            Engine::Postgres(_) => None,
        }
    }

    /// The error of the latest commit. `None` if it is durable, or if the engine does not record it.
    pub fn write_error(&self) -> Option<StorageError> {
        match self {
            Engine::Embedded(store) => store.write_error(),
            Engine::Postgres(_) => None,
        }
    }

    /// Waits until reads that were dropped run no more. A program calls it before it ends.
    pub async fn close(&self) {
        if let Engine::Postgres(store) = self {
            store.close().await;
        }
    }

    /// Registers a listener for all changes of cards that keep their version, until it is dropped. Returns false
    /// without registering it if another process makes such changes, so the listener would miss them.
    #[must_use]
    pub fn add_card_listener(&self, listener: Weak<dyn CardListener>) -> bool {
        match self {
            Engine::Embedded(store) => store.add_card_listener(listener),
            // Every change gives a card another version.
            Engine::Postgres(_) => true,
        }
    }
}

/// Forwards methods to the engine. The futures of PostgreSQL are boxed, so that those of the embedded engine
/// stay small.
macro_rules! forward {
    ($(fn $name:ident$(<$generic:ident: $bound:ident>)?(&self $(, $arg:ident: $type:ty)*) -> $output:ty;)+) => {
        $(async fn $name$(<$generic: $bound>)?(&self $(, $arg: $type)*) -> $output {
            match self {
                Engine::Embedded(store) => store.$name($($arg),*).await,
                Engine::Postgres(store) => Box::pin(store.$name($($arg),*)).await,
            }
        })+
    };
}

impl Store for Engine {
    fn daily_logins(&self) -> &DailyLoginCache {
        match self {
            Engine::Embedded(store) => store.daily_logins(),
            Engine::Postgres(store) => store.daily_logins(),
        }
    }

    forward! {
        fn run<C: Command>(&self, command: C) -> Result<C::Output, CommandError>;
        fn get<R: Entity>(&self, key: R::Key) -> Result<Option<R>, StorageError>;
        fn rows<R: Entity>(&self, keys: Vec<R::Key>) -> Result<Vec<Option<R>>, StorageError>;
        fn rows_of<R: Entity>(&self, mid: Mid, limit: usize) -> Result<Vec<R>, StorageError>;
        fn counters(&self, mid: Mid) -> Result<Option<Counters>, StorageError>;
        fn relation_pair(&self, me: Mid, them: Mid) -> Result<Option<RelationPair>, StorageError>;
        fn page(
            &self,
            query: ListQuery,
            remove_known: impl FnOnce(&[ListEntry], &mut Vec<(Mid, CardVersion)>) + Send
        ) -> Result<Result<Page, ListRefusal>, StorageError>;
        fn groups(&self, owner: Mid) -> Result<Groups, StorageError>;
        fn groups_containing(&self, me: Mid, them: Mid) -> Result<Option<JoinedGroups>, StorageError>;
        fn space(&self, mid: Mid, viewer: Option<Mid>) -> Result<Option<Space>, StorageError>;
        fn coin_log(&self, mid: Mid, since: i64, limit: usize) -> Result<Vec<CoinRow>, StorageError>;
        fn coin_window(&self, mid: Mid, window: LogWindow) -> Result<Vec<CoinRow>, StorageError>;
        fn rewards(&self, mid: Mid, days: RangeInclusive<Date>) -> Result<Vec<RewardRow>, StorageError>;
        fn news(&self, mid: Mid, since: i64) -> Result<News, StorageError>;
        fn follower_days(
            &self,
            mid: Mid,
            days: RangeInclusive<Date>,
            limit: usize
        ) -> Result<Vec<FollowerDay>, StorageError>;
        fn login_log(&self, mid: Mid, since: i64, limit: usize) -> Result<Vec<LoginRow>, StorageError>;
        fn first_login(&self, mid: Mid) -> Result<Option<LoginRow>, StorageError>;
        fn find_members(&self, query: NameQuery) -> Result<FoundPage, StorageError>;
        fn list_members(&self, query: MemberQuery) -> Result<MemberPage, StorageError>;
        fn due_tasks(&self, now: i64, tables: &[Table]) -> Result<Vec<DueTask>, StorageError>;
        fn pending_reviews<R: Entity>(&self, since: i64, limit: usize) -> Result<Vec<R>, StorageError>;
        fn all<R: Entity>(&self) -> Result<Vec<R>, StorageError>;
        fn audit_log(&self, before: Option<u64>, limit: usize) -> Result<Vec<AuditRow>, StorageError>;
        fn sessions(&self, mid: Mid) -> Result<Vec<Session>, StorageError>;
        fn export(&self, out: mpsc::Sender<Vec<Row>>) -> Result<(), StorageError>;
        fn check_integrity(&self) -> Result<Report, StorageError>;
        fn is_empty(&self) -> Result<bool, StorageError>;
        fn import_progress(&self) -> Result<Option<ImportProgress>, StorageError>;
    }
}
