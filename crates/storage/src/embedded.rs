//! The embedded engine: LMDB behind a write-ahead log.
//!
//! | module | content |
//! |---|---|
//! | [`data_dir`] | the data directory: ownership, format and lock |
//! | `env` | the LMDB environment: resizing, snapshots, checkpoints and backups |
//! | `open_env` | the opening of LMDB, the sizes of its map, and its errors |
//! | `disk` | the file operations of the WAL, and a simulated disk for tests |
//! | `data_file` | the expected length of the LMDB data file |
//! | `data_pages` | the pages of the LMDB data file, read without LMDB |
//! | `file_check` | the checks of the data file before LMDB reads it |
//! | `lock_file` | the room of LMDB's lock file |
//! | [`bus_error`] | the handler of SIGBUS, which names the file |
//! | `failure` | the failure after which the store must be opened again |
//! | `snapshot` | a consistent snapshot: an LMDB transaction and the memtables over it |
//! | `memtable`, `merge_iter` | writes that LMDB does not have yet, and the merged view of both |
//! | `encoding`, `varint` | tables, keys and values |
//! | `counted_btree` | ordered lists of any length, with access by rank |
//! | `wal` | the write-ahead log: segments, records, recovery |
//! | [`archive`] | the continuous archive, and restores from it |
//! | `group_commit`, `engine_metrics` | the writer thread, which commits queued commands in batches |
//! | `transaction` | a write transaction, as commands see it |
//! | `queries` | the reads of a snapshot, as the service sees them |
//! | `checkpointer` | the thread that applies immutable memtables to LMDB |
//! | `bulk_load` | an initial load that bypasses the WAL |
//! | `export` | the rows of a snapshot in the order of a dump |
//! | `integrity_check` | the invariants, recomputed from the relations |
//!
//! A write passes the commit queue, the rules of its command, and the WAL. Then it is answered. A checkpoint moves
//! some thousands of writes into LMDB at once. LMDB copies each page on write, so a single follow would cost it
//! several random pages. Thousands of writes in key order cost each page once.

pub mod archive;
mod bulk_load;
pub mod bus_error;
mod checkpointer;
mod counted_btree;
pub mod data_dir;
mod data_file;
mod data_pages;
mod disk;
mod encoding;
mod engine_metrics;
mod env;
mod export;
mod failure;
mod file_check;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing {
    //! Properties of the parsers of the embedded engine.
    pub use super::counted_btree::fuzzing::{btree, btree_node};
    pub use super::wal::fuzzing::wal;
}
mod group_commit;
mod integrity_check;
mod lock_file;
mod memtable;
mod merge_iter;
mod open_env;
mod queries;
mod snapshot;
mod transaction;
mod wal;

use crate::card_listener::CardListener;
use crate::commands::Command;
use crate::counters::Counters;
use crate::daily_login_cache::DailyLoginCache;
use crate::dump::ImportProgress;
use crate::error::{BoxedError, OpenError};
use crate::integrity::Report;
use crate::member_bundle::MemberBundle;
use crate::member_list::{MemberPage, MemberQuery};
use crate::model::{AuditRow, CoinRow, DueTask, Entity, LoginRow, RewardRow, Session, Table};
use crate::name_search::{FoundPage, NameQuery};
use crate::store::{
    CardVersion, Groups, JoinedGroups, ListEntry, ListQuery, ListRefusal, LogWindow, News, Page, Space, Store,
};
use crate::{CommandError, Row, StorageError};
use archive::ArchiveStatus;
use data_dir::{BackupTarget, DataDir, ReadOnlyDataDir};
use disk::RealDisk;
pub use engine_metrics::EngineMetrics;
use env::LmdbEnv;
pub use failure::FailureWatch;
use group_commit::CommitQueue;
use guanxi_domain::news::{FollowerDay, NewsLimits};
use guanxi_domain::relation::RelationPair;
use guanxi_types::Mid;
use jiff::civil::Date;
use queries::Queries;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::{Arc, Weak};
use tokio::sync::mpsc;
use wal::WalFollower;

