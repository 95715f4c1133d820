//! Group commit: the writer thread drains a queue of commands into WAL records. Commands that arrive during a disk
//! sync share the next record. Each is answered after its record is durable. Writes accumulate in the active
//! memtable until a checkpoint is due.

use super::Options;
use super::checkpointer::Checkpointer;
use super::engine_metrics::{CommitCounters, EngineMetrics};
use super::env::LmdbEnv;
use super::transaction::{EmbeddedTransaction, TxnWrites};
use super::wal::Wal;
use crate::card_listener::CardListeners;
use crate::commands::Command;
use crate::log_throttle::LogThrottle;
use crate::pending_command::{Pending, PendingCommand};
use crate::{CommandError, StorageError};
use std::any::type_name;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, Waker};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio::sync::mpsc::Permit;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::timeout;

/// The time without a write after which even a small memtable is checkpointed.
const IDLE_CHECKPOINT_AFTER: Duration = Duration::from_secs(5);

/// The queue of the writer thread.
#[derive(Debug)]
pub(super) struct CommitQueue {
    counters: Arc<CommitCounters>,
    card_listeners: Arc<CardListeners>,
    /// `None` once the queue is closed.
    sender: Option<mpsc::Sender<Box<dyn QueuedCommand>>>,
    thread: Option<JoinHandle<()>>,
}

impl CommitQueue {
    pub(super) fn start(env: Arc<LmdbEnv>, wal: Wal, options: Options) -> CommitQueue {
        let (sender, mut queue) = mpsc::channel::<Box<dyn QueuedCommand>>(options.max_queued_commands.max(1));
        let counters = Arc::new(CommitCounters::default());
        let shared_counters = Arc::clone(&counters);
        let card_listeners = Arc::new(CardListeners::default());
        let shared_listeners = Arc::clone(&card_listeners);
        let work = move || {
            let runtime = match Builder::new_current_thread().enable_time().build() {
                Ok(runtime) => runtime,
                Err(error) => {
                    return tracing::error!(%error, "cannot start writer: tokio runtime failed");
                }
            };
            let checkpointer = Checkpointer::start(Arc::clone(&env));
            let memtable_bytes = options.memtable_bytes;
            let mut committer = Committer {
                env,
                wal,
                checkpointer,
                counters: shared_counters,
                card_listeners: shared_listeners,
                memtable_bytes,
            };
            let mut batch = Vec::new();
            loop {
                let next = queue.recv_many(&mut batch, options.max_batch_size.max(1));
                match runtime.block_on(async { timeout(IDLE_CHECKPOINT_AFTER, next).await }) {
                    Ok(0) => break,
                    Ok(_) => committer.write(std::mem::take(&mut batch)),
                    Err(_) => committer.checkpoint_if_idle(),
                }
            }
            committer.shut_down();
        };
        let thread = std::thread::Builder::new().name("guanxi-writer".to_owned()).spawn(work);
        CommitQueue { counters, card_listeners, sender: Some(sender), thread: thread.ok() }
    }

    pub(super) fn card_listeners(&self) -> &CardListeners {
        &self.card_listeners
    }

    pub(super) fn metrics(&self) -> EngineMetrics {
        let queued = self.sender.as_ref().map_or(0, |sender| sender.max_capacity() - sender.capacity());
        self.counters.read(queued)
    }

    /// Queues a command and waits for its answer. A full queue rejects it, unless the command
    /// [waits](Command::WAITS_WHEN_QUEUE_FULL): then it gets the next free place before any other.
    pub(super) async fn run<C: Command>(&self, command: C) -> Result<C::Output, CommandError> {
        let place = self.reserve(C::WAITS_WHEN_QUEUE_FULL).await?;
        let (pending, answer) = PendingCommand::new(command);
        place.send(Box::new(pending));
        let outcome = answer.await.map_err(|_| StorageError::Closed)?;
        if let Err(CommandError::Fault(error)) = &outcome {
            log_failed_write(type_name::<C>(), error);
        }
        outcome
    }

    async fn reserve(&self, waits: bool) -> Result<Permit<'_, Box<dyn QueuedCommand>>, StorageError> {
        let sender = self.sender.as_ref().ok_or(StorageError::Closed)?;
        if waits {
            return sender.reserve().await.map_err(|_| StorageError::Closed);
        }
        sender.try_reserve().map_err(|error| match error {
            TrySendError::Full(()) => {
                self.counters.shed.fetch_add(1, Relaxed);
                StorageError::Busy("writes")
            }
            TrySendError::Closed(()) => StorageError::Closed,
        })
    }
}

impl Drop for CommitQueue {
    fn drop(&mut self) {
        drop(self.sender.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was logged when it happened.
            let _ = thread.join();
        }
    }
}

/// A command in the queue.
trait QueuedCommand: Pending {
    /// Applies the command to a transaction and records its answer. A storage error makes the transaction unusable.
    fn apply(&mut self, tx: &mut EmbeddedTransaction<'_>) -> Result<(), StorageError>;
}

impl<C: Command> QueuedCommand for PendingCommand<C> {
    fn apply(&mut self, tx: &mut EmbeddedTransaction<'_>) -> Result<(), StorageError> {
        let before = tx.write_count();
        let result = poll_ready(self.command.apply(tx));
        self.record(result, tx.write_count() > before)
    }
}

/// Returns the output of a future that is ready at its first poll, as all futures of an embedded transaction are.
fn poll_ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("an embedded transaction never waits"),
    }
}

