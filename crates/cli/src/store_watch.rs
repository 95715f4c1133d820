//! The end of a service whose store fails, or cannot write everything when it closes.

use crate::Failure;
use guanxi_storage::embedded::FailureWatch;
use guanxi_storage::{Engine, StorageError};
use std::process::ExitCode;
use std::time::Duration;

/// The exit code after a failure of the disk. The store must be opened again, so a supervisor should start the
/// program again.
pub(crate) const STORE_FAILED: u8 = 6;

/// The exit code after a stop whose last writes remain in the WAL.
const STOPPED_UNFINISHED: u8 = 7;

/// The time that a store has to close, which is that of a checkpoint.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);

/// Logs the failure of a store that ends the program. Returns the exit code.
pub(crate) fn end_after(error: &StorageError) -> ExitCode {
    tracing::error!(%error, "store failed, ending; the next start replays the WAL");
    ExitCode::from(STORE_FAILED)
}

/// A watch of a store, which does not keep it open.
#[derive(Debug, Default)]
pub(crate) struct StoreWatch {
    /// `None` for a database, which the engine reconnects by itself.
    failure: Option<FailureWatch>,
    /// The exit code after a failure.
    failed: Option<ExitCode>,
}

impl StoreWatch {
    pub(crate) fn new(store: &Engine) -> StoreWatch {
        StoreWatch { failure: store.failure(), failed: None }
    }

    /// Waits for `stop`, or for a failure of the store.
    pub(crate) async fn stop_or_failure(&mut self, stop: impl Future<Output = ()>) {
        let failure = async {
            match &mut self.failure {
                Some(failure) => failure.failed().await,
                None => None,
            }
        };
        tokio::select! {
            () = stop => (),
            Some(error) = failure => self.failed = Some(end_after(&error)),
        }
    }

    /// Waits until the store has closed, after the runtime has ended. Returns the exit code of the program. The log
    /// has the reason, unless it is 0.
    pub(crate) fn exit_code(self) -> Result<ExitCode, Failure> {
        let (None, Some(mut failure)) = (self.failed, self.failure) else {
            return Ok(self.failed.unwrap_or(ExitCode::SUCCESS));
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let closed = runtime.block_on(async { tokio::time::timeout(CLOSE_TIMEOUT, failure.closed()).await });
        if closed.is_err() {
            tracing::error!("stopped before the last checkpoint, the next start replays the WAL");
        }
        Ok(if let Ok(Ok(())) = closed { ExitCode::SUCCESS } else { ExitCode::from(STOPPED_UNFINISHED) })
    }
}
