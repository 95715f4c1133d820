//! A command that stops halfway: it has looked, and is about to write.

use guanxi_storage::CommandError;
use guanxi_storage::command::Command;
use guanxi_storage::row::Card;
use guanxi_storage::txn::Transaction;
use guanxi_types::Mid;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::sync::watch;

/// Gives a member another name, and waits at a gate before it does.
pub(crate) struct Halfway {
    me: Mid,
    uname: &'static str,
    gate: Gate,
}

/// Where it waits.
#[derive(Clone)]
pub(crate) struct Gate {
    reached: Arc<Semaphore>,
    open: watch::Sender<bool>,
}

impl Halfway {
    pub(crate) fn new(me: Mid, uname: &'static str) -> (Halfway, Gate) {
        let gate = Gate { reached: Arc::new(Semaphore::new(0)), open: watch::Sender::new(false) };
        (Halfway { me, uname, gate: gate.clone() }, gate)
    }
}

impl Gate {
    /// Waits until the command stands before it.
    pub(crate) async fn reached(&self) {
        self.reached.acquire().await.expect("it is never closed").forget();
    }

    /// Lets it through, however often it comes.
    pub(crate) fn open(&self) {
        self.open.send_replace(true);
    }
}

impl Command for Halfway {
    type Answer = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let card = tx.get::<Card>(self.me).await?.unwrap_or(Card::of(self.me));
        self.gate.reached.add_permits(1);
        let _ = self.gate.open.subscribe().wait_for(|open| *open).await;
        Ok(tx.put(&Card { uname: self.uname.to_owned(), ..card }).await?)
    }
}
