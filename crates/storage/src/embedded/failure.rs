//! The failure of a store: an error after which the process must open the store again.

use crate::StorageError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::sync::watch;

/// The errors that end a store.
#[derive(Debug, Default)]
struct Errors {
    /// The error of a thread of the open store.
    failure: Option<StorageError>,
    /// The error for which the closed store has its last writes in the WAL.
    unfinished: Option<StorageError>,
}

/// The reporter of a failure. The threads of a store share it, and drop it when they end.
#[derive(Clone, Debug)]
pub(super) struct FailureReporter(watch::Sender<Errors>);

/// A watch of a store's failure. It does not keep the store open.
#[derive(Clone, Debug)]
pub struct FailureWatch(watch::Receiver<Errors>);

/// Creates a reporter and its watch.
pub(super) fn channel() -> (FailureReporter, FailureWatch) {
    let (reporter, watch) = watch::channel(Errors::default());
    (FailureReporter(reporter), FailureWatch(watch))
}

impl FailureReporter {
    /// Runs a thread of the store, and reports its error or its panic.
    pub(super) fn run_thread(&self, name: &str, work: impl FnOnce() -> Result<(), StorageError>) {
        let panicked = |_| Err(StorageError::engine(format!("the {name} thread panicked")));
        if let Err(error) = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(panicked) {
            self.0.send_modify(|errors| errors.failure = Some(error));
        }
    }

    /// Reports that the closed store has its last writes in the WAL.
    pub(super) fn report_unfinished(&self, error: StorageError) {
        self.0.send_modify(|errors| errors.unfinished = Some(error));
    }
}

impl FailureWatch {
    /// Waits for a failure. Returns `None` when the store has closed without one.
    pub async fn failed(&mut self) -> Option<StorageError> {
        let errors = self.0.wait_for(|errors| errors.failure.is_some()).await.ok()?;
        errors.failure.clone()
    }

    /// Waits until the store has closed. Fails if it had failed, or if its last writes remain in the WAL.
    pub async fn closed(&mut self) -> Result<(), StorageError> {
        while self.0.changed().await.is_ok() {}
        let errors = self.0.borrow();
        errors.failure.as_ref().or(errors.unfinished.as_ref()).cloned().map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn panic_of_a_thread_is_a_failure() {
        let (reporter, mut watch) = channel();
        reporter.run_thread("test", || Ok(()));
        reporter.run_thread("test", || panic!("a test"));
        let failure = watch.failed().await.expect("a failure").to_string();
        assert!(failure.contains("the test thread panicked"), "{failure}");
        drop(reporter);
        assert!(watch.closed().await.is_err());
    }

    #[tokio::test]
    async fn unfinished_close_is_no_failure() {
        for error in [None, Some(StorageError::Closed)] {
            let (reporter, mut watch) = channel();
            let is_finished = error.is_none();
            if let Some(error) = error {
                reporter.report_unfinished(error);
            }
            drop(reporter);
            assert!(watch.failed().await.is_none());
            assert_eq!(watch.closed().await.is_ok(), is_finished);
        }
    }
}
