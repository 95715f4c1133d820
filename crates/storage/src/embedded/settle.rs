//! The thread that has the tree take in what was written: in the order of the keys, so that a page is written once for all
//! that came to it meanwhile.

use super::layer::Layer;
use super::log::Log;
use super::map::Map;
use crate::StorageError;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long to wait before the tree is tried again that could not be written.
const BREATH: Duration = Duration::from_secs(1);

/// How far the thread stands back behind others that want a processor.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// What was set apart.
struct Batch {
    frozen: Arc<Layer>,
    /// The last record of the log that is in it.
    last: u64,
}

/// The way to the thread.
#[derive(Debug)]
pub(super) struct Settler {
    work: Sender<Batch>,
    /// Told once for each batch, when it is in the tree.
    done: Receiver<()>,
    /// Files of the log that go once the batch is in the tree; none if there is no batch.
    files: Option<Vec<PathBuf>>,
    /// Why the last attempt failed; none if it did not.
    fault: Arc<Mutex<Option<StorageError>>>,
    thread: Option<JoinHandle<()>>,
}

impl Settler {
    pub(super) fn start(map: Arc<Map>) -> Settler {
        let (work, batches) = channel();
        let (tell, done) = channel();
        let fault = Arc::new(Mutex::new(None));
        let shared = Arc::clone(&fault);
        let settle = move || {
            yield_to_others();
            take_in(&map, &batches, &tell, &shared);
        };
        let thread = std::thread::Builder::new().name("guanxi-settler".to_owned()).spawn(settle);
        Settler { work, done, files: None, fault, thread: thread.ok() }
    }

    /// Has the tree take in what is set apart. Nothing else is.
    pub(super) fn settle(&mut self, frozen: Arc<Layer>, last: u64, files: Vec<PathBuf>) {
        // If the thread is gone, whoever asks whether it is done is told so.
        let _ = self.work.send(Batch { frozen, last });
        self.files = Some(files);
    }

    /// Whether the tree has taken everything in that was set apart; if it is to be waited for, until it has, unless it cannot
    /// be written.
    pub(super) fn is_done(&mut self, wait: bool, log: &mut Log) -> Result<bool, StorageError> {
        let Some(files) = &self.files else { return Ok(true) };
        loop {
            // If it is known that the tree cannot be written there is nothing to wait for.
            let fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let patience = if wait && fault.is_none() { BREATH } else { Duration::ZERO };
            match (self.done.recv_timeout(patience), fault) {
                (Ok(()), _) => {
                    log.forget(files);
                    self.files = None;
                    return Ok(true);
                }
                (Err(RecvTimeoutError::Disconnected), _) => {
                    return Err(StorageError::Engine("nobody writes to the tree any more".to_owned()));
                }
                (Err(RecvTimeoutError::Timeout), _) if !wait => return Ok(false),
                (Err(RecvTimeoutError::Timeout), Some(fault)) => return Err(fault),
                (Err(RecvTimeoutError::Timeout), None) => (),
            }
        }
    }

    /// Waits for the thread, which takes in what it was given last, if it can be written.
    pub(super) fn end(mut self, log: &mut Log) {
        drop(std::mem::replace(&mut self.work, channel().0));
        if let Some(thread) = self.thread.take() {
            // What the thread panicked with was logged as it did.
            let _ = thread.join();
        }
        // What it could not take in stays in the log.
        let _ = self.is_done(false, log);
    }
}

/// Nobody waits for this thread as long as it keeps up, and others answer somebody.
#[cfg(target_os = "linux")]
fn yield_to_others() {
    // Where the system does not grant it, it works as fast as they do.
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE);
}

#[cfg(not(target_os = "linux"))]
fn yield_to_others() {}

fn take_in(map: &Map, batches: &Receiver<Batch>, tell: &Sender<()>, shared: &Mutex<Option<StorageError>>) {
    while let Ok(Batch { frozen, last }) = batches.recv() {
        while let Err(fault) = map.take_in(&frozen, last) {
            tracing::error!(%fault, "the tree cannot take in what was written; it is in the log, and is tried again");
            *shared.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
            if matches!(batches.recv_timeout(BREATH), Err(RecvTimeoutError::Disconnected)) {
                return;
            }
        }
        *shared.lock().unwrap_or_else(PoisonError::into_inner) = None;
        if tell.send(()).is_err() {
            return;
        }
    }
}
