//! Whichever engine keeps a community.

use crate::check::Report;
use crate::command::Command;
use crate::dump::Progress;
use crate::row::{AuditRow, CoinRow, Due, LoginRow, Record, Session, Table, TokenHash};
use crate::stat::Stat;
use crate::store::{Groups, JoinedGroups, Page, PageOf, Space, Store};
use crate::{Error, Fault, Lmdb, Postgres, Row};
use guanxi_domain::relation::Pair;
use guanxi_types::Mid;
use jiff::civil::Date;
use tokio::sync::mpsc;

/// Whichever engine keeps a community.
#[derive(Clone, Debug)]
pub enum Engine {
    /// The embedded one.
    Lmdb(Lmdb),
    /// A database.
    Postgres(Postgres),
}

impl From<Lmdb> for Engine {
    fn from(store: Lmdb) -> Engine {
        Engine::Lmdb(store)
    }
}

impl From<Postgres> for Engine {
    fn from(store: Postgres) -> Engine {
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
        fn run<C: Command>(&self, command: C) -> Result<C::Answer, Error>;
        fn get<R: Record>(&self, key: R::Key) -> Result<Option<R>, Fault>;
        fn stat(&self, mid: Mid) -> Result<Option<Stat>, Fault>;
        fn pair(&self, me: Mid, them: Mid) -> Result<Option<Pair>, Fault>;
        fn page(&self, page: PageOf) -> Result<Option<Page>, Fault>;
        fn groups(&self, owner: Mid) -> Result<Groups, Fault>;
        fn groups_of(&self, me: Mid, them: Mid) -> Result<Option<JoinedGroups>, Fault>;
        fn space(&self, mid: Mid, viewer: Option<Mid>) -> Result<Option<Space>, Fault>;
        fn coins(&self, mid: Mid, since: i64, most: usize) -> Result<Vec<CoinRow>, Fault>;
        fn logins(&self, mid: Mid, since: i64, most: usize) -> Result<Vec<LoginRow>, Fault>;
        fn first_login(&self, mid: Mid) -> Result<Option<LoginRow>, Fault>;
        fn due(&self, now: i64, tables: &[Table]) -> Result<Vec<Due>, Fault>;
        fn waiting<R: Record>(&self, since: i64, most: usize) -> Result<Vec<R>, Fault>;
        fn all<R: Record>(&self) -> Result<Vec<R>, Fault>;
        fn audit(&self, before: Option<u64>, most: usize) -> Result<Vec<AuditRow>, Fault>;
        fn session(&self, hash: TokenHash, day: Date) -> Result<Option<(Session, bool)>, Fault>;
        fn sessions(&self, mid: Mid) -> Result<Vec<Session>, Fault>;
        fn export(&self, out: mpsc::Sender<Vec<Row>>) -> Result<(), Fault>;
        fn check(&self) -> Result<Report, Fault>;
        fn is_empty(&self) -> Result<bool, Fault>;
        fn loading(&self) -> Result<Option<Progress>, Fault>;
    }
}
