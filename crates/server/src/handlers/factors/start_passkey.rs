//! `POST /passport/passkeys/start`: a challenge for a new passkey.

use crate::app::App;
use crate::auth::factor_check::load_factors;
use crate::auth::fresh_proof::require_proof_for_setup;
use crate::auth::passkeys;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::factors::create_passkey_challenge::PasskeyOptions;
use guanxi_api::factors::start_passkey::StartPasskey;
use guanxi_storage::Store;
use guanxi_storage::model::Card;
use guanxi_types::ErrorCode;

/// Creates a challenge for a new passkey of the caller.
pub async fn start_passkey(
    app: App,
    ApiRequest { caller: me, client, now, .. }: ApiRequest<StartPasskey>,
) -> Result<PasskeyOptions, ApiError> {
    require_proof_for_setup(&app, &client, me, None, now).await?;
    let factors = load_factors(&app, me).await?;
    if factors.passkeys.len() >= app.limits.max_passkeys {
        return Err(ErrorCode::PasskeyLimitReached.into());
    }
    let uname = app.store.get::<Card>(me).await?.map(|card| card.uname).unwrap_or_default();
    let session = client.token.as_ref().ok_or(ErrorCode::NotLoggedIn)?;
    let options = passkeys::start_registration(&app, session, &factors, &uname, now).await?;
    Ok(PasskeyOptions { options })
}
