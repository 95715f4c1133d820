//! The removal of what no restore within the retention needs.

use super::layout::{Archive, BaseCopy, base_name, span_name, start_name};
use super::{ArchiveError, millis, now_ms};
use std::time::Duration;

/// Removes what precedes the newest base copy that is older than the retention, and uploads of the timeline that were
/// never completed. No upload to the timeline may run.
pub(super) async fn prune(archive: &Archive, timeline: u32, retention: Duration) -> Result<(), ArchiveError> {
    let limit_ms = now_ms().saturating_sub(millis(retention));
    remove_incomplete(archive, timeline).await?;
    let timelines = archive.timelines().await?;
    for (at, kept) in timelines.iter().enumerate().rev() {
        let bases = archive.bases(*kept).await?;
        let Some(oldest) = bases.iter().rposition(|base| base.time_ms <= limit_ms) else { continue };
        for (base, timeline) in bases[..oldest].iter().zip(std::iter::repeat(*kept)) {
            remove_base(archive, timeline, base).await?;
        }
        let spans = archive.spans_before(*kept, bases[oldest].lsn).await?;
        archive.delete(spans.iter().map(|span| span_name(*kept, span.first_lsn)).collect()).await?;
        for removed in &timelines[..at] {
            remove_timeline(archive, *removed).await?;
        }
        return Ok(());
    }
    Ok(())
}

async fn remove_incomplete(archive: &Archive, timeline: u32) -> Result<(), ArchiveError> {
    let bases = archive.bases(timeline).await?;
    let mut data = archive.data_names(timeline).await?;
    data.retain(|name| bases.iter().all(|base| base.data != *name));
    archive.delete(data).await
}

/// Removes a base copy. Its manifest goes first, so that no manifest lacks its data.
async fn remove_base(archive: &Archive, timeline: u32, base: &BaseCopy) -> Result<(), ArchiveError> {
    archive.delete(vec![base_name(timeline, base.lsn)]).await?;
    archive.delete(vec![base.data.clone()]).await
}

async fn remove_timeline(archive: &Archive, timeline: u32) -> Result<(), ArchiveError> {
    let bases = archive.bases(timeline).await?;
    archive.delete(bases.iter().map(|base| base_name(timeline, base.lsn)).collect()).await?;
    archive.delete(archive.data_names(timeline).await?).await?;
    let spans = archive.spans_after(timeline, 0).await?;
    archive.delete(spans.iter().map(|span| span_name(timeline, span.first_lsn)).collect()).await?;
    archive.delete(vec![start_name(timeline)]).await
}
