//! `POST /passport/passkeys/remove`: removes a passkey.

use super::rename_passkey::passkey_id;
use crate::app::App;
use crate::auth::fresh_proof::require_proof_for_setup;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::factors::remove_passkey::RemovePasskey;
use guanxi_storage::Store;
use guanxi_storage::commands;

/// Removes a passkey of the caller.
pub async fn remove_passkey(
    app: App,
    ApiRequest { caller: me, params, client, now }: ApiRequest<RemovePasskey>,
) -> Result<(), ApiError> {
    require_proof_for_setup(&app, &client, me, None, now).await?;
    let id = passkey_id(params.passkey)?;
    Ok(app.store.run(commands::RemovePasskey { me, id, outbox: app.outbox(&client, now) }).await?)
}
