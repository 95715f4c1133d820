//! Commands that no member gives: to hold the writer up, and to break in it.

use guanxi_storage::command::Command;
use guanxi_storage::row::Card;
use guanxi_storage::txn::Transaction;
use guanxi_storage::{CommandError, StorageError};
use guanxi_types::Mid;
use std::sync::{Mutex, PoisonError, mpsc};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Holds the writer up until its keeper lets go, or is gone.
pub(crate) struct Gate {
    reached: UnboundedSender<()>,
    opens: Mutex<mpsc::Receiver<()>>,
}

/// Who holds a gate shut.
pub(crate) struct Keeper {
    reached: tokio::sync::Mutex<UnboundedReceiver<()>>,
    hold: mpsc::Sender<()>,
}

impl Gate {
    pub(crate) fn new() -> (Gate, Keeper) {
        let (send, reached) = unbounded_channel();
        let (hold, opens) = mpsc::channel();
        (Gate { reached: send, opens: Mutex::new(opens) }, Keeper { reached: reached.into(), hold })
    }
}

impl Keeper {
    /// Waits until the writer stands before the gate.
    pub(crate) async fn reached(&self) {
        self.reached.lock().await.recv().await.expect("the gate is in the queue");
    }

    pub(crate) fn let_go(self) {
        drop(self.hold);
    }
}

impl Command for Gate {
    type Answer = ();

    async fn apply<T: Transaction>(&self, _: &mut T) -> Result<(), CommandError> {
        // Nobody may ask any more, and nobody may hold it any more: either way the gate is open.
        let _ = self.reached.send(());
        let _ = self.opens.lock().unwrap_or_else(PoisonError::into_inner).recv();
        Ok(())
    }
}

/// Puts a card, and then the engine breaks.
pub(crate) struct Breaks(pub(crate) Mid);

impl Command for Breaks {
    type Answer = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        tx.put(&Card { uname: "half".to_owned(), ..Card::of(self.0) }).await?;
        Err(StorageError::Engine("on purpose".to_owned()).into())
    }
}

/// Puts a card, and then panics.
pub(crate) struct Panics(pub(crate) Mid);

impl Command for Panics {
    type Answer = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        tx.put(&Card { uname: "half".to_owned(), ..Card::of(self.0) }).await?;
        panic!("on purpose: a test asks what becomes of the others")
    }
}
