//! `POST /passport/password`: a new password, and a new token for the session that sets it.

use crate::answer::{ApiError, ApiResponse};
use crate::app::App;
use crate::arrival::{cookies, renewal};
use crate::call::ApiRequest;
use crate::prove::{NewPasswordInput, VerifiedPassword, prove_again};
use guanxi_api::api::passport::password::ChangePassword;
use guanxi_storage::Store;
use guanxi_storage::command;
use guanxi_storage::row::{Account, Card};
use guanxi_types::ErrorCode;

/// Changes one's password, gives the caller's session a new token, and ends all others. Whoever has the old token is out too.
pub async fn password(
    app: App,
    ApiRequest { who: me, req, sender, now }: ApiRequest<ChangePassword>,
) -> Result<ApiResponse<()>, ApiError> {
    let (token, renew) = renewal(&app, sender.token.as_ref().ok_or(ErrorCode::NotLoggedIn)?, now);
    let (card, account): (Option<Card>, Option<Account>) =
        (app.store.get(me).await?, app.store.get(me).await?);
    let (uname, userid) = (card.map(|card| card.uname), account.map(|account| account.userid));
    let about = [uname.as_deref().unwrap_or_default(), userid.as_deref().unwrap_or_default()];
    let wanted = NewPasswordInput::read(&app, req.new)?;
    // Nothing is worked on for who has not proved who they are; and who has, keeps the place.
    let (seen, passed, place) = match prove_again(&app, &sender, me, req.old).await? {
        Some(VerifiedPassword { seen, passed, place, .. }) => (Some(seen), Some(passed), place),
        None => (None, None, app.passwords.place(Some(sender.address(&app.trusted_proxies)))?),
    };
    let next = wanted.keep(&app, place, &about).await?;
    app.store.run(command::ChangePassword { me, seen, next, renew, passed }).await?;
    Ok(ApiResponse::with((), cookies(&app, &sender, me, &token)))
}