/// The sizes and limits of the engine.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The initial size of the LMDB map, in bytes. It doubles before it is full.
    pub map_size: usize,
    /// The largest number of commands in one durable commit.
    pub max_batch_size: usize,
    /// The largest number of waiting commands. More are rejected with [`StorageError::Busy`].
    pub max_queued_commands: usize,
    /// The approximate size in bytes, of the active memtable or of its WAL, that starts a checkpoint. Twice as much
    /// may accumulate while a checkpoint runs.
    pub memtable_bytes: usize,
    /// The size, in bytes, of the WAL that is kept for an archive that is behind. `None` without an archive.
    pub archive_wal_bytes: Option<u64>,
    /// The bounds of the stored news of a member.
    pub news: NewsLimits,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            map_size: 256 << 20,
            max_batch_size: 256,
            max_queued_commands: 4096,
            memtable_bytes: 32 << 20,
            archive_wal_bytes: None,
            news: NewsLimits::default(),
        }
    }
}

/// A store in one data directory. Clones share the store. It closes after the last clone is dropped and the queue
/// is empty.
#[derive(Clone, Debug)]
pub struct EmbeddedStore(Arc<Inner>);

// Fields drop in this order: the writer finishes its queue, then LMDB closes, then the directory's lock is
// released.
#[derive(Debug)]
struct Inner {
    /// `None` if the store is open for reading only.
    commit_queue: Option<CommitQueue>,
    env: Arc<LmdbEnv>,
    daily_logins: DailyLoginCache,
    /// `None` without an archive.
    archive: Option<ArchiveLink>,
    _guard: DirGuard,
}

/// The link of the store and the shipper of its archive.
#[derive(Clone, Debug)]
struct ArchiveLink {
    follower: Arc<WalFollower>,
    status: Arc<ArchiveStatus>,
}

impl ArchiveLink {
    fn new(max_kept_bytes: u64) -> ArchiveLink {
        let follower = Arc::new(WalFollower::new(max_kept_bytes));
        ArchiveLink { follower, status: Arc::new(ArchiveStatus::new()) }
    }
}

