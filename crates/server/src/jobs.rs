//! Background jobs of the service.

pub mod scheduler;
pub mod sender;

use crate::app::App;
use crate::data_export;
use futures_util::future::join3;

/// Runs all jobs while it is polled. Due tasks wait neither for an archive nor for the receiver of a message.
pub async fn run_all(app: App) {
    join3(
        scheduler::run_due_jobs(app.clone()),
        sender::run_sender(app.clone()),
        data_export::run_export_jobs(app),
    )
    .await;
}
