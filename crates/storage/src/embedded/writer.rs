//! The one thread that writes. It drains a queue into records of the log: what arrived while the disk was busy shares the next
//! one, and each is answered only once its record is on disk. What was written gathers in memory until it is worth its while,
//! and then another thread has the tree take it in.

use super::Options;
use super::log::Log;
use super::map::Map;
use super::settle::Settler;
use super::txn::{LmdbTxn, Written};
use crate::command::Command;
use crate::log_throttle::LogThrottle;
use crate::{CommandError, StorageError};
use guanxi_types::ErrorCode;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, Waker};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// After how long without a write the tree takes in what there is, however little.
const REST: Duration = Duration::from_secs(5);

/// What the engine counts of its commits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pulse {
    /// Durable commits.
    pub commits: u64,
    /// Writes that were answered.
    pub commands: u64,
    /// Commits that came to nothing.
    pub failed: u64,
    /// Writes that wait.
    pub queued: usize,
    /// Writes that were rejected, as too many waited.
    pub shed: u64,
    /// Writes that nobody waited for any more when it was their turn; nothing was done for them.
    pub abandoned: u64,
    /// How many writes shared a commit.
    pub batches: Batches,
}

/// How many writes shared a commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batches {
    /// The sum of all.
    pub sum: u64,
    /// Bounds, and how many commits had at most so many writes and more than the bound before allows.
    pub buckets: Vec<(u64, u64)>,
}

/// The bounds of [`Batches`].
const BOUNDS: [u64; 10] = [1, 2, 4, 8, 16, 32, 64, 128, 256, u64::MAX];

#[derive(Debug, Default)]
struct Counters {
    commands: AtomicU64,
    failed: AtomicU64,
    shed: AtomicU64,
    abandoned: AtomicU64,
    batches: [AtomicU64; BOUNDS.len()],
}

impl Counters {
    fn committed(&self, jobs: usize) {
        let bucket = BOUNDS.iter().position(|bound| jobs as u64 <= *bound).unwrap_or(BOUNDS.len() - 1);
        self.batches[bucket].fetch_add(1, Relaxed);
        self.commands.fetch_add(jobs as u64, Relaxed);
    }
}

/// The way to the thread.
#[derive(Debug)]
pub(super) struct Writer {
    counters: Arc<Counters>,
    /// None once the writer is told to end.
    queue: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(map: Arc<Map>, log: Log, options: Options) -> Writer {
        let (queue, mut waiting) = mpsc::channel::<Box<dyn Job>>(options.queue.max(1));
        let counters = Arc::new(Counters::default());
        let counted = Arc::clone(&counters);
        let work = move || {
            let settler = Settler::start(Arc::clone(&map));
            let mut hand = Hand { map, log, settler, counters: counted, gathers: options.gathers };
            let clock = match Builder::new_current_thread().enable_time().build() {
                Ok(clock) => clock,
                Err(error) => return tracing::error!(%error, "nobody can write: there is no clock"),
            };
            let mut jobs = Vec::new();
            loop {
                let next = waiting.recv_many(&mut jobs, options.commit_batch.max(1));
                match clock.block_on(async { timeout(REST, next).await }) {
                    Ok(0) => break,
                    Ok(_) => hand.write(std::mem::take(&mut jobs)),
                    Err(_) => hand.rest(),
                }
            }
            hand.end();
        };
        let thread = std::thread::Builder::new().name("guanxi-writer".to_owned()).spawn(work);
        Writer { counters, queue: Some(queue), thread: thread.ok() }
    }

    /// What it has counted.
    pub(super) fn pulse(&self) -> Pulse {
        let counts = self.counters.batches.each_ref().map(|count| count.load(Relaxed));
        let commands = self.counters.commands.load(Relaxed);
        Pulse {
            commits: counts.iter().sum(),
            commands,
            failed: self.counters.failed.load(Relaxed),
            shed: self.counters.shed.load(Relaxed),
            abandoned: self.counters.abandoned.load(Relaxed),
            queued: self.queue.as_ref().map_or(0, |queue| queue.max_capacity() - queue.capacity()),
            batches: Batches { sum: commands, buckets: BOUNDS.into_iter().zip(counts).collect() },
        }
    }

    /// Queues a command, and waits until it is done. In a full queue only a command that [waits](Command::WAITS) gets a place: the
    /// next that is free, before any other.
    pub(super) async fn run<C: Command>(&self, command: C) -> Result<C::Answer, CommandError> {
        let queue = self.queue.as_ref().ok_or(StorageError::Closed)?;
        let place = if C::WAITS {
            queue.reserve().await.map_err(|_| StorageError::Closed)?
        } else {
            queue.try_reserve().map_err(|error| match error {
                TrySendError::Full(()) => {
                    self.counters.shed.fetch_add(1, Relaxed);
                    StorageError::Busy("writes")
                }
                TrySendError::Closed(()) => StorageError::Closed,
            })?
        };
        let (reply, answer) = oneshot::channel();
        place.send(Box::new(Task { command, answer: None, reply }));
        answer.await.map_err(|_| StorageError::Closed)?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // What the thread panicked with was logged as it did.
            let _ = thread.join();
        }
    }
}

/// A command in the queue. It may be applied several times; only the last counts.
trait Job: Send + std::fmt::Debug {
    /// Applies it to a transaction. What the rule says is kept; a fault of the engine spoils the transaction.
    fn apply(&mut self, tx: &mut LmdbTxn<'_>) -> Result<(), StorageError>;

    /// Returns true if nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;

    /// Answers: with what the rule said if the commit is on disk, else with the fault.
    fn answer(self: Box<Self>, outcome: Result<(), StorageError>);
}

struct Task<C: Command> {
    command: C,
    answer: Option<Result<C::Answer, ErrorCode>>,
    reply: oneshot::Sender<Result<C::Answer, CommandError>>,
}

impl<C: Command> std::fmt::Debug for Task<C> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(std::any::type_name::<C>())
    }
}

