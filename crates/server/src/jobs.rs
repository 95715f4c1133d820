//! Background jobs of the service.

pub mod scheduler;
pub mod sender;

use crate::app::App;
use crate::data_export;
use tokio::task::JoinSet;

/// Runs all jobs, each as a task of its own, until the returned set is dropped.
pub fn spawn_all(app: &App) -> JoinSet<()> {
    let mut jobs = JoinSet::new();
    jobs.spawn(scheduler::run_due_jobs(app.clone()));
    jobs.spawn(data_export::run_export_jobs(app.clone()));
    jobs.spawn(sender::run_sender(app.clone()));
    jobs
}
