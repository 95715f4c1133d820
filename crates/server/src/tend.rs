//! What has to happen by the clock, without a request having to come.

use crate::app::App;
use crate::keys::{self, KeysError};
use futures_util::future::join_all;
use guanxi_storage::Store;
use guanxi_storage::command::RunDueTask;
use std::time::Duration;

/// How often the service looks what is due.
const EVERY: Duration = Duration::from_secs(1);

/// How often it looks again at once when there was something: so that much that is due together is soon done.
const ROUNDS: usize = 64;

/// Does what is due, for as long as the service lives: signs that have waited long enough are shown (D29), VIPs end (D38),
/// what has expired is forgotten, and who leaves is taken leave of, a step at a time.
pub async fn tend(app: App) {
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tick.tick().await;
        for _ in 0..ROUNDS {
            match attend_due(&app).await {
                Ok(0) => break,
                Ok(_) => (),
                Err(error) => {
                    tracing::error!(%error, "what is due could not be done");
                    break;
                }
            }
        }
        if let Err(error) = rotate_on(&app).await {
            tracing::error!(%error, "the rotation of keys could not be ended");
        }
    }
}

/// Ends a rotation of keys that was begun: now, or before the last stop.
pub async fn rotate_on(app: &App) -> Result<(), KeysError> {
    if !app.vault.ring().is_rotating() {
        return Ok(());
    }
    let _turn = app.rotation.lock().await;
    keys::finish(app).await?;
    tracing::info!(key = app.vault.ring().newest().id, "keys were rotated");
    Ok(())
}

/// Does some of what is due by now; tells how much it was.
pub async fn attend_due(app: &App) -> Result<usize, guanxi_storage::CommandError> {
    let now = app.now();
    let due = app.store.due(now, &app.timed).await?;
    let count = due.len();
    for done in join_all(due.into_iter().map(|due| app.store.run(RunDueTask { due, now }))).await {
        done?;
    }
    Ok(count)
}