/// The claim on the data directory, held while the store is open.
#[derive(Debug)]
enum DirGuard {
    ReadWrite(#[expect(dead_code, reason = "held for its lock")] DataDir),
    ReadOnly(#[expect(dead_code, reason = "held for its lock")] ReadOnlyDataDir),
}

impl EmbeddedStore {
    /// Opens the store in a data directory. Creates the store if the directory is missing or empty.
    pub fn open(path: &Path, options: Options) -> Result<EmbeddedStore, OpenError> {
        let dir = DataDir::open(path)?;
        let (env, mut wal) = LmdbEnv::open(path, RealDisk::shared(path), options.map_size)?;
        let archive = options.archive_wal_bytes.map(ArchiveLink::new);
        if let Some(archive) = &archive {
            wal.set_follower(Arc::clone(&archive.follower));
        }
        let env = Arc::new(env);
        dir.finish()?;
        let commit_queue = CommitQueue::start(Arc::clone(&env), wal, options);
        let commit_queue = Some(commit_queue.map_err(|error| OpenError::Io(path.to_owned(), error))?);
        let (daily_logins, guard) = (DailyLoginCache::default(), DirGuard::ReadWrite(dir));
        Ok(EmbeddedStore(Arc::new(Inner { commit_queue, env, daily_logins, archive, _guard: guard })))
    }

    /// Creates a store from complete members, which must come in ascending order of their mids. The directory must
    /// hold no members. After an error the directory may hold some of the members.
    pub fn bulk_load(
        path: &Path,
        options: Options,
        members: impl Iterator<Item = MemberBundle>,
    ) -> Result<(), OpenError> {
        let dir = DataDir::open(path)?;
        let (env, _) = LmdbEnv::open(path, RealDisk::shared(path), options.map_size)?;
        let failed = |error: StorageError| OpenError::Engine(path.to_owned(), error.into());
        if !env.query(|queries| queries.is_empty()).map_err(failed)? {
            return Err(OpenError::Engine(path.to_owned(), "the store already has members".into()));
        }
        bulk_load::bulk_load(&env, members).map_err(failed)?;
        dir.finish()
    }

    /// Opens an existing store for reading, while another process may have it open for writing. Creates nothing.
    /// Commands fail with [`StorageError::ReadOnly`]. The data file grows during a long read, as LMDB reuses no
    /// page that a reader may see.
    ///
    /// LMDB identifies readers by process id, so both processes must share a PID namespace. Two containers with
    /// separate namespaces do not.
    pub fn open_read_only(path: &Path) -> Result<EmbeddedStore, OpenError> {
        let dir = ReadOnlyDataDir::open(path)?;
        let env = Arc::new(LmdbEnv::open_read_only(path, RealDisk::shared(path))?);
        let (daily_logins, guard) = (DailyLoginCache::default(), DirGuard::ReadOnly(dir));
        let (commit_queue, archive) = (None, None);
        Ok(EmbeddedStore(Arc::new(Inner { commit_queue, env, daily_logins, archive, _guard: guard })))
    }

    /// Checks the pages of an existing store and the checksums of its values, before LMDB follows any page number.
    /// With `scrub` reads every page of the file, and checks the tree before the last checkpoint too. Another
    /// process may have the store open for writing.
    ///
    /// Only a store without violations may be opened: LMDB ends the process on a damaged page.
    pub fn check_file(path: &Path, scrub: bool) -> Result<Report, OpenError> {
        let _dir = ReadOnlyDataDir::open(path)?;
        file_check::check_file(path, scrub)
    }

    /// Writes a compacted copy of a snapshot into a new directory and syncs it. Returns the size in bytes. The
    /// caller must then call [`BackupTarget::finish`].
    pub fn backup(&self, to: &BackupTarget) -> Result<u64, OpenError> {
        let mut file = to.create_data_file()?;
        let copied = self.0.env.backup(&mut file, to.path()).map_err(BoxedError::from);
        let size = copied.and_then(|wal_bytes| {
            file.sync_all()?;
            Ok(file.metadata()?.len() + wal_bytes)
        });
        size.map_err(|error| {
            to.clear();
            OpenError::Backup(error)
        })
    }

    /// Registers a listener for all changes of cards, until it is dropped. Returns false without registering it if
    /// the store is read-only, since another process changes the cards then.
    #[must_use]
    pub fn add_card_listener(&self, listener: Weak<dyn CardListener>) -> bool {
        let commit_queue = self.0.commit_queue.as_ref();
        commit_queue.map(|queue| queue.card_listeners().add(listener)).is_some()
    }

    /// Returns a watch of the store's failure. Returns `None` if the store is read-only, as reads change nothing that
    /// could fail.
    pub fn failure(&self) -> Option<FailureWatch> {
        self.0.commit_queue.as_ref().map(CommitQueue::failure)
    }

    /// The error of the latest commit, or `None` if it is durable.
    pub fn write_error(&self) -> Option<StorageError> {
        self.0.commit_queue.as_ref().and_then(CommitQueue::write_error)
    }

    /// The size of the data file, in bytes.
    pub fn disk_size(&self) -> Result<u64, StorageError> {
        self.0.env.disk_size()
    }

    /// The counters of commits since the store was opened.
    pub fn metrics(&self) -> EngineMetrics {
        let metrics = self.0.commit_queue.as_ref().map(CommitQueue::metrics).unwrap_or_default();
        let read = |archive: &ArchiveLink| archive.status.read(archive.follower.committed_lsn());
        EngineMetrics { archive: self.0.archive.as_ref().map(read), ..metrics }
    }

    fn query<T>(
        &self,
        query: impl FnOnce(Queries<'_>) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        self.0.env.query(query)
    }

    /// Runs a long query on a blocking thread. The map of this process cannot be resized meanwhile. A writer that
    /// must resize the map waits, and the queue behind it, so a serving process must not use this.
    async fn query_blocking<T: Send + 'static>(
        &self,
        query: impl FnOnce(Queries<'_>) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        let store = self.clone();
        let result = tokio::task::spawn_blocking(move || store.query(query)).await;
        result.map_err(StorageError::engine)?
    }
}

impl Store for EmbeddedStore {
    async fn run<C: Command>(&self, command: C) -> Result<C::Output, CommandError> {
        self.0.commit_queue.as_ref().ok_or(StorageError::ReadOnly)?.run(command).await
    }

    async fn get<R: Entity>(&self, key: R::Key) -> Result<Option<R>, StorageError> {
        self.query(|queries| queries.get(key))
    }

    async fn counters(&self, mid: Mid) -> Result<Option<Counters>, StorageError> {
        self.query(|queries| queries.counters(mid))
    }

    async fn relation_pair(&self, me: Mid, them: Mid) -> Result<Option<RelationPair>, StorageError> {
        self.query(|queries| queries.relation_pair(me, them))
    }

    async fn page(
        &self,
        query: ListQuery,
        remove_known: impl FnOnce(&[ListEntry], &mut Vec<(Mid, CardVersion)>) + Send,
    ) -> Result<Result<Page, ListRefusal>, StorageError> {
        self.query(|queries| queries.list_page(query, remove_known))
    }

    async fn groups(&self, owner: Mid) -> Result<Groups, StorageError> {
        self.query(|queries| queries.groups(owner))
    }

    async fn groups_containing(&self, me: Mid, them: Mid) -> Result<Option<JoinedGroups>, StorageError> {
        self.query(|queries| queries.groups_containing(me, them))
    }

    async fn space(&self, mid: Mid, viewer: Option<Mid>) -> Result<Option<Space>, StorageError> {
        self.query(|queries| queries.space(mid, viewer))
    }

    async fn coin_log(&self, mid: Mid, since: i64, limit: usize) -> Result<Vec<CoinRow>, StorageError> {
        self.query(|queries| queries.coin_log(mid, since, limit))
    }

    async fn coin_window(&self, mid: Mid, window: LogWindow) -> Result<Vec<CoinRow>, StorageError> {
        self.query(|queries| queries.coin_window(mid, window))
    }

    async fn rewards(&self, mid: Mid, days: RangeInclusive<Date>) -> Result<Vec<RewardRow>, StorageError> {
        self.query(|queries| queries.rewards(mid, days))
    }

    async fn news(&self, mid: Mid, since: i64) -> Result<News, StorageError> {
        self.query(|queries| queries.news(mid, since))
    }

    async fn follower_days(
        &self,
        mid: Mid,
        days: RangeInclusive<Date>,
        limit: usize,
    ) -> Result<Vec<FollowerDay>, StorageError> {
        self.query(|queries| queries.follower_days(mid, days, limit))
    }

    async fn login_log(&self, mid: Mid, since: i64, limit: usize) -> Result<Vec<LoginRow>, StorageError> {
        self.query(|queries| queries.login_log(mid, since, limit))
    }

    async fn first_login(&self, mid: Mid) -> Result<Option<LoginRow>, StorageError> {
        self.query(|queries| queries.first_login(mid))
    }

    async fn find_members(&self, query: NameQuery) -> Result<FoundPage, StorageError> {
        self.query(|queries| queries.find_members(&query))
    }

    async fn list_members(&self, query: MemberQuery) -> Result<MemberPage, StorageError> {
        self.query(|queries| queries.list_members(&query))
    }

    async fn due_tasks(&self, now: i64, tables: &[Table]) -> Result<Vec<DueTask>, StorageError> {
        self.query(|queries| queries.due_tasks(now, tables))
    }

    async fn pending_reviews<R: Entity>(&self, since: i64, limit: usize) -> Result<Vec<R>, StorageError> {
        self.query(|queries| queries.pending_reviews(since, limit))
    }

    async fn rows<R: Entity>(&self, keys: Vec<R::Key>) -> Result<Vec<Option<R>>, StorageError> {
        self.query(|queries| keys.into_iter().map(|key| queries.get(key)).collect())
    }

    async fn rows_of<R: Entity>(&self, mid: Mid, limit: usize) -> Result<Vec<R>, StorageError> {
        self.query(|queries| queries.rows_of(mid, limit))
    }

    async fn all<R: Entity>(&self) -> Result<Vec<R>, StorageError> {
        self.query(|queries| queries.all())
    }

    async fn audit_log(&self, before: Option<u64>, limit: usize) -> Result<Vec<AuditRow>, StorageError> {
        self.query(|queries| queries.audit_log(before, limit))
    }

    fn daily_logins(&self) -> &DailyLoginCache {
        &self.0.daily_logins
    }

    async fn sessions(&self, mid: Mid) -> Result<Vec<Session>, StorageError> {
        self.query(|queries| queries.sessions(mid))
    }

    async fn export(&self, out: mpsc::Sender<Vec<Row>>) -> Result<(), StorageError> {
        self.query_blocking(move |queries| export::export(queries, &out)).await
    }

    async fn check_integrity(&self) -> Result<Report, StorageError> {
        self.query_blocking(integrity_check::check).await
    }

    async fn is_empty(&self) -> Result<bool, StorageError> {
        self.query(|queries| queries.is_empty())
    }

    async fn import_progress(&self) -> Result<Option<ImportProgress>, StorageError> {
        self.query(|queries| queries.import_progress())
    }
}
