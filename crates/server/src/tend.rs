//! What has to happen by the clock, without a request having to come.

use crate::app::App;
use guanxi_store::Store;
use guanxi_store::command::ApproveDue;
use std::time::Duration;

/// How often the service looks what is due.
const EVERY: Duration = Duration::from_secs(1);

/// Shows signs that have waited long enough (D29), for as long as the service lives.
pub async fn tend(app: App) {
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tick.tick().await;
        if let Err(error) = approve_due(&app).await {
            tracing::error!(%error, "signs that are due could not be shown");
        }
    }
}

/// Shows the signs that have waited long enough.
pub async fn approve_due(app: &App) -> Result<(), guanxi_store::Error> {
    let now = app.now();
    for mid in app.store.due_signs(now).await? {
        app.store.run(ApproveDue { mid, now }).await?;
    }
    Ok(())
}
