//! The queue of commands that share transactions, and the lanes that take them from it.
//!
//! A lane is a task that runs one shared transaction after another, and ends when no command waits. A further lane
//! starts if the running ones do not keep up: half a batch waits, or a command waits for long. Lanes of one process
//! never wait for each other's locks: a transaction takes no command that needs a lock of another lane.

use super::transaction::PgTransaction;
use super::transaction::locks::lock_numbers;
use crate::StorageError;
use crate::commands::{Command, Prefetch};
use crate::pending_command::{Pending, PendingCommand};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::collections::{HashSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

/// The wait of a command after which a further lane starts. The running ones may wait for locks of other programs.
const MAX_WAIT: Duration = Duration::from_millis(50);

/// The most prefetched rows of a transaction, unless one command has more.
const MAX_ROWS: usize = 4096;

/// A command of any type.
pub(super) trait QueuedCommand: Pending {
    /// Applies the command to a transaction and records its answer. A storage error makes the transaction unusable.
    fn apply<'a>(&'a mut self, tx: &'a mut PgTransaction) -> BoxFuture<'a, Result<(), StorageError>>;
}

impl<C: Command> QueuedCommand for PendingCommand<C> {
    fn apply<'a>(&'a mut self, tx: &'a mut PgTransaction) -> BoxFuture<'a, Result<(), StorageError>> {
        Box::pin(async move {
            let before = tx.write_count();
            let panicked = |_| Err(StorageError::engine("a command panicked").into());
            let result = AssertUnwindSafe(self.command.apply(tx)).catch_unwind().await;
            self.record(result.unwrap_or_else(panicked), tx.write_count() > before)
        })
    }
}

/// A command that waits for a transaction, or takes part in one.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) command: Box<dyn QueuedCommand>,
    pub(super) prefetch: Prefetch,
    pub(super) progress: Progress,
    /// The locks of the prefetch.
    locks: Vec<i64>,
    place: Place,
    since: Instant,
    pub(super) deadline: Instant,
}

impl Waiting {
    /// Creates a waiting command, and the place of its caller. The permit is that of a request.
    pub(super) fn new(
        command: Box<dyn QueuedCommand>,
        prefetch: Prefetch,
        permit: Option<OwnedSemaphorePermit>,
        time_limit: Duration,
    ) -> (Waiting, CallersPlace) {
        let place = Place(Arc::new(Mutex::new(permit)));
        let (since, locks, progress) = (Instant::now(), lock_numbers(&prefetch), Progress::NotApplied);
        let deadline = since + time_limit;
        let waiting = Waiting { command, prefetch, progress, locks, place: place.clone(), since, deadline };
        (waiting, CallersPlace(place))
    }

    /// Frees the place among the waiting requests, as the command begins.
    pub(super) fn begin(&self) {
        self.place.free();
    }
}

/// The part of a command in a transaction that is not committed yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// The command was not applied.
    NotApplied,
    /// The command needs a lock that it did not prefetch.
    SetAside,
    /// The command was applied and wrote nothing.
    Read,
    /// The command was applied and wrote.
    Wrote,
}

/// The place of a command among the waiting requests. It is free once the command begins, or its caller goes.
#[derive(Clone, Debug)]
struct Place(Arc<Mutex<Option<OwnedSemaphorePermit>>>);

