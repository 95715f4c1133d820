//! `POST /passport/recovery/password`: sets a new password by a recovery code.

use crate::app::App;
use crate::auth::contact_codes::{self, RecoveryContact};
use crate::auth::password_check::{NewPasswordInput, verify_answer};
use crate::auth::rate_limit::account_bucket_key;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::recovery::recover_account::RecoverAccount;
use guanxi_storage::Store;
use guanxi_storage::commands::{self, CheckRecoveryCode};
use guanxi_storage::model::{Account, Card};
use guanxi_types::ErrorCode;

/// Sets a new password, and ends all sessions of the member. The code comes before the security question, so that only
/// its owner is asked.
pub async fn recover_account(
    app: App,
    ApiRequest { params, now, client, .. }: ApiRequest<RecoverAccount>,
) -> Result<(), ApiError> {
    let account = RecoveryContact::parse(&app, &params.account).await?;
    let code = contact_codes::submitted(&app, &params.code, now)?;
    let input = NewPasswordInput::new(&app, params.new)?;
    let failures = contact_codes::count_try(&app, &client, account.key(&app), now).await?;
    let proof = account.proof(code);
    let member = app.store.run(CheckRecoveryCode { proof: proof.clone(), failures }).await?;
    let mid = member.ok_or(ErrorCode::WrongContactCode)?;
    let permit = verify_answer(&app, &client, mid, params.answer).await?;
    let (card, account): (Option<Card>, Option<Account>) =
        (app.store.get(mid).await?, app.store.get(mid).await?);
    let (uname, userid) = (card.map(|card| card.uname), account.map(|account| account.userid));
    let related_texts = [uname.as_deref().unwrap_or_default(), userid.as_deref().unwrap_or_default()];
    let new_password = input.hash(&app, permit, &related_texts).await?;
    let failures = vec![failures, account_bucket_key(Some(mid), "")];
    let outbox = app.outbox(&client, now);
    let is_right = app.store.run(commands::RecoverAccount { proof, new_password, failures, outbox }).await?;
    if is_right { Ok(()) } else { Err(ErrorCode::WrongContactCode.into()) }
}
