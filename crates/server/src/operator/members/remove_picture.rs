//! `POST /operator/member/face/delete`: removes the picture of a member.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::operator::members::remove_picture::RemovePicture;
use guanxi_storage::Store;
use guanxi_storage::commands::operator::{self, Audited};

/// Removes the picture of a member.
pub async fn remove_picture(
    app: App,
    ApiRequest { caller: by, params, now, .. }: ApiRequest<RemovePicture>,
) -> Result<(), ApiError> {
    Ok(app.store.run(Audited { by, now, command: operator::RemovePicture(params.mid) }).await?)
}
