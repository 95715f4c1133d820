//! Test commands that block the committer, fail, or panic.

use guanxi_storage::commands::{Command, Prefetch};
use guanxi_storage::model::Card;
use guanxi_storage::transaction::Transaction;
use guanxi_storage::{CommandError, StorageError};
use guanxi_types::{ErrorCode, Mid};
use std::sync::{Mutex, PoisonError, mpsc};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Blocks the committer until its handle is released or dropped.
pub(crate) struct Gate {
    reached: UnboundedSender<()>,
    opens: Mutex<mpsc::Receiver<()>>,
}

/// The handle of a closed gate.
pub(crate) struct GateHandle {
    reached: tokio::sync::Mutex<UnboundedReceiver<()>>,
    hold: mpsc::Sender<()>,
}

impl Gate {
    pub(crate) fn new() -> (Gate, GateHandle) {
        let (send, reached) = unbounded_channel();
        let (hold, opens) = mpsc::channel();
        (Gate { reached: send, opens: Mutex::new(opens) }, GateHandle { reached: reached.into(), hold })
    }
}

impl GateHandle {
    /// Waits until the committer is blocked.
    pub(crate) async fn reached(&self) {
        self.reached.lock().await.recv().await.expect("the gate is in the queue");
    }

    pub(crate) fn release(self) {
        drop(self.hold);
    }
}

impl Command for Gate {
    type Output = ();

    async fn apply<T: Transaction>(&self, _: &mut T) -> Result<(), CommandError> {
        // Both calls fail if the handle was dropped: then the gate is open.
        let _ = self.reached.send(());
        let _ = self.opens.lock().unwrap_or_else(PoisonError::into_inner).recv();
        Ok(())
    }
}

/// Puts a card, and then ends without success.
pub(crate) struct EndAfterPut(pub(crate) Mid, pub(crate) End);

/// The end of a command.
#[derive(Clone, Copy)]
pub(crate) enum End {
    Fault,
    Panic,
    Rejection,
}

impl Command for EndAfterPut {
    type Output = ();
    const PREFETCHES_ALL_LOCKS: bool = true;

    fn prefetch(&self) -> Prefetch {
        Prefetch::default().row::<Card>(self.0)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        tx.put(&Card { uname: "half".to_owned(), ..Card::new(self.0) }).await?;
        match self.1 {
            End::Fault => Err(StorageError::engine("on purpose").into()),
            End::Panic => panic!("on purpose"),
            End::Rejection => Err(ErrorCode::BadRequest.into()),
        }
    }
}

/// Reads a card without a hint, and so breaks its promise.
pub(crate) struct ReadOf(pub(crate) Mid);

impl Command for ReadOf {
    type Output = Option<Card>;
    const PREFETCHES_ALL_LOCKS: bool = true;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<Option<Card>, CommandError> {
        Ok(tx.get(self.0).await?)
    }
}
