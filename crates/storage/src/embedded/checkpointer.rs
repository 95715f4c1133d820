//! The checkpointer: a thread that applies immutable memtables to LMDB. It works in key order, so each page is
//! written once for all changes in it.

use super::env::LmdbEnv;
use super::failure::FailureReporter;
use super::memtable::Memtable;
use super::wal::{Wal, WalPosition};
use crate::StorageError;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// The delay before a failed checkpoint is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The niceness of the thread.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

struct Checkpoint {
    immutable: Arc<Memtable>,
    /// The position of the last WAL record in the memtable.
    position: WalPosition,
}

type LastError = Mutex<Option<StorageError>>;

/// The writer's handle of the thread.
#[derive(Debug)]
pub(super) struct Checkpointer {
    checkpoints: Sender<Checkpoint>,
    /// Receives one message for each completed checkpoint: the LSN of the one before it. Segments up to there are
    /// needed no more, even if the newest meta page is damaged later.
    completed: Receiver<u64>,
    /// True while a checkpoint runs.
    is_running: bool,
    /// The error of the last attempt, or `None` if it succeeded.
    last_error: Arc<LastError>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    pub(super) fn start(env: Arc<LmdbEnv>, failure: FailureReporter) -> io::Result<Checkpointer> {
        let (checkpoints, received) = channel();
        let (done, completed) = channel();
        let last_error = Arc::new(Mutex::new(None));
        let shared_error = Arc::clone(&last_error);
        let work = move || {
            lower_priority();
            failure.run_thread("checkpointer", || run(&env, &received, &done, &shared_error));
        };
        let thread = std::thread::Builder::new().name("guanxi-ckpt".to_owned()).spawn(work)?;
        Ok(Checkpointer { checkpoints, completed, is_running: false, last_error, thread: Some(thread) })
    }

    /// Starts a checkpoint of an immutable memtable. No other checkpoint may run.
    pub(super) fn checkpoint(&mut self, immutable: Arc<Memtable>, position: WalPosition) {
        // If the thread is gone, the next `finish_completed` reports it.
        let _ = self.checkpoints.send(Checkpoint { immutable, position });
        self.is_running = true;
    }

    /// Removes the WAL segments of the checkpoint before a completed one. Returns true if no checkpoint runs. If
    /// `wait` is true, waits for the running checkpoint, unless it fails.
    pub(super) fn finish_completed(&mut self, wait: bool, wal: &mut Wal) -> Result<bool, StorageError> {
        if !self.is_running {
            return Ok(true);
        }
        loop {
            // A checkpoint that is known to fail is not waited for.
            let error = self.last_error.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let timeout = if wait && error.is_none() { RETRY_AFTER } else { Duration::ZERO };
            match (self.completed.recv_timeout(timeout), error) {
                (Ok(lsn_before), _) => {
                    wal.remove_through(lsn_before);
                    self.is_running = false;
                    return Ok(true);
                }
                (Err(RecvTimeoutError::Disconnected), error) => {
                    return Err(
                        error.unwrap_or_else(|| StorageError::engine("the checkpointer thread has ended"))
                    );
                }
                (Err(RecvTimeoutError::Timeout), _) if !wait => return Ok(false),
                (Err(RecvTimeoutError::Timeout), Some(error)) => return Err(error),
                (Err(RecvTimeoutError::Timeout), None) => (),
            }
        }
    }

    /// Waits for the thread to end. It completes a running checkpoint. If that fails, the writes stay in the WAL.
    pub(super) fn shut_down(mut self, wal: &mut Wal) -> Result<(), StorageError> {
        drop(std::mem::replace(&mut self.checkpoints, channel().0));
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was logged when it happened.
            let _ = thread.join();
        }
        self.finish_completed(false, wal).map(drop)
    }
}

/// Lowers the priority of this thread below that of threads that answer requests. No request waits for a
/// checkpoint, as long as it keeps up.
#[cfg(target_os = "linux")]
pub(super) fn lower_priority() {
    // If the system denies this, the thread keeps the normal priority.
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE);
}

#[cfg(not(target_os = "linux"))]
pub(super) fn lower_priority() {}

/// Runs checkpoints until the writer ends. Fails if the store must be opened again.
fn run(
    env: &LmdbEnv,
    received: &Receiver<Checkpoint>,
    done: &Sender<u64>,
    last_error: &LastError,
) -> Result<(), StorageError> {
    while let Ok(Checkpoint { immutable, position }) = received.recv() {
        let lsn = position.lsn;
        let lsn_before = loop {
            let error = match env.apply_checkpoint(&immutable, position) {
                Ok(lsn_before) => break lsn_before,
                Err(error) => error,
            };
            *last_error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
            if let StorageError::NeedsReopen(_) = error {
                tracing::error!(%error, lsn, "checkpoint failed; data is safe in the WAL");
                return Err(error);
            }
            tracing::error!(%error, lsn, "checkpoint failed, will retry; data is safe in the WAL");
            if matches!(received.recv_timeout(RETRY_AFTER), Err(RecvTimeoutError::Disconnected)) {
                return Ok(());
            }
        };
        *last_error.lock().unwrap_or_else(PoisonError::into_inner) = None;
        if done.send(lsn_before).is_err() {
            break;
        }
    }
    Ok(())
}
