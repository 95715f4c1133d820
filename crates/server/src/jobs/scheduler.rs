//! The scheduler of due tasks: work that depends on time instead of a request.

use crate::app::App;
use crate::encryption_keys::{self, EncryptionKeyError};
use futures_util::future::join_all;
use guanxi_storage::Store;
use guanxi_storage::commands::RunDueTask;
use std::sync::Arc;
use std::time::Duration;

/// The interval between runs.
const INTERVAL: Duration = Duration::from_secs(1);

/// The maximum number of consecutive runs in one interval, while there are due tasks. It drains a backlog quickly.
const MAX_ROUNDS: usize = 64;

/// Runs due tasks while it is polled.
///
/// Tasks publish bios after their delay (D29), end VIPs (D38), delete expired rows, and delete members in steps.
pub async fn run_due_jobs(app: App) {
    let mut tick = tokio::time::interval(INTERVAL);
    loop {
        tick.tick().await;
        for _ in 0..MAX_ROUNDS {
            match run_once(&app).await {
                Ok(0) => break,
                Ok(_) => (),
                Err(error) => {
                    tracing::error!(%error, "scheduled tasks failed, will retry");
                    break;
                }
            }
        }
        if let Err(error) = resume_key_rotation(&app).await {
            tracing::error!(%error, "key rotation failed, will resume");
        }
    }
}

/// Finishes a key rotation that was started by a request, by another program, or before a restart.
pub async fn resume_key_rotation(app: &App) -> Result<(), EncryptionKeyError> {
    // A request that read a text of a retired key before the last run has decrypted it by now.
    if !encryption_keys::follow_rotation(app).await? && app.cipher.forget_previous() {
        encryption_keys::remove_retired_keys(app)?;
    }
    if !app.cipher.keyring().is_rotating() {
        return Ok(());
    }
    let _guard = app.key_rotation.lock().await;
    encryption_keys::finish_rotation(app).await?;
    tracing::info!(key = app.cipher.keyring().newest().id, "key rotation finished");
    Ok(())
}

/// Runs due tasks until none is due. A test that moves the clock awaits it.
pub async fn run_until_idle(app: &App) -> Result<(), guanxi_storage::CommandError> {
    while run_once(app).await? > 0 {}
    Ok(())
}

/// Runs a batch of due tasks. Returns its size.
pub async fn run_once(app: &App) -> Result<usize, guanxi_storage::CommandError> {
    let now = app.now();
    let tasks = app.store.due_tasks(now, &app.scheduled_tables).await?;
    let count = tasks.len();
    let run = |task| app.store.run(RunDueTask { task, cipher: Arc::clone(&app.cipher), now });
    for result in join_all(tasks.into_iter().map(run)).await {
        result?;
    }
    Ok(count)
}
