//! `POST /passport/recovery`: replaces the recovery codes.

use super::confirm_totp::NewRecoveryCodes;
use crate::app::App;
use crate::auth::fresh_proof::require_proof_for_setup;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::factors::confirm_totp::RecoveryCodes;
use guanxi_api::factors::renew_recovery_codes::RenewRecoveryCodes;
use guanxi_storage::Store;
use guanxi_storage::commands;

/// Replaces the caller's recovery codes.
pub async fn renew_recovery_codes(
    app: App,
    ApiRequest { caller: me, client, now, .. }: ApiRequest<RenewRecoveryCodes>,
) -> Result<RecoveryCodes, ApiError> {
    require_proof_for_setup(&app, &client, me, None, now).await?;
    let codes = NewRecoveryCodes::generate();
    let outbox = app.outbox(&client, now);
    app.store.run(commands::RenewRecoveryCodes { me, recovery_codes: codes.hashes(), outbox }).await?;
    Ok(codes.shown_if(true))
}