impl Place {
    fn free(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// The place of a command whose caller waits. Drop frees it.
pub(super) struct CallersPlace(Place);

impl Drop for CallersPlace {
    fn drop(&mut self) {
        self.0.free();
    }
}

/// The queue of commands that share transactions.
#[derive(Debug)]
pub(super) struct CommitQueue {
    max_lanes: usize,
    /// The most commands of a transaction.
    max_batch_size: usize,
    state: Mutex<QueueState>,
}

#[derive(Debug, Default)]
struct QueueState {
    waiting: VecDeque<Waiting>,
    lanes: usize,
    /// The locks of all lanes.
    locked: HashSet<i64>,
}

impl QueueState {
    fn end_lane(&mut self, lane: &mut Lane) {
        self.lanes -= usize::from(std::mem::take(&mut lane.is_running));
    }
}

/// A running lane. Drop ends it, also after a panic.
pub(super) struct Lane {
    queue: Arc<CommitQueue>,
    is_running: bool,
    /// The locks of the current transaction.
    locks: Vec<i64>,
}

impl Lane {
    pub(super) fn new(queue: &Arc<CommitQueue>) -> Lane {
        Lane { queue: Arc::clone(queue), is_running: true, locks: Vec::new() }
    }

    /// Returns true if a command waits. Otherwise the lane ends.
    pub(super) fn continues(&mut self) -> bool {
        let queue = Arc::clone(&self.queue);
        let mut state = queue.state();
        state.waiting.retain(|waiting| !waiting.command.is_abandoned());
        if state.waiting.is_empty() {
            state.end_lane(self);
        }
        self.is_running
    }

    /// Returns the commands of the next transaction, and takes their locks. If there are none, the lane ends.
    pub(super) fn take_batch(&mut self) -> Vec<Waiting> {
        let queue = Arc::clone(&self.queue);
        let mut state = queue.state();
        let QueueState { waiting, locked, .. } = &mut *state;
        let (mut batch, mut skipped, mut rows) = (Vec::new(), Vec::new(), 0);
        // An older command gets its locks first.
        let mut reserved: HashSet<i64> = HashSet::new();
        while let Some(next) = waiting.pop_front() {
            if next.command.is_abandoned() {
                continue;
            }
            if next.locks.iter().any(|lock| locked.contains(lock) || reserved.contains(lock)) {
                reserved.extend(&next.locks);
                skipped.push(next);
                continue;
            }
            rows += next.prefetch.len();
            if batch.len() == queue.max_batch_size || !batch.is_empty() && rows > MAX_ROWS {
                waiting.push_front(next);
                break;
            }
            batch.push(next);
        }
        skipped.into_iter().rev().for_each(|command| waiting.push_front(command));
        self.locks = batch.iter().flat_map(|command| command.locks.iter().copied()).collect();
        locked.extend(&self.locks);
        if batch.is_empty() {
            state.end_lane(self);
        }
        batch
    }

    /// Releases the locks of the transaction, which has ended.
    pub(super) fn release(&mut self) {
        let mut state = self.queue.state();
        for lock in self.locks.drain(..) {
            state.locked.remove(&lock);
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.release();
        self.queue.clone().state().end_lane(self);
    }
}

impl CommitQueue {
    pub(super) fn new(max_lanes: usize, max_batch_size: usize) -> CommitQueue {
        CommitQueue { max_lanes, max_batch_size, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the number of commands that wait.
    pub(super) fn len(&self) -> usize {
        self.state().waiting.len()
    }

    /// Adds a command. Returns true if the caller has to start another lane for it.
    pub(super) fn push(&self, command: Waiting) -> bool {
        let mut state = self.state();
        // The lane with such a lock continues with this command.
        let is_blocked = command.locks.iter().any(|lock| state.locked.contains(lock));
        state.waiting.push_back(command);
        let waits_long = |oldest: &Waiting| oldest.since.elapsed() > MAX_WAIT;
        // The database is idle while a lane decides. Another lane uses that time, if it saves enough statements.
        let is_late = state.waiting.len() >= self.max_batch_size.div_ceil(2)
            || state.waiting.front().is_some_and(waits_long);
        let starts_lane = !is_blocked && (state.lanes == 0 || is_late && state.lanes < self.max_lanes);
        state.lanes += usize::from(starts_lane);
        starts_lane
    }

    /// Puts commands back to the front of the queue.
    pub(super) fn put_back(&self, commands: Vec<Waiting>) {
        let mut state = self.state();
        commands.into_iter().rev().for_each(|command| state.waiting.push_front(command));
    }

    /// Removes the commands whose time limit has passed.
    pub(super) fn take_expired(&self) -> Vec<Waiting> {
        let (mut state, now) = (self.state(), Instant::now());
        let (expired, waiting): (Vec<_>, Vec<_>) =
            state.waiting.drain(..).partition(|waiting| waiting.deadline <= now);
        state.waiting = waiting.into();
        expired
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct TestCommand {
        is_abandoned: bool,
    }

    impl QueuedCommand for TestCommand {
        fn apply<'a>(&'a mut self, _: &'a mut PgTransaction) -> BoxFuture<'a, Result<(), StorageError>> {
            Box::pin(async { Ok(()) })
        }
    }

    impl Pending for TestCommand {
        fn is_abandoned(&self) -> bool {
            self.is_abandoned
        }

        fn reply(self: Box<Self>, _: Result<(), StorageError>) {}
    }

    fn waiting(locks: &[i64]) -> Waiting {
        Waiting {
            command: Box::new(TestCommand { is_abandoned: false }),
            prefetch: Prefetch::default(),
            progress: Progress::NotApplied,
            locks: locks.to_vec(),
            place: Place(Arc::default()),
            since: Instant::now(),
            deadline: Instant::now() + Duration::from_mins(1),
        }
    }

    /// Returns a command that waits for so long that it starts a lane.
    fn late(locks: &[i64]) -> Waiting {
        Waiting {
            since: Instant::now().checked_sub(2 * MAX_WAIT).expect("the clock has run"),
            ..waiting(locks)
        }
    }

    /// The size of a batch in the tests.
    const BATCH: usize = 8;

    /// Returns a queue with commands, and the lanes that they start.
    fn queue(max_lanes: usize, commands: Vec<Waiting>) -> (Arc<CommitQueue>, Vec<Lane>) {
        let queue = Arc::new(CommitQueue::new(max_lanes, BATCH));
        let started = commands.into_iter().filter_map(|command| queue.push(command).then_some(())).count();
        let lanes = (0..started).map(|_| Lane::new(&queue)).collect();
        (queue, lanes)
    }

    fn locks(batch: &[Waiting]) -> Vec<&[i64]> {
        batch.iter().map(|waiting| waiting.locks.as_slice()).collect()
    }

    #[test]
    fn lane_takes_no_command_with_a_lock_of_another_lane() {
        let (queue, mut lanes) = queue(2, vec![late(&[1, 2]), waiting(&[2, 3])]);
        let [first, second] = &mut lanes[..] else { panic!("two lanes start") };
        assert_eq!(locks(&first.take_batch()), [&[1, 2], &[2, 3]]);
        for blocked in [[3, 4], [4, 5]] {
            assert!(!queue.push(waiting(&blocked)), "both lanes run");
        }
        queue.push(waiting(&[6]));
        // The older command reserves lock 4, so the younger one does not overtake it.
        assert_eq!(locks(&second.take_batch()), [&[6]]);
        first.release();
        assert_eq!(locks(&first.take_batch()), [&[3, 4], &[4, 5]]);
        assert_eq!(queue.len(), 0);
    }

    #[test]
    fn half_a_batch_starts_another_lane() {
        let commands = || (0..4).map(|lock| waiting(&[lock])).collect();
        let (first, lanes) = queue(2, commands());
        assert_eq!(lanes.len(), 2, "the first command and the last one");
        assert!(!first.push(late(&[-1])), "no more lanes are allowed");
        assert_eq!(queue(1, commands()).1.len(), 1);
    }

    #[test]
    fn lane_without_a_command_ends() {
        let (queue, mut lanes) = queue(2, vec![late(&[1]), waiting(&[1])]);
        assert_eq!(lanes[0].take_batch().len(), 2);
        assert!(!queue.push(waiting(&[1])));
        assert!(lanes[1].take_batch().is_empty(), "the other lane has the lock");
        assert!(!queue.push(waiting(&[1])), "the lane with the lock continues with it");
        assert!(!queue.push(waiting(&[2])), "the lane with the lock keeps up");
        drop(lanes);
        assert_eq!(queue.state().lanes, 0);
        assert!(queue.state().locked.is_empty());
        assert!(queue.push(waiting(&[3])), "no lane runs");
    }

    #[test]
    fn batch_is_limited_in_commands_and_rows() {
        let (queue, mut lanes) = queue(1, (0..=BATCH).map(|_| waiting(&[1])).collect());
        assert_eq!(lanes[0].take_batch().len(), BATCH);
        lanes[0].release();
        for rows in [MAX_ROWS, MAX_ROWS, 1] {
            let relation = guanxi_types::Mid::new(1).map(|mid| (mid, mid));
            let relations = relation.into_iter().cycle().take(rows).collect();
            queue.push(Waiting { prefetch: Prefetch { relations, ..Prefetch::default() }, ..waiting(&[1]) });
        }
        for count in [2, 1, 1] {
            assert_eq!(lanes[0].take_batch().len(), count);
            lanes[0].release();
        }
    }

    #[test]
    fn abandoned_and_expired_commands_leave_the_queue() {
        let (queue, mut lanes) = queue(1, vec![waiting(&[1])]);
        queue.push(Waiting { command: Box::new(TestCommand { is_abandoned: true }), ..waiting(&[2]) });
        queue.push(Waiting { deadline: Instant::now(), ..waiting(&[3]) });
        assert_eq!(locks(&queue.take_expired()), [&[3]]);
        assert_eq!(locks(&lanes[0].take_batch()), [&[1]]);
        assert!(!lanes[0].continues());
    }
}
