//! The one thread that writes. It drains a queue into commits: what arrived while the disk was busy shares the next one,
//! and each is answered only once its commit is on disk.

use super::Options;
use super::map::Map;
use super::txn::LmdbTxn;
use crate::command::Command;
use crate::{Error, Fault};
use guanxi_wire::Code;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, Waker};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

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
    pub(super) fn start(map: Arc<Map>, options: Options) -> Writer {
        let (queue, mut waiting) = mpsc::channel::<Box<dyn Job>>(options.queue.max(1));
        let counters = Arc::new(Counters::default());
        let counted = Arc::clone(&counters);
        let work = move || {
            let mut jobs = Vec::new();
            while waiting.blocking_recv_many(&mut jobs, options.commit_batch.max(1)) > 0 {
                write(&map, std::mem::take(&mut jobs), &counted);
            }
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
            queued: self.queue.as_ref().map_or(0, |queue| queue.max_capacity() - queue.capacity()),
            batches: Batches { sum: commands, buckets: BOUNDS.into_iter().zip(counts).collect() },
        }
    }

    /// Queues a command, and waits until it is done.
    pub(super) async fn run<C: Command>(&self, command: C) -> Result<C::Answer, Error> {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Task { command, answer: None, reply });
        self.queue.as_ref().ok_or(Fault::Closed)?.send(job).await.map_err(|_| Fault::Closed)?;
        answer.await.map_err(|_| Fault::Closed)?
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
    fn apply(&mut self, tx: &mut LmdbTxn<'_>) -> Result<(), Fault>;

    /// Answers: with what the rule said if the commit is on disk, else with the fault.
    fn answer(self: Box<Self>, outcome: Result<(), Fault>);
}

struct Task<C: Command> {
    command: C,
    answer: Option<Result<C::Answer, Code>>,
    reply: oneshot::Sender<Result<C::Answer, Error>>,
}

impl<C: Command> std::fmt::Debug for Task<C> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(std::any::type_name::<C>())
    }
}

impl<C: Command> Job for Task<C> {
    fn apply(&mut self, tx: &mut LmdbTxn<'_>) -> Result<(), Fault> {
        let before = tx.puts();
        self.answer = Some(match at_once(self.command.apply(tx)) {
            Ok(answer) => Ok(answer),
            Err(Error::Refused(code)) if tx.puts() == before => Err(code),
            // Its puts must not be committed with those of others.
            Err(Error::Refused(_)) => {
                return Err(Fault::Engine("a command refused after it had written".to_owned()));
            }
            Err(Error::Fault(fault)) => return Err(fault),
        });
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<(), Fault>) {
        let answer = match outcome {
            Ok(()) => self.answer.unwrap_or(Err(Code::BadRequest)).map_err(Error::Refused),
            Err(fault) => Err(Error::Fault(fault)),
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

/// Writes some jobs in one commit. If it comes to nothing, each is written by itself, so that one that cannot be written
/// does not spoil the others.
fn write(map: &Map, mut jobs: Vec<Box<dyn Job>>, counters: &Counters) {
    let outcome = counted(commit(map, &mut jobs), jobs.len(), counters);
    if outcome.is_err() && jobs.len() > 1 {
        for job in jobs {
            let mut alone = vec![job];
            let outcome = counted(commit(map, &mut alone), 1, counters);
            finish(alone, &outcome);
        }
        return;
    }
    finish(jobs, &outcome);
}

fn counted(outcome: Result<(), Fault>, jobs: usize, counters: &Counters) -> Result<(), Fault> {
    match &outcome {
        Ok(()) => counters.committed(jobs),
        Err(_) => drop(counters.failed.fetch_add(1, Relaxed)),
    }
    outcome
}

fn finish(jobs: Vec<Box<dyn Job>>, outcome: &Result<(), Fault>) {
    for job in jobs {
        if let Err(fault) = outcome {
            tracing::error!(command = ?job, %fault, "a command could not be written");
        }
        job.answer(outcome.clone());
    }
}

/// Applies jobs in one transaction and makes it durable. A map that was too small grows, and the jobs are applied anew.
fn commit(map: &Map, jobs: &mut [Box<dyn Job>]) -> Result<(), Fault> {
    loop {
        map.make_room()?;
        match catch_unwind(AssertUnwindSafe(|| attempt(map, jobs))) {
            Ok(Err(Fault::MapFull)) => map.grow()?,
            Ok(outcome) => return outcome,
            // The transaction was dropped, so nothing of it was written.
            Err(_) => return Err(Fault::Engine("a command panicked".to_owned())),
        }
    }
}

fn attempt(map: &Map, jobs: &mut [Box<dyn Job>]) -> Result<(), Fault> {
    let mut tx = LmdbTxn::new(map.write()?);
    for job in jobs.iter_mut() {
        job.apply(&mut tx)?;
    }
    tx.commit()
}
