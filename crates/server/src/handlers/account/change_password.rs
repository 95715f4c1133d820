//! `POST /passport/password`: changes the caller's password.

use crate::app::App;
use crate::auth::fresh_proof::require_proof;
use crate::auth::login_session::{renewed_session, session_cookies};
use crate::auth::password_check::{NewPasswordInput, VerifiedPassword};
use crate::extract::ApiRequest;
use crate::http::response::{ApiError, ApiResponse};
use guanxi_api::account::change_password::ChangePassword;
use guanxi_storage::Store;
use guanxi_storage::commands;
use guanxi_storage::model::{Account, Card, Password};
use guanxi_types::ErrorCode;

/// Changes the caller's password, gives the calling session a new token, and ends all other sessions. The old token
/// of the calling session is no longer valid either.
pub async fn change_password(
    app: App,
    ApiRequest { caller: me, params, client, now }: ApiRequest<ChangePassword>,
) -> Result<ApiResponse<()>, ApiError> {
    let (token, renewal) = renewed_session(&app, client.token.as_ref().ok_or(ErrorCode::NotLoggedIn)?, now);
    let (card, account): (Option<Card>, Option<Account>) =
        (app.store.get(me).await?, app.store.get(me).await?);
    let (uname, userid) = (card.map(|card| card.uname), account.map(|account| account.userid));
    let related_texts = [uname.as_deref().unwrap_or_default(), userid.as_deref().unwrap_or_default()];
    let input = NewPasswordInput::new(&app, params.new)?;
    // The old password is checked before the new one is hashed. The hashing permit is used for both.
    let proof = require_proof(&app, &client, me, params.old, now).await?;
    let (expected_phc, attempts, permit) =
        if let Some(VerifiedPassword { stored_hash, attempts, permit, .. }) = proof {
            (Some(stored_hash), Some(attempts), permit)
        } else {
            let stored_hash = app.store.get::<Password>(me).await?.map(|row| row.phc);
            (stored_hash, None, app.password_hasher.acquire(Some(client.client_ip(&app.trusted_proxies)))?)
        };
    let new_password = input.hash(&app, permit, &related_texts).await?;
    let outbox = app.outbox(&client, now);
    app.store
        .run(commands::ChangePassword { me, expected_phc, new_password, renewal, attempts, outbox })
        .await?;
    Ok(ApiResponse::new((), session_cookies(&app, &client, me, &token)))
}
