//! `POST /passport/passkeys/login`: logs a member in by a passkey.

use crate::app::App;
use crate::auth::login_session::{login_origin, new_session, session_cookies};
use crate::auth::passkeys;
use crate::auth::rate_limit::{check_rate_limit, member_bucket_key};
use crate::extract::ApiRequest;
use crate::http::response::{ApiError, ApiResponse};
use crate::metrics::LoginOutcome;
use guanxi_api::factors::log_in_with_passkey::LogInWithPasskey;
use guanxi_api::login::sign_up::LoggedIn;
use guanxi_storage::Store;
use guanxi_storage::commands;
use guanxi_storage::model::LoginMethod;

/// Logs in the member of a passkey.
pub async fn log_in_with_passkey(
    app: App,
    ApiRequest { params, client, now, .. }: ApiRequest<LogInWithPasskey>,
) -> Result<ApiResponse<LoggedIn>, ApiError> {
    let (mid, proof) = match passkeys::verify(&app, &client, &params.credential, now).await {
        Ok(verified) => verified,
        Err(error) => {
            app.metrics.count_login(LoginOutcome::InvalidCredentials);
            return Err(error);
        }
    };
    // Each login is stored, so their number has to be bounded.
    check_rate_limit(&app, (member_bucket_key(b"logins", mid), app.limits.logins_per_account), now).await?;
    let origin = login_origin(&app, &client).await;
    let (token, session) = new_session(&app, &client, LoginMethod::Passkey, origin, Some(mid), now).await?;
    app.store.run(commands::LogInWithPasskey { me: mid, proof, session, now }).await?;
    app.metrics.count_login(LoginOutcome::Passkey);
    Ok(ApiResponse::new(LoggedIn { mid }, session_cookies(&app, &client, mid, &token)))
}
