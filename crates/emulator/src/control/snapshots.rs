//! The snapshots of a community.

use super::ControlRequest;
use crate::community::snapshots::{START, SnapshotError};
use guanxi_api::emulator::list_snapshots::{Data, ListSnapshots, Snapshot};
use guanxi_api::emulator::restore_snapshot::RestoreSnapshot;
use guanxi_api::emulator::take_snapshot::TakeSnapshot;
use guanxi_server::clock::ClockReading;
use guanxi_server::http::response::ApiError;
use guanxi_types::HttpError;

pub(super) async fn list_snapshots(
    ControlRequest { community, .. }: ControlRequest<ListSnapshots>,
) -> Result<Data, ApiError> {
    let snapshots = community.snapshots().await;
    Ok(Data { list: snapshots.into_iter().map(|(name, clock)| snapshot(name, clock)).collect() })
}

pub(super) async fn take_snapshot(
    ControlRequest { community, request, .. }: ControlRequest<TakeSnapshot>,
) -> Result<Snapshot, ApiError> {
    let name = request.params.name;
    let clock = community.take_snapshot(&name).await.map_err(api_error)?;
    Ok(snapshot(name, Some(clock)))
}

pub(super) async fn restore_snapshot(
    ControlRequest { community, request, .. }: ControlRequest<RestoreSnapshot>,
) -> Result<Snapshot, ApiError> {
    let name = request.params.name.unwrap_or_else(|| START.to_owned());
    let clock = community.restore_snapshot(&name).await.map_err(api_error)?;
    Ok(snapshot(name, clock))
}

fn snapshot(name: String, clock: Option<ClockReading>) -> Snapshot {
    Snapshot { name, time: clock.map(|reading| reading.millis.div_euclid(1_000)) }
}

fn api_error(error: SnapshotError) -> ApiError {
    match error {
        SnapshotError::Data(error) => {
            tracing::error!(%error, "snapshot failed, request answered with 500");
            HttpError::InternalError.into()
        }
        error => ApiError::InvalidRequest(error.to_string()),
    }
}
