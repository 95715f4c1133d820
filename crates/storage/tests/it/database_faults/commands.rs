//! A command that pauses between its reads and its writes.

use guanxi_storage::CommandError;
use guanxi_storage::commands::Command;
use guanxi_storage::model::Card;
use guanxi_storage::transaction::Transaction;
use guanxi_types::Mid;
use std::sync::Arc;
use tokio::sync::{Semaphore, watch};

/// Renames a member. Pauses at a gate before the write.
pub(crate) struct PausedRename {
    me: Mid,
    uname: &'static str,
    gate: Gate,
}

/// The gate at which a command pauses.
#[derive(Clone)]
pub(crate) struct Gate {
    reached: Arc<Semaphore>,
    open: watch::Sender<bool>,
}

impl PausedRename {
    pub(crate) fn new(me: Mid, uname: &'static str) -> (PausedRename, Gate) {
        let gate = Gate { reached: Arc::new(Semaphore::new(0)), open: watch::Sender::new(false) };
        (PausedRename { me, uname, gate: gate.clone() }, gate)
    }
}

impl Gate {
    /// Waits until the command reaches the gate.
    pub(crate) async fn reached(&self) {
        self.reached.acquire().await.expect("the semaphore is never closed").forget();
    }

    /// Lets the command pass, and its retries.
    pub(crate) fn open(&self) {
        self.open.send_replace(true);
    }
}

impl Command for PausedRename {
    type Output = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let card = tx.get::<Card>(self.me).await?.unwrap_or(Card::new(self.me));
        self.gate.reached.add_permits(1);
        let _ = self.gate.open.subscribe().wait_for(|open| *open).await;
        Ok(tx.put(&Card { uname: self.uname.to_owned(), ..card }).await?)
    }
}
