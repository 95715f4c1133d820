//! Group commit: the writer thread drains a queue of commands into WAL records. Commands that arrive during a disk
//! sync share the next record. Each is answered after its record is durable. Writes accumulate in the active
//! memtable until a checkpoint is due.

use super::Options;
use super::checkpointer::Checkpointer;
use super::engine_metrics::{CommitCounters, EngineMetrics};
use super::env::LmdbEnv;
use super::failure::{self, FailureReporter, FailureWatch};
use super::transaction::{EmbeddedTransaction, TxnWrites};
use super::wal::{self, Wal};
use crate::card_listener::CardListeners;
use crate::commands::Command;
use crate::log_throttle::LogThrottle;
use crate::pending_command::{Pending, PendingCommand};
use crate::{CommandError, StorageError};
use guanxi_domain::news::NewsLimits;
use std::any::type_name;
use std::io;
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
    failure: FailureWatch,
    /// `None` once the queue is closed.
    sender: Option<mpsc::Sender<Box<dyn QueuedCommand>>>,
    thread: Option<JoinHandle<()>>,
}

impl CommitQueue {
    pub(super) fn start(env: Arc<LmdbEnv>, wal: Wal, options: Options) -> io::Result<CommitQueue> {
        let (sender, mut queue) = mpsc::channel::<Box<dyn QueuedCommand>>(options.max_queued_commands.max(1));
        let (reporter, failure) = failure::channel();
        let closing = reporter.clone();
        let runtime = Builder::new_current_thread().enable_time().build()?;
        let mut committer = Committer::new(env, wal, options.memtable_bytes, reporter.clone())?;
        committer.news_limits = options.news;
        let (counters, card_listeners) =
            (Arc::clone(&committer.counters), Arc::clone(&committer.card_listeners));
        let work = move || {
            let mut batch = Vec::new();
            loop {
                let next = queue.recv_many(&mut batch, options.max_batch_size.max(1));
                match runtime.block_on(async { timeout(IDLE_CHECKPOINT_AFTER, next).await }) {
                    Ok(0) => break,
                    Ok(_) => committer.write(std::mem::take(&mut batch)),
                    Err(_) => committer.checkpoint_if_idle(),
                }
            }
            if let Err(error) = committer.shut_down() {
                closing.report_unfinished(error);
            }
            Ok(())
        };
        let work = move || reporter.run_thread("writer", work);
        let thread = std::thread::Builder::new().name("guanxi-writer".to_owned()).spawn(work)?;
        Ok(CommitQueue { counters, card_listeners, failure, sender: Some(sender), thread: Some(thread) })
    }

    /// A watch of the failure of the writer and of the checkpointer.
    pub(super) fn failure(&self) -> FailureWatch {
        self.failure.clone()
    }

    /// The error of the latest commit, or `None` if it is durable.
    pub(super) fn write_error(&self) -> Option<StorageError> {
        self.counters.write_error()
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
    news_limits: NewsLimits,
}

impl Committer {
    fn new(
        env: Arc<LmdbEnv>,
        wal: Wal,
        memtable_bytes: usize,
        reporter: FailureReporter,
    ) -> io::Result<Committer> {
        Ok(Committer {
            checkpointer: Checkpointer::start(Arc::clone(&env), reporter)?,
            env,
            wal,
            counters: Arc::default(),
            card_listeners: Arc::default(),
            memtable_bytes,
            news_limits: NewsLimits::default(),
        })
    }

    /// Commits a batch as one WAL record. If that fails, commits each command alone, so that one failing command
    /// does not fail the others. After an unknown outcome it does not, as each command may be stored already. Skips
    /// commands whose caller has gone: under overload they would take the place of others.
    fn write(&mut self, mut batch: Vec<Box<dyn QueuedCommand>>) {
        let queued = batch.len();
        batch.retain(|command| !command.is_abandoned());
        self.counters.abandoned.fetch_add((queued - batch.len()) as u64, Relaxed);
        if batch.is_empty() {
            return;
        }
        let outcome = self.commit(&mut batch);
        let may_retry = !matches!(outcome, Ok(()) | Err(StorageError::CommitUnknown(_)));
        if may_retry && batch.len() > 1 {
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
        let outcome = self.maybe_checkpoint();
        let outcome = outcome.inspect_err(|error| self.counters.set_write_error(Some(error.clone())));
        let outcome = outcome.and_then(|()| {
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
            let mut tx = EmbeddedTransaction::new(snapshot, self.news_limits);
            for command in batch.iter_mut() {
                command.apply(&mut tx)?;
            }
            Ok(tx.into_parts().1)
        })?;
        if !wal_ops.is_empty() {
            let appended = self.wal.append(&wal::payload_of(wal::now_ms(), &wal_ops));
            self.counters.set_write_error(appended.as_ref().err().cloned());
            appended?;
            self.env.publish(active);
            self.card_listeners.notify(&changed_cards);
        }
        Ok(())
    }

    /// Checkpoints a small memtable while no command arrives: LMDB reads are faster, and recovery has nothing to
    /// replay.
    fn checkpoint_if_idle(&mut self) {
        let is_idle = matches!(self.checkpointer.finish_completed(false, &mut self.wal), Ok(true));
        if is_idle && self.env.active_memtable_bytes() > 0 {
            self.start_checkpoint();
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
            self.start_checkpoint();
        }
        Ok(())
    }

    fn start_checkpoint(&mut self) {
        let position = self.wal.rotate();
        self.checkpointer.checkpoint(self.env.switch_memtable(), position);
    }

    /// Checkpoints everything. After a failure the WAL keeps the rest for the next recovery.
    fn shut_down(mut self) -> Result<(), StorageError> {
        let started = self.start_last_checkpoint();
        // The thread holds the environment. The directory's lock must not be released before it ends.
        let outcome = started.and(self.checkpointer.shut_down(&mut self.wal));
        if let Err(error) = &outcome {
            tracing::error!(%error, "closed without a checkpoint, the next start replays the WAL");
        }
        if self.wal.has_unknown_record() {
            tracing::error!("closed with a rejected write in the WAL, the next start may store it");
            return outcome.and(Err(StorageError::commit_unknown("a rejected write is in the WAL")));
        }
        outcome
    }

    fn start_last_checkpoint(&mut self) -> Result<(), StorageError> {
        self.checkpointer.finish_completed(true, &mut self.wal)?;
        if self.env.active_memtable_bytes() > 0 {
            self.start_checkpoint();
        }
        Ok(())
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

#[cfg(test)]
mod simulation;
