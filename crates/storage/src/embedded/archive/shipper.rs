//! The shipper: a thread that sends new WAL records and base copies to the archive. It reads the segments of the
//! writer, so no write waits for it.

use super::layout::{Archive, BaseCopy};
use super::status::ArchiveStatus;
use super::{ArchiveError, ArchiveOptions, base_copy, millis, now_ms, pruning};
use crate::StorageError;
use crate::embedded::checkpointer::lower_priority;
use crate::embedded::wal::{Record, WalFollower, WalReader};
use crate::embedded::{ArchiveLink, EmbeddedStore};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

/// The largest content of a span, in bytes, unless one record is larger.
const SPAN_BYTES: usize = 8 << 20;

/// The smallest amount of archived WAL that makes a base copy due before its time, in bytes. A restore replays so
/// much in seconds, while base copies slow the writes down.
const MIN_BASE_BYTES: u64 = 256 << 20;

/// The delays before the next attempt after an error.
const RETRY_AFTER: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(15));

/// The running archive of a store. Dropping it ends it at once, as a kill of the process would.
#[derive(Debug)]
pub struct Archiver {
    stop: watch::Sender<bool>,
    abort: Option<oneshot::Sender<()>>,
    finished: oneshot::Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl Archiver {
    /// Starts to archive a store, which must have been opened with `archive_wal_bytes`.
    pub fn start(
        store: &EmbeddedStore,
        archive: Archive,
        options: ArchiveOptions,
    ) -> Result<Archiver, ArchiveError> {
        let ArchiveLink { follower, status } = store.0.archive.clone().ok_or(StorageError::ReadOnly)?;
        let failed = |error| ArchiveError::Io("the archive", error);
        let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let (stop, stopped) = watch::channel(false);
        let (abort, aborted) = oneshot::channel();
        let (done, finished) = oneshot::channel();
        let shipper = Shipper { store: store.clone(), archive, options, follower, status, stop: stopped };
        let work = move || {
            lower_priority();
            runtime.block_on(async {
                tokio::select! {
                    () = shipper.run() => {}
                    _ = aborted => {}
                }
            });
            // A hung folder must not delay the end.
            runtime.shutdown_background();
            let _ = done.send(());
        };
        let thread =
            std::thread::Builder::new().name("guanxi-archive".to_owned()).spawn(work).map_err(failed)?;
        Ok(Archiver { stop, abort: Some(abort), finished, thread: Some(thread) })
    }

    /// Ships what is left and ends, within a time limit. All writes must be answered before.
    pub async fn stop(mut self, limit: Duration) {
        let _ = self.stop.send(true);
        if timeout(limit, &mut self.finished).await.is_err() {
            tracing::warn!(?limit, "archive is behind at the stop; the next start ships the rest");
        }
    }
}

impl Drop for Archiver {
    fn drop(&mut self) {
        drop(self.abort.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was logged when it happened.
            let _ = thread.join();
        }
    }
}

/// Claims an archive for a store, or checks that it belongs to the store.
pub async fn claim(archive: &Archive, store: &EmbeddedStore) -> Result<(), ArchiveError> {
    archive.claim(store.0.env.store_id()).await
}

struct Shipper {
    store: EmbeddedStore,
    archive: Archive,
    options: ArchiveOptions,
    follower: Arc<WalFollower>,
    status: Arc<ArchiveStatus>,
    stop: watch::Receiver<bool>,
}

impl Shipper {
    /// Runs until a stop. Begins again after each error.
    async fn run(self) {
        let mut stop = self.stop.clone();
        let mut delay = RETRY_AFTER.0;
        loop {
            let is_last = *stop.borrow();
            let shipped_before = self.status.shipped_lsn.load(Relaxed);
            let Err(error) = self.run_session(stop.clone()).await else { return };
            self.status.errors.fetch_add(1, Relaxed);
            let (last_lsn, committed_lsn) =
                (self.status.shipped_lsn.load(Relaxed), self.follower.committed_lsn());
            tracing::warn!(%error, last_lsn, committed_lsn, "archive is behind, will retry; writes go on");
            if is_last {
                return;
            }
            delay = if last_lsn > shipped_before { RETRY_AFTER.0 } else { (delay * 2).min(RETRY_AFTER.1) };
            let _ = timeout(delay, stop.changed()).await;
        }
    }

