//! Group commit: commands that arrive while a transaction is on its way share the next one.

use super::commit_queue::{CallersPlace, Lane, Progress, QueuedCommand, Waiting};
use super::connection::Connection;
use super::metrics::RetryCause;
use super::transaction::PgTransaction;
use super::{MAX_ATTEMPTS, MAX_RETRY_DELAY, PostgresStore, RETRY_DELAY};
use crate::commands::{Command, Prefetch};
use crate::pending_command::PendingCommand;
use crate::{CommandError, StorageError};
use std::time::Duration;
use tokio::time::Instant;

/// The age of a shared transaction from which it takes no further command, since its locks are held meanwhile.
const MAX_SHARED_AGE: Duration = Duration::from_millis(250);

impl PostgresStore {
    /// Runs a command in a transaction of its own or in a shared one.
    pub(super) async fn run_command<C: Command>(&self, command: C) -> Result<C::Output, CommandError> {
        let prefetch = command.prefetch();
        let (pending, answer) = PendingCommand::new(command);
        let shares = C::PREFETCHES_ALL_LOCKS && !prefetch.exclusive;
        let submitted = self.submit(Box::new(pending), prefetch, shares, C::WAITS_WHEN_QUEUE_FULL);
        let _place = submitted.await.map_err(CommandError::Fault)?;
        answer.await.map_err(|_| StorageError::Closed)?
    }

    /// Queues a command that shares a transaction, or runs another one.
    async fn submit(
        &self,
        command: Box<dyn QueuedCommand>,
        prefetch: Prefetch,
        shares: bool,
        must_wait: bool,
    ) -> Result<Option<CallersPlace>, StorageError> {
        let time_limit = self.0.statement_timeout;
        if !shares {
            self.run_alone(command, prefetch, Instant::now() + time_limit, must_wait).await;
            return Ok(None);
        }
        let permit = if must_wait { None } else { Some(self.waiting_permit()?) };
        let (waiting, place) = Waiting::new(command, prefetch, permit, time_limit);
        if self.0.commit_queue.push(waiting) {
            tokio::spawn(self.clone().run_lane());
        }
        Ok(Some(place))
    }

    /// Runs shared transactions until no command waits.
    async fn run_lane(self) {
        let mut lane = Lane::new(&self.0.commit_queue);
        let mut delay = RETRY_DELAY;
        while lane.continues() {
            match self.acquire(true).await {
                Ok(connection) => {
                    let batch = lane.take_batch();
                    if batch.is_empty() {
                        return;
                    }
                    self.run_batch(connection, batch, &mut lane).await;
                    delay = RETRY_DELAY;
                }
                Err(error) => {
                    for expired in self.0.commit_queue.take_expired() {
                        self.answer(expired.command, Err(error.clone()));
                    }
                    tokio::time::sleep(delay).await;
                    delay = (delay * 2).min(MAX_RETRY_DELAY);
                }
            }
        }
    }

    /// Runs commands in one transaction and answers them. If it fails, each command runs again in one of its own,
    /// so that no command spoils the others.
    async fn run_batch(&self, connection: Connection, mut batch: Vec<Waiting>, lane: &mut Lane) {
        for waiting in &batch {
            waiting.begin();
        }
        let mut transaction = PgTransaction::new(connection, &self.0.shards);
        transaction.set_news_limits(self.0.news_limits);
        let outcome = commit_together(&mut transaction, &mut batch).await;
        if let Err(StorageError::Conflict(_)) = outcome {
            transaction.roll_back().await;
        } else {
            drop(transaction);
        }
        lane.release();
        let is_applied = |waiting: &&Waiting| matches!(waiting.progress, Progress::Read | Progress::Wrote);
        let applied = batch.iter().filter(is_applied).count();
        if outcome.is_ok() && applied > 0 {
            self.0.counters.count_transaction(applied);
        }
        let is_single = batch.len() == 1;
        let mut rest = Vec::new();
        for waiting in batch {
            match (&outcome, waiting.progress) {
                (Ok(()), Progress::Read | Progress::Wrote) => self.answer(waiting.command, Ok(())),
                (Ok(()), Progress::NotApplied) => rest.push(waiting),
                (Err(error @ StorageError::CommitUnknown(_)), Progress::Wrote) => {
                    self.answer(waiting.command, Err(error.clone()));
                }
                (Err(error), _) if is_single && RetryCause::of(error).is_none() => {
                    self.answer(waiting.command, Err(error.clone()));
                }
                (_, _) if waiting.command.is_abandoned() => (),
                (Err(error), _) if waiting.deadline <= Instant::now() => {
                    self.answer(waiting.command, Err(error.clone()));
                }
                (outcome, _) => {
                    let own_cause =
                        if is_single { outcome.as_ref().err().and_then(RetryCause::of) } else { None };
                    self.0.counters.count_retry(own_cause.unwrap_or(RetryCause::BatchFailed));
                    let store = self.clone();
                    let Waiting { command, prefetch, deadline, .. } = waiting;
                    tokio::spawn(async move { store.run_alone(command, prefetch, deadline, true).await });
                }
            }
        }
        if !rest.is_empty() {
            self.0.commit_queue.put_back(rest);
        }
    }

