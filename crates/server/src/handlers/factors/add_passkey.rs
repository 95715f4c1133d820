//! `POST /passport/passkeys`: adds a passkey.

use super::confirm_totp::NewRecoveryCodes;
use crate::app::App;
use crate::auth::fresh_proof::require_proof_for_setup;
use crate::auth::passkeys;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::factors::add_passkey::AddPasskey;
use guanxi_api::factors::confirm_totp::RecoveryCodes;
use guanxi_api::param::{BadParam, InvalidValue};
use guanxi_domain::value::PASSKEY_NAME;
use guanxi_storage::Store;
use guanxi_storage::commands;
use guanxi_types::ErrorCode;

/// Adds a passkey of the caller. Returns recovery codes for a first second factor.
pub async fn add_passkey(
    app: App,
    ApiRequest { caller: me, params, client, now }: ApiRequest<AddPasskey>,
) -> Result<RecoveryCodes, ApiError> {
    let name = parse_label(&params.label)?;
    require_proof_for_setup(&app, &client, me, None, now).await?;
    let session = client.token.as_ref().ok_or(ErrorCode::NotLoggedIn)?;
    let passkey = passkeys::finish_registration(&app, session, name, &params.credential, now).await?;
    let codes = NewRecoveryCodes::generate();
    let add = commands::AddPasskey {
        me,
        passkey,
        limit: app.limits.max_passkeys,
        recovery_codes: codes.hashes(),
        session: session.hash(),
        outbox: app.outbox(&client, now),
    };
    let are_new = app.store.run(add).await?;
    Ok(codes.shown_if(are_new))
}

/// Returns the name of a passkey without blanks at its ends.
pub fn parse_label(label: &str) -> Result<String, ApiError> {
    let name = label.trim();
    if PASSKEY_NAME.is_valid(name) {
        Ok(name.to_owned())
    } else {
        Err(BadParam { name: "label", reason: InvalidValue("has not 1 to 32 characters") }.into())
    }
}