    async fn run_session(&self, mut stop: watch::Receiver<bool>) -> Result<(), ArchiveError> {
        let mut session = Session::resume(self).await?;
        let mut ticks = interval(self.options.interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut work: Option<Work<'_>> = None;
        loop {
            let is_stopping = *stop.borrow_and_update();
            session.ship().await?;
            if is_stopping {
                return Ok(());
            }
            session.complete_base().await?;
            if work.is_none() {
                work = session.next_work();
            }
            let finished = async {
                match &mut work {
                    Some(work) => work.await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = ticks.tick() => {}
                _ = stop.changed() => {}
                done = finished => {
                    work = None;
                    session.finish_work(done);
                }
            }
        }
    }
}

/// Work beside the shipping of records.
type Work<'s> = Pin<Box<dyn Future<Output = Result<Done, ArchiveError>> + Send + 's>>;

enum Done {
    Copied(BaseCopy),
    Pruned,
}

/// The shipping to one timeline, until an error.
struct Session<'s> {
    shipper: &'s Shipper,
    timeline: u32,
    /// The LSN of the last archived record.
    shipped_lsn: u64,
    wal: WalReader,
    /// The last complete base copy.
    base: Option<BaseCopy>,
    /// An uploaded base copy, which counts once all its records are archived.
    copied: Option<BaseCopy>,
    /// The archived WAL since the last base copy began, in bytes.
    bytes_since_base: u64,
    /// True if a base copy is due, until one is complete.
    is_base_due: bool,
    is_pruned: bool,
    /// The time of the next attempt to make a base copy, after a failed one.
    work_after: Instant,
}

impl<'s> Session<'s> {
    /// Continues the newest timeline if it has the history of this store, or begins a new one.
    async fn resume(shipper: &'s Shipper) -> Result<Session<'s>, ArchiveError> {
        let (archive, env) = (&shipper.archive, &shipper.store.0.env);
        archive.claim(env.store_id()).await?;
        let newest = archive.timelines().await?.last().copied();
        let last_record = match newest {
            Some(timeline) => archive.last_span(timeline).await?.and_then(|mut records| records.pop()),
            None => None,
        };
        let (timeline, shipped_lsn) = match (newest, last_record) {
            (Some(timeline), Some(last)) if is_in_wal(shipper, &last)? => (timeline, last.lsn),
            (newest, last) => {
                let lsn = env.checkpointed_lsn()?;
                let timeline = archive.begin_timeline(lsn).await?;
                let last_lsn = last.map(|record| record.lsn);
                tracing::info!(
                    timeline,
                    lsn,
                    ?newest,
                    ?last_lsn,
                    "archive begins a timeline with a base copy"
                );
                (timeline, lsn)
            }
        };
        let base = archive.bases(timeline).await?.pop();
        let spans = match &base {
            Some(base) => archive.spans_after(timeline, base.lsn).await?,
            None => Vec::new(),
        };
        let wal = WalReader::after(env.path(), shipped_lsn);
        let bytes_since_base = spans.iter().map(|span| span.stored_bytes).sum();
        let session = Session {
            shipper,
            timeline,
            shipped_lsn,
            wal,
            base,
            copied: None,
            bytes_since_base,
            is_base_due: false,
            is_pruned: false,
            work_after: Instant::now(),
        };
        session.publish();
        Ok(session)
    }

    /// Ships all committed records.
    async fn ship(&mut self) -> Result<(), ArchiveError> {
        let shipper = self.shipper;
        let now = now_ms();
        let committed_lsn = shipper.follower.committed_lsn();
        while self.shipped_lsn < committed_lsn {
            let read = self.wal.read(committed_lsn, SPAN_BYTES);
            let records = read.map_err(|error| ArchiveError::Io("the WAL", error))?;
            let Some(last) = records.last() else { return Err(ArchiveError::Gap(self.shipped_lsn)) };
            if !shipper.archive.create_span(self.timeline, &records).await? {
                return Err(ArchiveError::Conflict(self.shipped_lsn + 1));
            }
            self.shipped_lsn = last.lsn;
            self.bytes_since_base += records.iter().map(|record| record.payload.len() as u64).sum::<u64>();
            self.publish();
        }
        if self.base.is_some() {
            shipper.status.complete_until_ms.store(now, Relaxed);
        }
        Ok(())
    }

    /// Publishes the progress, and releases the WAL before the last archived record.
    fn publish(&self) {
        self.shipper.follower.keep_from(self.shipped_lsn);
        let status = &self.shipper.status;
        status.shipped_lsn.store(self.shipped_lsn, Relaxed);
        status.last_base_ms.store(self.base.as_ref().map_or(0, |base| base.time_ms), Relaxed);
    }

    /// Stores the manifest of an uploaded base copy once the archive has all its records. Then its data cannot be
    /// of another history than the timeline.
    async fn complete_base(&mut self) -> Result<(), ArchiveError> {
        if let Some(base) = self.copied.take_if(|base| base.lsn <= self.shipped_lsn) {
            self.shipper.archive.create_base(self.timeline, &base).await?;
            tracing::info!(
                timeline = self.timeline,
                lsn = base.lsn,
                bytes = base.stored_bytes,
                "base copy complete"
            );
            (self.base, self.is_base_due, self.is_pruned) = (Some(base), false, false);
            self.publish();
        }
        Ok(())
    }

    /// Returns the next base copy or pruning, if it is due.
    fn next_work(&mut self) -> Option<Work<'s>> {
        let Shipper { archive, store, options, .. } = self.shipper;
        let timeline = self.timeline;
        if self.copied.is_some() || Instant::now() < self.work_after {
            return None;
        }
        self.is_base_due |= self.base.as_ref().is_none_or(|base| {
            now_ms().saturating_sub(base.time_ms) >= millis(options.base_interval)
                || self.bytes_since_base > base.stored_bytes.max(MIN_BASE_BYTES)
        });
        if self.is_base_due {
            self.bytes_since_base = 0;
            let copy =
                async move { base_copy::copy(archive, &store.0.env, timeline).await.map(Done::Copied) };
            return Some(Box::pin(copy));
        }
        if !self.is_pruned {
            let prune = async move {
                pruning::prune(archive, timeline, options.retention).await.map(|()| Done::Pruned)
            };
            return Some(Box::pin(prune));
        }
        None
    }

    fn finish_work(&mut self, done: Result<Done, ArchiveError>) {
        match done {
            Ok(Done::Copied(base)) => self.copied = Some(base),
            Ok(Done::Pruned) => self.is_pruned = true,
            Err(ArchiveError::Interrupted) => {
                tracing::info!("base copy interrupted by a growth of the store, will retry");
            }
            Err(error) => {
                self.shipper.status.errors.fetch_add(1, Relaxed);
                tracing::warn!(%error, "base copy or pruning of the archive failed, will retry");
                self.work_after = Instant::now() + RETRY_AFTER.1;
            }
        }
    }
}

/// True if the WAL of the store has an equal record.
fn is_in_wal(shipper: &Shipper, record: &Record) -> Result<bool, ArchiveError> {
    if record.lsn > shipper.follower.committed_lsn() {
        return Ok(false);
    }
    let read = WalReader::after(shipper.store.0.env.path(), record.lsn - 1).read(record.lsn, 1);
    let records = read.map_err(|error| ArchiveError::Io("the WAL", error))?;
    Ok(records.first() == Some(record))
}
