//! The embedded engine: LMDB.
//!
//! | module | holds |
//! |---|---|
//! | [`directory`] | the data directory: whose it is, its format, its lock |
//! | `permissions` | who may read it |
//! | `map` | the memory map: opened, and grown before it is full; and what is not in it yet |
//! | `moment` | one moment's truth: the tree, and what it has not taken in |
//! | `layout` | the tables, their keys and fixed-width values |
//! | `node`, `roll` | lists of any length, packed and counted |
//! | `log`, `edit` | what was written, durable before it is answered |
//! | `layer`, `view` | what was written and is not in the tree yet; both seen as one |
//! | `txn` | a transaction as commands see it |
//! | `reads` | a snapshot as the service sees it |
//! | `build` | a store made at once |
//! | `export` | a snapshot as a dump has it |
//! | `writer` | the one thread that writes: it drains a queue into records of the log |
//! | `settle` | the thread that has the tree take in what was written |
//! | `audit` | the invariants, counted again from the ties |
//!
//! A write goes: queue, rule, log, answer; and some thousands of writes later, tree. The tree is LMDB's, copied on write: a
//! follow by itself would cost it some random pages, and thousands of them in the order of their keys cost each page once.

mod audit;
mod build;
pub mod directory;
mod edit;
mod export;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing {
    //! Properties of what the embedded engine reads.
    pub use super::log::fuzzing::wal;
    pub use super::roll::fuzzing::{node, roll};
}
mod layer;
mod layout;
mod log;
mod map;
mod moment;
mod node;
mod permissions;
mod reads;
mod roll;
mod settle;
mod txn;
mod view;
mod writer;

use crate::cards::Cards;
use crate::check::Report;
use crate::command::Command;
use crate::dump::Progress;
use crate::error::OpenError;
use crate::row::{AuditRow, CoinRow, Due, LoginRow, Record, Session, Table, TokenHash};
use crate::stat::Counters;
use crate::store::{Groups, JoinedGroups, ListQuery, Page, Space, Store};
use crate::visitors::DailyLoginCache;
use crate::whole::MemberBundle;
use crate::{CommandError, Row, StorageError};
use directory::{Blank, Directory, Reading};
use guanxi_domain::relation::RelationPair;
use guanxi_types::Mid;
use jiff::civil::Date;
use map::Map;
use reads::Snapshot;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::mpsc;
use writer::Writer;
pub use writer::{Batches, Pulse};

/// How the engine works.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How large the map is at first, in bytes. It doubles before it is full.
    pub map_size: usize,
    /// How many commands share one durable commit at most.
    pub commit_batch: usize,
    /// How many commands may wait; more are [`Fault::Busy`].
    pub queue: usize,
    /// How many bytes of what was written gather in memory or in the log, about, before the tree takes them in. Twice as many
    /// may gather while it does.
    pub gathers: usize,
    /// How much memory cards that lists have shown may take, in bytes; 0 keeps none.
    pub card_memory: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            map_size: 256 << 20,
            commit_batch: 256,
            queue: 4096,
            gathers: 32 << 20,
            card_memory: 512 << 20,
        }
    }
}

/// A store in one directory. Its clones are the same store; it closes when the last of them and the commands in the queue
/// are gone.
#[derive(Clone, Debug)]
pub struct EmbeddedStore(Arc<Inner>);

// The fields drop in this order: first the writer finishes its queue, then the map closes, then the lock is released.
#[derive(Debug)]
struct Inner {
    /// None if it is only read.
    writer: Option<Writer>,
    map: Arc<Map>,
    visitors: DailyLoginCache,
    _held: Held,
}

