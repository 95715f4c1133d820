//! `POST /passport/totp/confirm`: sets up one-time codes.

use crate::app::App;
use crate::auth::factor_check::{count_attempt, load_factors};
use crate::auth::fresh_proof::require_proof_for_setup;
use crate::auth::{recovery_code, totp};
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::factors::confirm_totp::{ConfirmTotp, RecoveryCodes};
use guanxi_storage::Store;
use guanxi_storage::commands::{self, RefundAttempt};
use guanxi_storage::encryption::SensitiveField;
use guanxi_types::ErrorCode;

/// Sets up one-time codes with a code of the secret that waits. Returns recovery codes for a first second factor.
pub async fn confirm_totp(
    app: App,
    ApiRequest { caller: me, params, client, now }: ApiRequest<ConfirmTotp>,
) -> Result<RecoveryCodes, ApiError> {
    require_proof_for_setup(&app, &client, me, None, now).await?;
    let pending = load_factors(&app, me).await?.pending_totp.ok_or(ErrorCode::FactorNotFound)?;
    let attempts = count_attempt(&app, &client, me, now).await?;
    let secret = app.cipher.decrypt(SensitiveField::Totp, me, &pending)?;
    let step = totp::find_step(&secret, &params.code.0, now).ok_or(ErrorCode::WrongFactor)?;
    let codes = NewRecoveryCodes::generate();
    let session = client.token.as_ref().ok_or(ErrorCode::NotLoggedIn)?.hash();
    let recovery_codes = codes.hashes();
    let confirm = commands::ConfirmTotp {
        me,
        pending,
        step,
        recovery_codes,
        session,
        outbox: app.outbox(&client, now),
    };
    let are_new = app.store.run(confirm).await?;
    app.store.run(RefundAttempt(attempts)).await?;
    Ok(codes.shown_if(are_new))
}

/// New recovery codes.
#[derive(Debug)]
pub struct NewRecoveryCodes(Vec<String>);

impl NewRecoveryCodes {
    /// Generates recovery codes.
    pub fn generate() -> NewRecoveryCodes {
        NewRecoveryCodes(recovery_code::generate())
    }

    /// Returns the hashes of the codes, to store.
    pub fn hashes(&self) -> Vec<String> {
        self.0.iter().filter_map(|code| recovery_code::hash(code)).collect()
    }

    /// Returns the codes for the caller if they were stored.
    pub fn shown_if(self, are_stored: bool) -> RecoveryCodes {
        RecoveryCodes { recovery_codes: if are_stored { self.0 } else { Vec::new() } }
    }
}
