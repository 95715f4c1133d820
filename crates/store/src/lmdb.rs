//! The embedded engine: LMDB.
//!
//! | module | holds |
//! |---|---|
//! | [`directory`] | the data directory: whose it is, its format, its lock |
//! | `map` | the memory map: opened, and grown before it is full |
//! | `layout` | the tables, their keys and fixed-width values |
//! | `txn` | a transaction as commands see it |
//! | `reads` | a snapshot as the service sees it |
//! | `writer` | the one thread that writes: it drains a queue into durable commits |
//! | `audit` | the invariants, counted again from the ties |

mod audit;
pub mod directory;
mod layout;
mod map;
mod reads;
mod txn;
mod writer;

use crate::check::Report;
use crate::command::Command;
use crate::error::OpenError;
use crate::row::{AuditRow, CoinRow, Due, LoginRow, Record, Session, TokenHash};
use crate::stat::Stat;
use crate::store::{Groups, JoinedGroups, Page, PageOf, Space, Store};
use crate::{Error, Fault};
use directory::Directory;
use guanxi_rules::relation::Pair;
use guanxi_rules::reward::Given;
use guanxi_wire::Mid;
use jiff::civil::Date;
use map::Map;
use reads::Snapshot;
use std::path::Path;
use std::sync::Arc;
use writer::Writer;
pub use writer::{Batches, Pulse};

/// How the engine works.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How large the map is at first, in bytes. It doubles before it is full.
    pub map_size: usize,
    /// How many commands share one durable commit at most.
    pub commit_batch: usize,
    /// How many commands may wait; more wait outside.
    pub queue: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options { map_size: 256 << 20, commit_batch: 256, queue: 4096 }
    }
}

/// A store in one directory. Its clones are the same store; it closes when the last of them and the commands in the queue
/// are gone.
#[derive(Clone, Debug)]
pub struct Lmdb(Arc<Engine>);

// The fields drop in this order: first the writer finishes its queue, then the map closes, then the lock is released.
#[derive(Debug)]
struct Engine {
    writer: Writer,
    map: Arc<Map>,
    _directory: Directory,
}

impl Lmdb {
    /// Opens the store of a directory, and makes one where there is none or an empty one.
    pub fn open(path: &Path, options: Options) -> Result<Lmdb, OpenError> {
        let directory = Directory::open(path)?;
        let map = Arc::new(Map::open(path, options.map_size)?);
        directory.finish()?;
        let writer = Writer::start(Arc::clone(&map), options);
        Ok(Lmdb(Arc::new(Engine { writer, map, _directory: directory })))
    }

    /// Counts everything again, and names what does not agree. Takes as long as reading it all does.
    pub fn check(&self) -> Result<Report, Fault> {
        self.read(audit::audit)
    }

    /// Whether nobody is in it.
    pub fn is_empty(&self) -> Result<bool, Fault> {
        self.read(|snapshot| Ok(snapshot.members()? == 0))
    }

    /// Whether a load of it was begun and not ended, so that some of its community is missing.
    pub fn is_loading(&self) -> Result<bool, Fault> {
        self.read(|snapshot| snapshot.is_loading())
    }

    /// How large its file is, in bytes.
    pub fn size(&self) -> Result<u64, Fault> {
        self.0.map.size()
    }

    /// What it counts of its commits.
    pub fn pulse(&self) -> Pulse {
        self.0.writer.pulse()
    }

    fn read<T>(&self, ask: impl FnOnce(Snapshot<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        self.0.map.read(ask)
    }
}

impl Store for Lmdb {
    async fn run<C: Command>(&self, command: C) -> Result<C::Answer, Error> {
        self.0.writer.run(command).await
    }

    async fn get<R: Record>(&self, key: R::Key) -> Result<Option<R>, Fault> {
        self.read(|snapshot| snapshot.get(key))
    }

    async fn stat(&self, mid: Mid) -> Result<Option<Stat>, Fault> {
        self.read(|snapshot| snapshot.stat(mid))
    }

    async fn pair(&self, me: Mid, them: Mid) -> Result<Option<Pair>, Fault> {
        self.read(|snapshot| snapshot.pair(me, them))
    }

    async fn page(&self, page: PageOf) -> Result<Option<Page>, Fault> {
        self.read(|snapshot| snapshot.page(page))
    }

    async fn groups(&self, owner: Mid) -> Result<Groups, Fault> {
        self.read(|snapshot| snapshot.groups(owner))
    }

    async fn groups_of(&self, me: Mid, them: Mid) -> Result<Option<JoinedGroups>, Fault> {
        self.read(|snapshot| snapshot.groups_of(me, them))
    }

    async fn space(&self, mid: Mid, viewer: Option<Mid>) -> Result<Option<Space>, Fault> {
        self.read(|snapshot| snapshot.space(mid, viewer))
    }

    async fn coins(&self, mid: Mid, since: i64) -> Result<Vec<CoinRow>, Fault> {
        self.read(|snapshot| snapshot.coins(mid, since))
    }

    async fn logins(&self, mid: Mid, since: i64) -> Result<Vec<LoginRow>, Fault> {
        self.read(|snapshot| snapshot.logins(mid, since))
    }

    async fn due(&self, now: i64) -> Result<Vec<Due>, Fault> {
        self.read(|snapshot| snapshot.due(now))
    }

    async fn waiting<R: Record>(&self, since: i64, most: usize) -> Result<Vec<R>, Fault> {
        self.read(|snapshot| snapshot.waiting(since, most))
    }

    async fn all<R: Record>(&self) -> Result<Vec<R>, Fault> {
        self.read(|snapshot| snapshot.all())
    }

    async fn audit(&self, before: Option<u64>, most: usize) -> Result<Vec<AuditRow>, Fault> {
        self.read(|snapshot| snapshot.audit(before, most))
    }

    async fn session(&self, hash: TokenHash, day: Date) -> Result<Option<(Session, Given)>, Fault> {
        self.read(|snapshot| snapshot.session(hash, day))
    }

    async fn sessions(&self, mid: Mid) -> Result<Vec<Session>, Fault> {
        self.read(|snapshot| snapshot.sessions(mid))
    }
}
