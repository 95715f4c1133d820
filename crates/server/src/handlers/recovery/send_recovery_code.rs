//! `POST /passport/recovery/code`: sends a code that recovers an account.

use crate::app::App;
use crate::auth::contact_codes::{self, RecoveryContact};
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::recovery::send_recovery_code::SendRecoveryCode;
use guanxi_storage::Store;
use guanxi_storage::commands;
use guanxi_types::ErrorCode;

/// Sends a code to a verified contact. For any other contact the response, the rate limits and the writes are the same.
pub async fn send_recovery_code(
    app: App,
    ApiRequest { params, now, client, .. }: ApiRequest<SendRecoveryCode>,
) -> Result<(), ApiError> {
    let account = RecoveryContact::parse(&app, &params.account).await?;
    if !app.limits.outbox.sends(account.contact) {
        return Err(ErrorCode::NoMessageSender.into());
    }
    contact_codes::count_request(&app, &client, &[account.key(&app)], now).await?;
    let outbox = app.outbox(&client, now);
    let RecoveryContact { contact, address, mid } = account;
    Ok(app.store.run(commands::SendRecoveryCode { mid, contact, address, outbox }).await?)
}
