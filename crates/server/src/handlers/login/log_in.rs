//! `POST /passport/login`: logs a member in by password.

use super::second_step;
use crate::app::App;
use crate::auth::login_session::{login_origin, new_session, session_cookies};
use crate::auth::password_check::{VerifiedPassword, find_account, verify_password};
use crate::auth::rate_limit::{account_bucket_key, check_lockout, member_bucket_key, rate_limited};
use crate::extract::ApiRequest;
use crate::http::response::{ApiError, ApiResponse};
use crate::metrics::LoginOutcome;
use guanxi_api::login::log_in::LogIn;
use guanxi_api::login::sign_up::LoggedIn;
use guanxi_storage::Store;
use guanxi_storage::commands::{self, PasswordLogin, RecordFailedLogin};
use guanxi_storage::model::LoginMethod;
use guanxi_types::ErrorCode;

/// Logs a member in. A failed attempt is recorded in the login log of the member, if there is one.
pub async fn log_in(
    app: App,
    ApiRequest { params, now, client, .. }: ApiRequest<LogIn>,
) -> Result<ApiResponse<LoggedIn>, ApiError> {
    let account = params.account.0.trim();
    let member = find_account(&app, account).await?;
    if let Some(mid) = member {
        // A correct password would be rejected too, so none is compared.
        check_lockout(&app, [member_bucket_key(b"logins", mid)], now).await?;
    }
    let verified = match verify_password(&app, &client, member, account, params.password).await {
        Ok(verified) => verified,
        Err(ApiError::Code(ErrorCode::WrongCredentials)) => {
            app.metrics.count_login(LoginOutcome::InvalidCredentials);
            let bucket = account_bucket_key(member, account);
            let origin = login_origin(&app, &client).await;
            app.store.run(RecordFailedLogin { mid: member, origin, bucket, now }).await?;
            return Err(ErrorCode::WrongCredentials.into());
        }
        Err(error) => return Err(error),
    };
    let VerifiedPassword { mid, stored_hash, new_hash, attempts, permit } = verified;
    // The next hash need not wait for the commit of this login.
    drop(permit);
    let origin = login_origin(&app, &client).await;
    let (token, session) = new_session(&app, &client, LoginMethod::Password, origin, Some(mid), now).await?;
    let login_rate = (member_bucket_key(b"logins", mid), app.limits.logins_per_account);
    let (secret, second_step) = second_step::create(&app, now);
    let command = commands::CompleteLogin {
        me: mid,
        expected_phc: stored_hash,
        rehashed_phc: new_hash,
        attempts,
        session,
        login_rate,
        second_step,
        now,
    };
    match app.store.run(command).await? {
        PasswordLogin::LoggedIn => {
            app.metrics.count_login(LoginOutcome::Password);
            Ok(ApiResponse::new(LoggedIn { mid }, session_cookies(&app, &client, mid, &token)))
        }
        PasswordLogin::SecondStep => {
            let cookie = second_step::cookie(&app, &client, &secret);
            Err(ApiError::WithCookies(ErrorCode::SecondFactorRequired, cookie.into_iter().collect()))
        }
        PasswordLogin::RetryAfter(seconds) => Err(rate_limited(&app, seconds)),
    }
}
