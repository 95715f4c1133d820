//! Fresh proofs: before a dangerous operation, the session must have proved the member's password and second factor
//! a short time ago.
//!
//! This is the one place that decides whether a caller may do something dangerous.

use super::factor_check::load_factors;
use crate::app::App;
use crate::auth::password_check::{VerifiedPassword, verify_password};
use crate::auth::password_hasher::HashPermit;
use crate::http::client_info::ClientInfo;
use crate::http::response::ApiError;
use futures_util::future::try_join3;
use guanxi_domain::factor::{self, Credentials, Proofs};
use guanxi_domain::level;
use guanxi_storage::commands::RefundAttempt;
use guanxi_storage::model::{Experience, Password, Session};
use guanxi_storage::{StorageError, Store};
use guanxi_types::{ErrorCode, Mid, Secret};

/// The credentials whose proof the session of a member is missing.
pub async fn missing_proofs(
    app: &App,
    client: &ClientInfo,
    me: Mid,
    now: i64,
) -> Result<Credentials, StorageError> {
    let session = async {
        match &client.token {
            Some(token) => app.store.get::<Session>(token.hash()).await,
            None => Ok(None),
        }
    };
    let (session, password, factors) =
        try_join3(session, app.store.get::<Password>(me), load_factors(app, me)).await?;
    let proofs = session.map_or(Proofs::default(), |session| session.proofs());
    let credentials = Credentials { password: password.is_some(), factor: factors.has_any() };
    Ok(factor::missing_proofs(credentials, proofs, app.limits.proof_secs, now))
}

/// Returns true if the community requires a second factor of a member without one.
pub async fn must_set_up(app: &App, me: Mid) -> Result<bool, StorageError> {
    // Most communities require none, and read nothing.
    let Some(from_level) = app.limits.second_factor_from_level else { return Ok(false) };
    let exp = app.store.get::<Experience>(me).await?.map_or(0, |row| row.exp);
    let has_factor = load_factors(app, me).await?.has_any();
    Ok(factor::must_set_up(Some(from_level), level::compute_level(exp).level, has_factor))
}

/// Checks that the caller may change how the account is protected. A password in the request counts as a proof, and
/// is returned. Returns 30011 if it is wrong, and 30113 if a proof is missing.
pub async fn require_proof_for_setup(
    app: &App,
    client: &ClientInfo,
    me: Mid,
    password: Option<Secret>,
    now: i64,
) -> Result<Option<VerifiedPassword>, ApiError> {
    let missing = missing_proofs(app, client, me, now).await?;
    if missing.factor || missing.password && password.is_none() {
        return Err(ErrorCode::ProofRequired.into());
    }
    match password {
        // A member without a password has nothing to compare.
        Some(password) if app.store.get::<Password>(me).await?.is_some() => {
            verify_password(app, client, Some(me), "", password).await.map(Some)
        }
        _ => Ok(None),
    }
}

/// Checks that the caller may do something dangerous, as [`require_proof_for_setup`] does. Also returns 30118 if the
/// community requires a second factor of the caller, who has none.
pub async fn require_proof(
    app: &App,
    client: &ClientInfo,
    me: Mid,
    password: Option<Secret>,
    now: i64,
) -> Result<Option<VerifiedPassword>, ApiError> {
    if must_set_up(app, me).await? {
        return Err(ErrorCode::FactorSetupRequired.into());
    }
    require_proof_for_setup(app, client, me, password, now).await
}

/// Does the same as [`require_proof`] for changes of anything but the password, and refunds the attempt at once.
/// Returns the hashing slot, or `None` if no password was verified.
pub async fn require_proof_and_refund(
    app: &App,
    client: &ClientInfo,
    me: Mid,
    password: Option<Secret>,
    now: i64,
) -> Result<Option<HashPermit>, ApiError> {
    let Some(verified) = require_proof(app, client, me, password, now).await? else { return Ok(None) };
    app.store.run(RefundAttempt(verified.attempts)).await?;
    Ok(Some(verified.permit))
}
