//! Whichever engine keeps a community.

use crate::check::Report;
use crate::command::Command;
use crate::dump::Progress;
use crate::row::{AuditRow, CoinRow, Due, LoginRow, Record, Session, Table, TokenHash};
use crate::stat::Counters;
use crate::store::{Groups, JoinedGroups, ListQuery, Page, Space, Store};
use crate::{CommandError, EmbeddedStore, PostgresStore, Row, StorageError};
use guanxi_domain::relation::RelationPair;
use guanxi_types::Mid;
use jiff::civil::Date;
use tokio::sync::mpsc;

/// Whichever engine keeps a community.
#[derive(Clone, Debug)]
pub enum Engine {
    /// The embedded one.
    Lmdb(EmbeddedStore),
    /// A database.
    Postgres(PostgresStore),
}

impl From<EmbeddedStore> for Engine {
    fn from(store: EmbeddedStore) -> Engine {
        Engine::Lmdb(store)
    }
}

impl From<PostgresStore> for Engine {
    fn from(store: PostgresStore) -> Engine {
        Engine::Postgres(store)
    }
}

impl Engine {
    /// Whether other programs may serve the same community at the same time.
    pub fn is_shared(&self) -> bool {
        matches!(self, Engine::Postgres(_))
    }
}

/// Has the engine do it. What waits for a database is kept apart, so that what never waits stays small.
macro_rules! forward {
    ($(fn $name:ident$(<$generic:ident: $bound:ident>)?(&self $(, $with:ident: $type:ty)*) -> $told:ty;)+) => {
        $(async fn $name$(<$generic: $bound>)?(&self $(, $with: $type)*) -> $told {
            match self {
                Engine::Lmdb(store) => store.$name($($with),*).await,
                Engine::Postgres(store) => Box::pin(store.$name($($with),*)).await,
            }
        })+
    };
}

impl Store for Engine {
    forward! {
        fn run<C: Command>(&self, command: C) -> Result<C::Answer, CommandError>;
        fn get<R: Record>(&self, key: R::Key) -> Result<Option<R>, StorageError>;
        fn stat(&self, mid: Mid) -> Result<Option<Counters>, StorageError>;
        fn pair(&self, me: Mid, them: Mid) -> Result<Option<RelationPair>, StorageError>;
        fn page(&self, page: ListQuery) -> Result<Option<Page>, StorageError>;
        fn groups(&self, owner: Mid) -> Result<Groups, StorageError>;
        fn groups_of(&self, me: Mid, them: Mid) -> Result<Option<JoinedGroups>, StorageError>;
        fn space(&self, mid: Mid, viewer: Option<Mid>) -> Result<Option<Space>, StorageError>;
        fn coins(&self, mid: Mid, since: i64, most: usize) -> Result<Vec<CoinRow>, StorageError>;
        fn logins(&self, mid: Mid, since: i64, most: usize) -> Result<Vec<LoginRow>, StorageError>;
        fn first_login(&self, mid: Mid) -> Result<Option<LoginRow>, StorageError>;
        fn due(&self, now: i64, tables: &[Table]) -> Result<Vec<Due>, StorageError>;
        fn waiting<R: Record>(&self, since: i64, most: usize) -> Result<Vec<R>, StorageError>;
        fn all<R: Record>(&self) -> Result<Vec<R>, StorageError>;
        fn audit(&self, before: Option<u64>, most: usize) -> Result<Vec<AuditRow>, StorageError>;
        fn session(&self, hash: TokenHash, day: Date) -> Result<Option<(Session, bool)>, StorageError>;
        fn sessions(&self, mid: Mid) -> Result<Vec<Session>, StorageError>;
        fn export(&self, out: mpsc::Sender<Vec<Row>>) -> Result<(), StorageError>;
        fn check(&self) -> Result<Report, StorageError>;
        fn is_empty(&self) -> Result<bool, StorageError>;
        fn loading(&self) -> Result<Option<Progress>, StorageError>;
    }
}
