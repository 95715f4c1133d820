//! `POST /passport/login`: a member logs in by password.

use crate::answer::{ApiError, ApiResponse};
use crate::app::App;
use crate::arrival::{arrival, cookies, whence};
use crate::call::ApiRequest;
use crate::meter::Outcome;
use crate::prove::{VerifiedPassword, account_door, find, heed, look, member_door, prove};
use guanxi_api::api::passport::login::LogIn;
use guanxi_api::api::passport::signup::LoggedIn;
use guanxi_storage::Store;
use guanxi_storage::command::{self, FailLogin};
use guanxi_storage::row::LoginMethod;
use guanxi_types::ErrorCode;

/// Logs a member in. A try that fails is recorded for the member it was made on.
pub async fn login(
    app: App,
    ApiRequest { req, now, sender, .. }: ApiRequest<LogIn>,
) -> Result<ApiResponse<LoggedIn>, ApiError> {
    let account = req.account.0.trim();
    let found = find(&app, account).await?;
    if let Some(mid) = found {
        // A right password would be refused here all the same, so none is compared.
        look(&app, [member_door(b"logins", mid)], now).await?;
    }
    let proof = match prove(&app, &sender, found, account, req.password).await {
        Ok(proof) => proof,
        Err(ApiError::Code(ErrorCode::WrongPassword)) => {
            app.meter.login(Outcome::Wrong);
            let (door, whence) = (account_door(found, account), whence(&app, &sender).await);
            app.store.run(FailLogin { mid: found, whence, door, now }).await?;
            return Err(ErrorCode::WrongPassword.into());
        }
        Err(reject) => return Err(reject),
    };
    let VerifiedPassword { mid, seen, anew, passed, place } = proof;
    // The next password need not wait for this one's commit.
    drop(place);
    let (token, arrival) = arrival(&app, &sender, LoginMethod::Password, whence(&app, &sender).await, now);
    let often = (member_door(b"logins", mid), app.limits.logins);
    let said = app.store.run(command::LogIn { me: mid, seen, anew, passed, arrival, often, now }).await?;
    heed(&app, said)?;
    app.meter.login(Outcome::Password);
    Ok(ApiResponse::with(LoggedIn { mid }, cookies(&app, &sender, mid, &token)))
}
