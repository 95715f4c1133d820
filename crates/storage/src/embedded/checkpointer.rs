//! The checkpointer: a thread that applies immutable memtables to LMDB. It works in key order, so each page is
//! written once for all changes in it.

use super::env::LmdbEnv;
use super::memtable::Memtable;
use super::wal::Wal;
use crate::StorageError;
use std::path::PathBuf;
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
    /// The LSN of the last WAL record in the memtable.
    lsn: u64,
}

type LastError = Mutex<Option<StorageError>>;

/// The writer's handle of the thread.
#[derive(Debug)]
pub(super) struct Checkpointer {
    checkpoints: Sender<Checkpoint>,
    /// Receives one message for each completed checkpoint.
    completed: Receiver<()>,
    /// The WAL segments to remove after the running checkpoint, or `None` if none runs.
    pending_segments: Option<Vec<PathBuf>>,
    /// The error of the last attempt, or `None` if it succeeded.
    last_error: Arc<LastError>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    pub(super) fn start(env: Arc<LmdbEnv>) -> Checkpointer {
        let (checkpoints, received) = channel();
        let (done, completed) = channel();
        let last_error = Arc::new(Mutex::new(None));
        let shared_error = Arc::clone(&last_error);
        let work = move || {
            lower_priority();
            run(&env, &received, &done, &shared_error);
        };
        let thread = std::thread::Builder::new().name("guanxi-ckpt".to_owned()).spawn(work);
        Checkpointer { checkpoints, completed, pending_segments: None, last_error, thread: thread.ok() }
    }

    /// Starts a checkpoint of an immutable memtable. No other checkpoint may run.
    pub(super) fn checkpoint(&mut self, immutable: Arc<Memtable>, lsn: u64, segments: Vec<PathBuf>) {
        // If the thread is gone, the next `finish_completed` reports it.
        let _ = self.checkpoints.send(Checkpoint { immutable, lsn });
        self.pending_segments = Some(segments);
    }

    /// Removes the WAL segments of a completed checkpoint. Returns true if no checkpoint runs. If `wait` is true,
    /// waits for the running checkpoint, unless it fails.
    pub(super) fn finish_completed(&mut self, wait: bool, wal: &mut Wal) -> Result<bool, StorageError> {
        let Some(segments) = &self.pending_segments else { return Ok(true) };
        loop {
            // A checkpoint that is known to fail is not waited for.
            let error = self.last_error.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let timeout = if wait && error.is_none() { RETRY_AFTER } else { Duration::ZERO };
            match (self.completed.recv_timeout(timeout), error) {
                (Ok(()), _) => {
                    wal.remove_segments(segments);
                    self.pending_segments = None;
                    return Ok(true);
                }
                (Err(RecvTimeoutError::Disconnected), _) => {
                    return Err(StorageError::engine("the checkpointer thread has ended"));
                }
                (Err(RecvTimeoutError::Timeout), _) if !wait => return Ok(false),
                (Err(RecvTimeoutError::Timeout), Some(error)) => return Err(error),
                (Err(RecvTimeoutError::Timeout), None) => (),
            }
        }
    }

    /// Waits for the thread to end. It completes a running checkpoint, unless that fails.
    pub(super) fn shut_down(mut self, wal: &mut Wal) {
        drop(std::mem::replace(&mut self.checkpoints, channel().0));
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was logged when it happened.
            let _ = thread.join();
        }
        // After a failed checkpoint the writes stay in the WAL.
        let _ = self.finish_completed(false, wal);
    }
}

/// Lowers the priority of this thread below that of threads that answer requests. No request waits for a
/// checkpoint, as long as it keeps up.
#[cfg(target_os = "linux")]
fn lower_priority() {
    // If the system denies this, the thread keeps the normal priority.
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE);
}

#[cfg(not(target_os = "linux"))]
fn lower_priority() {}

fn run(env: &LmdbEnv, received: &Receiver<Checkpoint>, done: &Sender<()>, last_error: &LastError) {
    while let Ok(Checkpoint { immutable, lsn }) = received.recv() {
        while let Err(error) = env.apply_checkpoint(&immutable, lsn) {
            tracing::error!(%error, lsn, "checkpoint failed, will retry; data is safe in the WAL");
            *last_error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            if matches!(received.recv_timeout(RETRY_AFTER), Err(RecvTimeoutError::Disconnected)) {
                return;
            }
        }
        *last_error.lock().unwrap_or_else(PoisonError::into_inner) = None;
        if done.send(()).is_err() {
            return;
        }
    }
}
