//! `POST /passport/login/factor`: the second step of a login.

use super::second_step;
use crate::app::App;
use crate::auth::factor_check::{count_attempt, verify_code};
use crate::auth::login_session::{login_origin, new_session, session_cookies};
use crate::extract::ApiRequest;
use crate::http::client_info::ClientInfo;
use crate::http::response::{ApiError, ApiResponse};
use crate::metrics::LoginOutcome;
use guanxi_api::login::finish_login::FinishLogin;
use guanxi_api::login::sign_up::LoggedIn;
use guanxi_storage::commands::{CompleteSecondStep, CountTry, RecordFailedLogin};
use guanxi_storage::model::LoginMethod;
use guanxi_storage::{CommandError, Store};
use guanxi_types::{ErrorCode, Mid};

/// Completes a login by a one-time code or a recovery code. A wrong code is recorded in the login log.
pub async fn finish_login(
    app: App,
    ApiRequest { params, now, client, .. }: ApiRequest<FinishLogin>,
) -> Result<ApiResponse<LoggedIn>, ApiError> {
    let hash = second_step::hash_of(&client);
    let mid = app.store.run(CountTry { hash, now }).await?;
    let attempts = count_attempt(&app, &client, mid, now).await?;
    let proof = match verify_code(&app, mid, &params.code, now).await {
        Ok(proof) => proof,
        Err(error) => return Err(record_failure(&app, &client, mid, error, now).await?),
    };
    let origin = login_origin(&app, &client).await;
    let (token, session) = new_session(&app, &client, LoginMethod::Password, origin, Some(mid), now).await?;
    let completed = app.store.run(CompleteSecondStep { hash, proof, attempts, session, now }).await;
    match completed {
        Ok(mid) => {
            app.metrics.count_login(LoginOutcome::Password);
            let mut cookies = session_cookies(&app, &client, mid, &token);
            cookies.extend(second_step::expired_cookie(&app, &client));
            Ok(ApiResponse::new(LoggedIn { mid }, cookies))
        }
        Err(CommandError::Rejected(code)) => Err(record_failure(&app, &client, mid, code.into(), now).await?),
        Err(error) => Err(error.into()),
    }
}

/// Records a wrong code in the login log of the member, and returns the error of the login.
async fn record_failure(
    app: &App,
    client: &ClientInfo,
    mid: Mid,
    error: ApiError,
    now: i64,
) -> Result<ApiError, ApiError> {
    if matches!(error, ApiError::Code(ErrorCode::WrongFactor)) {
        app.metrics.count_login(LoginOutcome::InvalidCredentials);
        let origin = login_origin(app, client).await;
        app.store.run(RecordFailedLogin { mid: Some(mid), origin, bucket: [0; 32], now }).await?;
    }
    Ok(error)
}
