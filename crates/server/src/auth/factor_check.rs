//! Verification of codes of members' second factors, within the rate limits of the member and of the address.

use super::{recovery_code, totp};
use crate::app::App;
use crate::auth::rate_limit::{address_bucket_key, check_lockout, consume_attempts, member_bucket_key};
use crate::http::client_info::ClientInfo;
use crate::http::response::ApiError;
use guanxi_storage::commands::{ConsumedAttempts, FactorProof};
use guanxi_storage::encryption::SensitiveField;
use guanxi_storage::model::Factors;
use guanxi_storage::{StorageError, Store};
use guanxi_types::{ErrorCode, Mid, Secret};

/// Returns the second factors of a member.
pub async fn load_factors(app: &App, mid: Mid) -> Result<Factors, StorageError> {
    Ok(app.store.get(mid).await?.unwrap_or(Factors::new(mid)))
}

/// Counts an attempt of a code in the buckets of the member and of the address. Returns 30012 if one is locked.
pub async fn count_attempt(
    app: &App,
    client: &ClientInfo,
    mid: Mid,
    at: i64,
) -> Result<ConsumedAttempts, ApiError> {
    let account = member_bucket_key(b"factor", mid);
    let address = address_bucket_key(b"login", client.client_ip(&app.trusted_proxies));
    check_lockout(app, [account, address], at).await?;
    let limits = &app.limits;
    consume_attempts(
        app,
        vec![(account, limits.failures_per_account), (address, limits.failures_per_address)],
        at,
    )
    .await?;
    Ok(ConsumedAttempts { account, address, at })
}

/// Verifies a one-time code or a recovery code. Returns 30111 if it is neither. The command that uses the proof
/// rejects one that was used before.
pub async fn verify_code(app: &App, mid: Mid, code: &Secret, now: i64) -> Result<FactorProof, ApiError> {
    if let Some(hash) = recovery_code::hash(&code.0) {
        return Ok(FactorProof::RecoveryCode(hash));
    }
    let factors = load_factors(app, mid).await?;
    let secret = app.cipher.decrypt_optional(SensitiveField::Totp, mid, factors.totp.as_ref())?;
    let step = secret.and_then(|secret| totp::find_step(&secret, &code.0, now));
    Ok(FactorProof::Totp(step.ok_or(ErrorCode::WrongFactor)?))
}
