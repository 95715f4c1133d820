//! A command that pauses between its reads and its writes.

use crate::community::mid;
use guanxi_storage::commands::Command;
use guanxi_storage::model::Card;
use guanxi_storage::transaction::Transaction;
use guanxi_storage::{CommandError, PostgresStore, Store};
use std::sync::Arc;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

/// Renames the first member. Pauses at a gate before the write.
pub(crate) struct PausedRename {
    gate: Gate,
}

/// The gate at which a command pauses.
#[derive(Clone)]
pub(crate) struct Gate {
    reached: Arc<Semaphore>,
    open: watch::Sender<bool>,
}

impl PausedRename {
    /// Starts to rename the first member, and waits until the command pauses.
    pub(crate) async fn start(store: &PostgresStore) -> (JoinHandle<Result<(), CommandError>>, Gate) {
        let gate = Gate { reached: Arc::new(Semaphore::new(0)), open: watch::Sender::new(false) };
        let (rename, store) = (PausedRename { gate: gate.clone() }, store.clone());
        let renamed = tokio::spawn(async move { store.run(rename).await });
        gate.reached.acquire().await.expect("the semaphore is never closed").forget();
        (renamed, gate)
    }
}

impl Gate {
    /// Lets the command pass, and its retries.
    pub(crate) fn open(&self) {
        self.open.send_replace(true);
    }
}

impl Command for PausedRename {
    type Output = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let card = tx.get::<Card>(mid(1)).await?.unwrap_or(Card::new(mid(1)));
        self.gate.reached.add_permits(1);
        let _ = self.gate.open.subscribe().wait_for(|open| *open).await;
        Ok(tx.put(&Card { uname: "新名".to_owned(), ..card }).await?)
    }
}