/// On what grounds a directory is open.
#[derive(Debug)]
enum Held {
    ToWrite(#[expect(dead_code, reason = "it is held")] Directory),
    ToRead(#[expect(dead_code, reason = "it is held")] Reading),
}

impl EmbeddedStore {
    /// Opens the store of a directory, and makes one where there is none or an empty one.
    pub fn open(path: &Path, options: Options) -> Result<EmbeddedStore, OpenError> {
        let directory = Directory::open(path)?;
        let (map, log) = Map::open(path, options.map_size, Cards::new(options.card_memory))?;
        let map = Arc::new(map);
        directory.finish()?;
        let writer = Writer::start(Arc::clone(&map), log, options);
        let writer = Some(writer);
        Ok(EmbeddedStore(Arc::new(Inner {
            writer,
            map,
            visitors: DailyLoginCache::default(),
            _held: Held::ToWrite(directory),
        })))
    }

    /// Makes the store of a directory in which nobody is of these members, who come in the order of their mids. If it fails half
    /// of them may be in it.
    pub fn build(
        path: &Path,
        options: Options,
        members: impl Iterator<Item = MemberBundle>,
    ) -> Result<(), OpenError> {
        let directory = Directory::open(path)?;
        let (map, _) = Map::open(path, options.map_size, Cards::new(0))?;
        let failed = |fault: StorageError| OpenError::Engine(path.to_owned(), fault.to_string());
        if !map.read(|snapshot| snapshot.is_empty()).map_err(failed)? {
            return Err(OpenError::Engine(path.to_owned(), "somebody is in it already".to_owned()));
        }
        build::build(&map, members).map_err(failed)?;
        directory.finish()
    }

    /// Opens the store of a directory to read it, while another process may have it. Nothing is made where nothing is, and
    /// commands are a fault. Whoever reads long has the file grow meanwhile, as no page that they may see is used again.
    ///
    /// Both processes must know each other by number, so of two containers one must not be shut in with its own.
    pub fn open_to_read(path: &Path) -> Result<EmbeddedStore, OpenError> {
        let reading = Reading::of(path)?;
        let map = Arc::new(Map::open_to_read(path)?);
        Ok(EmbeddedStore(Arc::new(Inner {
            writer: None,
            map,
            visitors: DailyLoginCache::default(),
            _held: Held::ToRead(reading),
        })))
    }

    /// Puts a copy of this moment's truth into a new directory, without the room that is free; tells how many bytes it has.
    /// It is on disk when this returns, and the directory is to be finished.
    pub fn copy(&self, to: &Blank) -> Result<u64, OpenError> {
        let mut file = to.data()?;
        let copied = self.0.map.copy(&mut file, to.path()).map_err(|fault| fault.to_string());
        let synced = copied.and_then(|log| {
            file.sync_all().and_then(|()| Ok(file.metadata()?.len() + log)).map_err(|error| error.to_string())
        });
        let about = synced.map_err(|why| {
            to.clear();
            OpenError::Copy(why)
        })?;
        Ok(about)
    }

    /// How large its file is, in bytes.
    pub fn size(&self) -> Result<u64, StorageError> {
        self.0.map.size()
    }

    /// What it counts of its commits.
    pub fn pulse(&self) -> Pulse {
        self.0.writer.as_ref().map(Writer::pulse).unwrap_or_default()
    }

    fn read<T>(&self, ask: impl FnOnce(Snapshot<'_>) -> Result<T, StorageError>) -> Result<T, StorageError> {
        self.0.map.read(ask)
    }

    /// Asks what takes long, on a thread that may wait. As long the map cannot grow in this process, and a writer that needs
    /// it to waits, with all that come behind it; so it is nothing for a process that serves.
    async fn read_all<T: Send + 'static>(
        &self,
        ask: impl FnOnce(Snapshot<'_>) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        let store = self.clone();
        let asked = tokio::task::spawn_blocking(move || store.read(ask)).await;
        asked.map_err(|error| StorageError::Engine(error.to_string()))?
    }
}

impl Store for EmbeddedStore {
    async fn run<C: Command>(&self, command: C) -> Result<C::Answer, CommandError> {
        self.0.writer.as_ref().ok_or(StorageError::ReadOnly)?.run(command).await
    }

    async fn get<R: Record>(&self, key: R::Key) -> Result<Option<R>, StorageError> {
        self.read(|snapshot| snapshot.get(key))
    }

    async fn stat(&self, mid: Mid) -> Result<Option<Counters>, StorageError> {
        self.read(|snapshot| snapshot.stat(mid))
    }

    async fn pair(&self, me: Mid, them: Mid) -> Result<Option<RelationPair>, StorageError> {
        self.read(|snapshot| snapshot.pair(me, them))
    }

    async fn page(&self, page: ListQuery) -> Result<Option<Page>, StorageError> {
        let cards = self.0.map.cards().known();
        self.read(|snapshot| snapshot.page(page, cards))
    }

    async fn groups(&self, owner: Mid) -> Result<Groups, StorageError> {
        self.read(|snapshot| snapshot.groups(owner))
    }

    async fn groups_of(&self, me: Mid, them: Mid) -> Result<Option<JoinedGroups>, StorageError> {
        self.read(|snapshot| snapshot.groups_of(me, them))
    }

    async fn space(&self, mid: Mid, viewer: Option<Mid>) -> Result<Option<Space>, StorageError> {
        self.read(|snapshot| snapshot.space(mid, viewer))
    }

    async fn coins(&self, mid: Mid, since: i64, most: usize) -> Result<Vec<CoinRow>, StorageError> {
        self.read(|snapshot| snapshot.coins(mid, since, most))
    }

    async fn logins(&self, mid: Mid, since: i64, most: usize) -> Result<Vec<LoginRow>, StorageError> {
        self.read(|snapshot| snapshot.logins(mid, since, most))
    }

    async fn first_login(&self, mid: Mid) -> Result<Option<LoginRow>, StorageError> {
        self.read(|snapshot| snapshot.first_login(mid))
    }

    async fn due(&self, now: i64, tables: &[Table]) -> Result<Vec<Due>, StorageError> {
        self.read(|snapshot| snapshot.due(now, tables))
    }

    async fn waiting<R: Record>(&self, since: i64, most: usize) -> Result<Vec<R>, StorageError> {
        self.read(|snapshot| snapshot.waiting(since, most))
    }

    async fn all<R: Record>(&self) -> Result<Vec<R>, StorageError> {
        self.read(|snapshot| snapshot.all())
    }

    async fn audit(&self, before: Option<u64>, most: usize) -> Result<Vec<AuditRow>, StorageError> {
        self.read(|snapshot| snapshot.audit(before, most))
    }

    async fn session(&self, hash: TokenHash, day: Date) -> Result<Option<(Session, bool)>, StorageError> {
        self.read(|snapshot| snapshot.session(hash, day, &self.0.visitors))
    }

    async fn sessions(&self, mid: Mid) -> Result<Vec<Session>, StorageError> {
        self.read(|snapshot| snapshot.sessions(mid))
    }

    async fn export(&self, out: mpsc::Sender<Vec<Row>>) -> Result<(), StorageError> {
        self.read_all(move |snapshot| export::export(snapshot, &out)).await
    }

    async fn check(&self) -> Result<Report, StorageError> {
        self.read_all(audit::audit).await
    }

    async fn is_empty(&self) -> Result<bool, StorageError> {
        self.read(|snapshot| snapshot.is_empty())
    }

    async fn loading(&self) -> Result<Option<Progress>, StorageError> {
        self.read(|snapshot| snapshot.loading())
    }
}
