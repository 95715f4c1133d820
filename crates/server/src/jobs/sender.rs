//! The sender of the outbox's messages.

use crate::app::App;
use crate::metrics::MessageOutcome;
use futures_util::future::join_all;
use guanxi_storage::commands::{Claim, ClaimMessage, FinishMessage};
use guanxi_storage::key::KeyReader;
use guanxi_storage::model::{DueTask, Message, Table};
use guanxi_storage::{CommandError, Store};
use std::time::Duration;

/// The interval between looks at the outbox.
const INTERVAL: Duration = Duration::from_secs(1);

/// Sends due messages while it is polled.
pub async fn run_sender(app: App) {
    let mut tick = tokio::time::interval(INTERVAL);
    loop {
        tick.tick().await;
        if let Err(error) = send_due_messages(&app).await {
            tracing::error!(%error, "sending messages failed, will retry");
        }
    }
}

/// Attempts each message that is due. Returns the number of attempts. A failed attempt is repeated later.
pub async fn send_due_messages(app: &App) -> Result<usize, CommandError> {
    let mut attempts = 0;
    loop {
        let due = app.store.due_tasks(app.now(), &[Table::Message]).await?;
        if due.is_empty() {
            return Ok(attempts);
        }
        attempts += due.len();
        for tasks in due.chunks(app.messenger.concurrency()) {
            for attempted in join_all(tasks.iter().cloned().map(|task| attempt(app, task))).await {
                attempted?;
            }
        }
    }
}

/// Claims a message, sends it outside of a transaction, and records the outcome.
async fn attempt(app: &App, task: DueTask) -> Result<(), CommandError> {
    let mut key = KeyReader(&task.key);
    let (Some(mid), Some(id)) = (key.mid(), key.u64()) else { return Ok(()) };
    let now = app.now();
    // A program that dies meanwhile leaves the message to another one.
    let leased_until = now.saturating_add(app.messenger.lease_secs());
    let message = match app.store.run(ClaimMessage { mid, id, now, leased_until }).await? {
        Claim::Send(message) => *message,
        Claim::GivenUp(message) => {
            log_given_up(&message);
            app.metrics.count_message(MessageOutcome::GivenUp);
            return Ok(());
        }
        Claim::NotDue => return Ok(()),
    };
    let error = match app.messenger.send(&app.cipher, &message, now).await {
        Ok(()) => None,
        Err(error) => {
            let (kind, failures) = (message.kind.name(), message.failures + 1);
            tracing::warn!(%mid, kind, failures, %error, "message not sent, will retry");
            Some(error.to_string())
        }
    };
    let outcome = if error.is_none() { MessageOutcome::Sent } else { MessageOutcome::Failed };
    app.store.run(FinishMessage { mid, id, leased_until, error, now: app.now() }).await?;
    app.metrics.count_message(outcome);
    Ok(())
}

fn log_given_up(message: &Message) {
    let Message { mid, kind, failures, error, .. } = message;
    tracing::error!(%mid, kind = kind.name(), failures, %error, "message given up: it has expired");
}
