//! `GET /passport/export`: the state of the caller's archive.

use crate::app::App;
use crate::data_export::ExportState;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::own_data::get_export::{Data, ExportStatus, GetExport};

/// Returns the state of the caller's archive.
pub async fn get_export(
    app: App,
    ApiRequest { caller: me, .. }: ApiRequest<GetExport>,
) -> Result<Data, ApiError> {
    let none = Data { status: ExportStatus::None, time: 0, expires: 0, bytes: 0 };
    Ok(match ExportState::of(&app, me).await? {
        ExportState::None => none,
        ExportState::InProgress(job) => {
            Data { status: ExportStatus::InProgress, time: job.requested, ..none }
        }
        ExportState::Ready(export) => Data {
            status: ExportStatus::Ready,
            time: export.finished,
            expires: export.expires,
            bytes: export.bytes,
        },
    })
}