    /// Runs a command in a transaction of its own, with retries, and answers it.
    async fn run_alone(
        &self,
        mut command: Box<dyn QueuedCommand>,
        mut prefetch: Prefetch,
        deadline: Instant,
        mut must_wait: bool,
    ) {
        let (mut delay, mut attempts) = (RETRY_DELAY, 1..MAX_ATTEMPTS);
        let outcome = loop {
            let outcome = self.run_once(&mut *command, &mut prefetch, must_wait).await;
            // A command that was admitted once is not shed when it is retried.
            must_wait = true;
            let Err(error) = &outcome else {
                self.0.counters.count_transaction(1);
                break outcome;
            };
            let may_retry = match RetryCause::of(error) {
                Some(RetryCause::ConnectionLost) => attempts.next().is_some(),
                cause => cause.is_some(),
            };
            if !may_retry || Instant::now() + delay >= deadline || command.is_abandoned() {
                break outcome;
            }
            self.0.counters.count_retry(RetryCause::of(error).unwrap_or(RetryCause::Conflict));
            tokio::time::sleep(delay).await;
            delay = (delay * 2).min(MAX_RETRY_DELAY);
        };
        self.answer(command, outcome);
    }

    /// Runs a command once. After a failure that may be retried, `prefetch` has all rows that it accessed.
    async fn run_once(
        &self,
        command: &mut dyn QueuedCommand,
        prefetch: &mut Prefetch,
        must_wait: bool,
    ) -> Result<(), StorageError> {
        let mut transaction = PgTransaction::new(self.acquire(must_wait).await?, &self.0.shards);
        transaction.set_news_limits(self.0.news_limits);
        let outcome = commit_one(&mut transaction, command, std::mem::take(prefetch)).await;
        if outcome.as_ref().is_err_and(|error| RetryCause::of(error).is_some()) {
            *prefetch = transaction.accessed_rows();
        }
        // Any other error leaves the connection in an unknown state: it is closed.
        if let Err(StorageError::Conflict(_)) = outcome {
            transaction.roll_back().await;
        }
        outcome
    }

    fn answer(&self, command: Box<dyn QueuedCommand>, outcome: Result<(), StorageError>) {
        self.0.counters.count_command(&outcome);
        command.reply(outcome);
    }
}

/// Runs a command and commits. On an error the transaction is still open.
async fn commit_one(
    transaction: &mut PgTransaction,
    command: &mut dyn QueuedCommand,
    prefetch: Prefetch,
) -> Result<(), StorageError> {
    transaction.load(prefetch).await?;
    command.apply(transaction).await?;
    transaction.commit().await
}

/// Runs commands one after another and commits them together. On an error the transaction is still open.
///
/// Only the start takes locks, so that such transactions cannot deadlock. A command that needs another lock is set
/// aside.
async fn commit_together(transaction: &mut PgTransaction, batch: &mut [Waiting]) -> Result<(), StorageError> {
    let start = Instant::now();
    let mut prefetch = Prefetch::default();
    for waiting in &*batch {
        prefetch.append(waiting.prefetch.clone());
    }
    if batch.len() > 1 {
        transaction.set_shared();
    }
    transaction.load(prefetch).await?;
    for waiting in batch {
        // The caller may have gone while the rows were loaded.
        if waiting.command.is_abandoned() || start.elapsed() > MAX_SHARED_AGE {
            continue;
        }
        let before = transaction.write_count();
        let result = waiting.command.apply(transaction).await;
        let wrote = transaction.write_count() > before;
        if transaction.take_missed_lock() && !wrote {
            waiting.progress = Progress::SetAside;
            continue;
        }
        result?;
        waiting.progress = if wrote { Progress::Wrote } else { Progress::Read };
    }
    transaction.commit().await
}
