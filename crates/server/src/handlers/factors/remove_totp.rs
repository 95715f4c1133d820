//! `POST /passport/totp/remove`: removes the one-time codes.

use crate::app::App;
use crate::auth::fresh_proof::require_proof_for_setup;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::factors::remove_totp::RemoveTotp;
use guanxi_storage::Store;
use guanxi_storage::commands;

/// Removes the caller's one-time codes.
pub async fn remove_totp(
    app: App,
    ApiRequest { caller: me, client, now, .. }: ApiRequest<RemoveTotp>,
) -> Result<(), ApiError> {
    require_proof_for_setup(&app, &client, me, None, now).await?;
    Ok(app.store.run(commands::RemoveTotp { me, outbox: app.outbox(&client, now) }).await?)
}