impl<C: Command> Job for Task<C> {
    fn apply(&mut self, tx: &mut LmdbTxn<'_>) -> Result<(), StorageError> {
        let before = tx.puts();
        self.answer = Some(match at_once(self.command.apply(tx)) {
            Ok(answer) => Ok(answer),
            Err(CommandError::Rejected(code)) if tx.puts() == before => Err(code),
            // Its puts must not be committed with those of others.
            Err(CommandError::Rejected(_)) => {
                return Err(StorageError::Engine("a command refused after it had written".to_owned()));
            }
            Err(CommandError::Fault(fault)) => return Err(fault),
        });
        Ok(())
    }

    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn answer(self: Box<Self>, outcome: Result<(), StorageError>) {
        let answer = match outcome {
            Ok(()) => self.answer.unwrap_or(Err(ErrorCode::BadRequest)).map_err(CommandError::Rejected),
            Err(fault) => Err(CommandError::Fault(fault)),
        };
        // Who asked may be gone; what was written stays written.
        let _ = self.reply.send(answer);
    }
}

/// What a future gives that has nothing to wait for, as those of an LMDB transaction have not.
fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("an LMDB transaction never waits"),
    }
}

/// What the thread works with.
struct Hand {
    map: Arc<Map>,
    log: Log,
    settler: Settler,
    counters: Arc<Counters>,
    /// How many bytes are gathered before the tree takes them in.
    gathers: usize,
}

impl Hand {
    /// Writes some jobs in one record. If it comes to nothing, each is written by itself, so that one that cannot be written
    /// does not spoil the others. Jobs whose caller has gone are dropped: under overload they would take the place of others.
    fn write(&mut self, mut jobs: Vec<Box<dyn Job>>) {
        let queued = jobs.len();
        jobs.retain(|job| !job.is_abandoned());
        self.counters.abandoned.fetch_add((queued - jobs.len()) as u64, Relaxed);
        if jobs.is_empty() {
            return;
        }
        let outcome = self.commit(&mut jobs);
        if outcome.is_err() && jobs.len() > 1 {
            for job in jobs {
                let mut alone = vec![job];
                let outcome = self.commit(&mut alone);
                finish(alone, &outcome);
            }
            return;
        }
        finish(jobs, &outcome);
    }

    fn commit(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<(), StorageError> {
        let attempted = self.make_way().and_then(|()| {
            // A transaction that is dropped has written nothing.
            let panicked = |_| Err(StorageError::Engine("a command panicked".to_owned()));
            catch_unwind(AssertUnwindSafe(|| self.attempt(jobs))).unwrap_or_else(panicked)
        });
        match &attempted {
            Ok(()) => self.counters.committed(jobs.len()),
            Err(_) => drop(self.counters.failed.fetch_add(1, Relaxed)),
        }
        attempted
    }

    fn attempt(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<(), StorageError> {
        let Written { fresh, edits, carded } = self.map.now(|moment| {
            let mut tx = LmdbTxn::new(moment);
            for job in jobs.iter_mut() {
                job.apply(&mut tx)?;
            }
            Ok(tx.end().1)
        })?;
        if !edits.is_empty() {
            self.log.append(&edits)?;
            self.map.publish(fresh, &carded);
        }
        Ok(())
    }

    /// Has the tree take in what there is, as nobody writes: what is in the tree is found sooner, and need not be done again.
    fn rest(&mut self) {
        if let (Ok(true), true) = (self.settler.is_done(false, &mut self.log), self.map.fresh_bytes() > 0)
            && let Err(fault) = self.settle()
        {
            tracing::warn!(%fault, "the log cannot be ended, and is gone on with");
        }
    }

    /// Has the tree take in what has gathered. While it is at that, as much again may gather; then it is waited for.
    fn make_way(&mut self) -> Result<(), StorageError> {
        // What writes the same again and again takes little memory and much of the log, which somebody may have to do again.
        let logged = usize::try_from(self.log.waiting()).unwrap_or(usize::MAX);
        let gathered = self.map.fresh_bytes().max(logged);
        if gathered < self.gathers {
            return Ok(());
        }
        if self.settler.is_done(gathered >= self.gathers.saturating_mul(2), &mut self.log)? {
            self.settle()?;
        }
        Ok(())
    }

    fn settle(&mut self) -> Result<(), StorageError> {
        let (last, files) = (self.log.last(), self.log.turn()?);
        self.settler.settle(self.map.freeze(), last, files);
        Ok(())
    }

    /// Leaves nothing in the log, if the disk takes it.
    fn end(mut self) {
        // What cannot be taken in now is in the log, and whoever opens the store next does it again.
        if self.settler.is_done(true, &mut self.log).is_ok()
            && (self.map.fresh_bytes() > 0 || self.log.has_files())
        {
            let _ = self.settle();
        }
        // Its thread has the map: the directory is not to be let go before it has ended.
        self.settler.end(&mut self.log);
    }
}

fn finish(jobs: Vec<Box<dyn Job>>, outcome: &Result<(), StorageError>) {
    /// On a full disk every write fails.
    static FAILED: LogThrottle = LogThrottle::new();
    for job in jobs {
        if let Err(fault) = outcome
            && let Some(occurrences) = FAILED.count()
        {
            tracing::error!(command = ?job, %fault, occurrences, "a command could not be written");
        }
        job.answer(outcome.clone());
    }
}