/// The state of the writer thread.
struct Committer {
    env: Arc<LmdbEnv>,
    wal: Wal,
    checkpointer: Checkpointer,
    counters: Arc<CommitCounters>,
    card_listeners: Arc<CardListeners>,
    /// The size of the memtable, or of its WAL, that starts a checkpoint.
    memtable_bytes: usize,
}

impl Committer {
    /// Commits a batch as one WAL record. If that fails, commits each command alone, so that one failing command
    /// does not fail the others. Skips commands whose caller has gone: under overload they would take the place of
    /// others.
    fn write(&mut self, mut batch: Vec<Box<dyn QueuedCommand>>) {
        let queued = batch.len();
        batch.retain(|command| !command.is_abandoned());
        self.counters.abandoned.fetch_add((queued - batch.len()) as u64, Relaxed);
        if batch.is_empty() {
            return;
        }
        let outcome = self.commit(&mut batch);
        if outcome.is_err() && batch.len() > 1 {
            for command in batch {
                let mut alone = vec![command];
                let outcome = self.commit(&mut alone);
                send_replies(alone, &outcome);
            }
            return;
        }
        send_replies(batch, &outcome);
    }

    fn commit(&mut self, batch: &mut [Box<dyn QueuedCommand>]) -> Result<(), StorageError> {
        let outcome = self.maybe_checkpoint().and_then(|()| {
            // A dropped transaction has written nothing.
            let panicked = |_| Err(StorageError::engine("a command panicked"));
            catch_unwind(AssertUnwindSafe(|| self.try_commit(batch))).unwrap_or_else(panicked)
        });
        match &outcome {
            Ok(()) => self.counters.batch_sizes.add(batch.len()),
            Err(_) => drop(self.counters.failed_commits.fetch_add(1, Relaxed)),
        }
        outcome
    }

    fn try_commit(&mut self, batch: &mut [Box<dyn QueuedCommand>]) -> Result<(), StorageError> {
        let TxnWrites { active, wal_ops, changed_cards } = self.env.with_snapshot(|snapshot| {
            let mut tx = EmbeddedTransaction::new(snapshot);
            for command in batch.iter_mut() {
                command.apply(&mut tx)?;
            }
            Ok(tx.into_parts().1)
        })?;
        if !wal_ops.is_empty() {
            self.wal.append(&wal_ops)?;
            self.env.publish(active);
            self.card_listeners.notify(&changed_cards);
        }
        Ok(())
    }

    /// Checkpoints a small memtable while no command arrives: LMDB reads are faster, and recovery has nothing to
    /// replay.
    fn checkpoint_if_idle(&mut self) {
        let is_idle = matches!(self.checkpointer.finish_completed(false, &mut self.wal), Ok(true));
        if is_idle
            && self.env.active_memtable_bytes() > 0
            && let Err(error) = self.start_checkpoint()
        {
            tracing::warn!(%error, "cannot rotate the WAL, continuing with the same segment");
        }
    }

    /// Starts a checkpoint if the memtable is large enough. If one runs already, as much again may accumulate. Then
    /// this waits.
    fn maybe_checkpoint(&mut self) -> Result<(), StorageError> {
        // Repeated writes of the same keys need little memory but much WAL, which a recovery must replay.
        let wal_bytes = usize::try_from(self.wal.unflushed_bytes()).unwrap_or(usize::MAX);
        let unflushed = self.env.active_memtable_bytes().max(wal_bytes);
        if unflushed < self.memtable_bytes {
            return Ok(());
        }
        let must_wait = unflushed >= self.memtable_bytes.saturating_mul(2);
        if self.checkpointer.finish_completed(must_wait, &mut self.wal)? {
            self.start_checkpoint()?;
        }
        Ok(())
    }

    fn start_checkpoint(&mut self) -> Result<(), StorageError> {
        let (lsn, segments) = (self.wal.last_lsn(), self.wal.rotate()?);
        self.checkpointer.checkpoint(self.env.switch_memtable(), lsn, segments);
        Ok(())
    }

    /// Checkpoints everything, so that the WAL is empty. After a failure the WAL keeps the rest for the next
    /// recovery.
    fn shut_down(mut self) {
        if self.checkpointer.finish_completed(true, &mut self.wal).is_ok()
            && (self.env.active_memtable_bytes() > 0 || self.wal.has_segments())
        {
            let _ = self.start_checkpoint();
        }
        // The thread holds the environment. The directory's lock must not be released before it ends.
        self.checkpointer.shut_down(&mut self.wal);
    }
}

fn send_replies(batch: Vec<Box<dyn QueuedCommand>>, outcome: &Result<(), StorageError>) {
    for command in batch {
        command.reply(outcome.clone());
    }
}

/// Logs a write that failed. Its caller does, so that the line has the caller's request.
fn log_failed_write(command: &str, error: &StorageError) {
    /// Every write fails on a full disk.
    static FAILED: LogThrottle = LogThrottle::new();
    if let Some(occurrences) = FAILED.count() {
        tracing::error!(%command, %error, occurrences, "write failed");
    }
}
