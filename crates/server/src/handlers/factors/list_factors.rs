//! `GET /passport/factors`: the second factors of the caller.

use crate::app::App;
use crate::auth::factor_check::load_factors;
use crate::auth::fresh_proof::{missing_proofs, must_set_up};
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::factors::list_factors::{Data, ListFactors, Passkey};

/// Returns the second factors of the caller, and the proofs that the session is missing.
pub async fn list_factors(
    app: App,
    ApiRequest { caller: me, client, now, .. }: ApiRequest<ListFactors>,
) -> Result<Data, ApiError> {
    let factors = load_factors(&app, me).await?;
    let missing = missing_proofs(&app, &client, me, now).await?;
    let required = must_set_up(&app, me).await?;
    let passkeys = factors.passkeys.into_iter();
    Ok(Data {
        totp: factors.totp.is_some(),
        recovery_codes: factors.recovery_codes.len(),
        passkeys: passkeys
            .map(|row| Passkey { id: row.id, name: row.name, created: row.created, used: row.used })
            .collect(),
        required,
        needs_password: missing.password,
        needs_factor: missing.factor,
    })
}
