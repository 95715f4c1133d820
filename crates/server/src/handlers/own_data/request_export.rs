//! `POST /passport/export`: requests an archive of the caller's data.

use crate::app::App;
use crate::auth::fresh_proof::require_proof;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::own_data::request_export::RequestExport;
use guanxi_storage::Store;
use guanxi_storage::commands;

/// Requests an archive of the caller's data.
pub async fn request_export(
    app: App,
    ApiRequest { caller: me, client, now, .. }: ApiRequest<RequestExport>,
) -> Result<(), ApiError> {
    require_proof(&app, &client, me, None, now).await?;
    Ok(app.store.run(commands::RequestExport { me, now }).await?)
}
