//! The archive of a member's own data: made in the background, stored in chunks, and downloaded as a ZIP file.

mod archive;
mod contents;
mod lists;

use crate::app::App;
use crate::session_token::random_bytes;
use archive::{Archive, ArchiveError};
use futures_util::StreamExt;
use futures_util::stream;
use guanxi_storage::commands::{ClaimExport, ExportClaim};
use guanxi_storage::key::KeyReader;
use guanxi_storage::model::{DataExport, DataExportJob, Table};
use guanxi_storage::{CommandError, StorageError, Store};
use guanxi_types::Mid;
use std::time::Duration;

/// The interval between looks for requested archives.
const INTERVAL: Duration = Duration::from_secs(1);

/// The seconds after which another program may claim an archive whose last chunk is older.
const CLAIM_SECS: i64 = 120;

/// Makes requested archives while it is polled, some at once.
pub async fn run_export_jobs(app: App) {
    let mut tick = tokio::time::interval(INTERVAL);
    loop {
        tick.tick().await;
        if let Err(error) = run_once(&app).await {
            tracing::error!(%error, "requested archives could not be read, will retry");
        }
    }
}

/// Makes the archives that are requested now. An archive that fails is made again after its claim has ended.
pub async fn run_once(app: &App) -> Result<(), StorageError> {
    let due = app.store.due_tasks(app.now(), &[Table::DataExportJob]).await?;
    let members = due.iter().filter_map(|task| KeyReader(&task.key).mid());
    stream::iter(members)
        .for_each_concurrent(app.limits.exports_at_once, async |mid| {
            if let Err(error) = Box::pin(make_archive(app, mid)).await {
                tracing::error!(%error, "an archive of own data could not be made, will retry");
            }
        })
        .await;
    Ok(())
}

/// Makes the archive of a member, unless another program makes it.
async fn make_archive(app: &App, mid: Mid) -> Result<(), ArchiveError> {
    let (now, id) = (app.now(), u64::from_be_bytes(random_bytes()));
    let claim = ExportClaim { mid, id, until: now.saturating_add(CLAIM_SECS) };
    match app.store.run(ClaimExport { claim, now }).await {
        Ok(true) => (),
        // The member was deleted.
        Ok(false) | Err(CommandError::Rejected(_)) => return Ok(()),
        Err(CommandError::Fault(error)) => return Err(error.into()),
    }
    let mut archive = Archive::new(app, mid, id);
    match contents::write(app, mid, &mut archive).await {
        Ok(()) => Box::pin(archive.finish()).await,
        Err(error) => Err(error),
    }
    .or_else(ArchiveError::unless_replaced)
}

/// The state of a member's archive.
#[derive(Clone, Debug, PartialEq)]
pub enum ExportState {
    /// No archive.
    None,
    /// An archive that is being made, or waits for it.
    InProgress(DataExportJob),
    /// An archive to download.
    Ready(DataExport),
}

impl ExportState {
    /// Returns the state of a member's archive.
    pub async fn of(app: &App, mid: Mid) -> Result<ExportState, StorageError> {
        if let Some(job) = app.store.get::<DataExportJob>(mid).await? {
            return Ok(ExportState::InProgress(job));
        }
        let export = app.store.get::<DataExport>(mid).await?;
        let export = export.filter(|export| export.expires > app.now());
        Ok(export.map_or(ExportState::None, ExportState::Ready))
    }
}
