//! `POST /passport/qrcode/confirm`: confirms the login of a QR code.

use super::qr_code::hash_secret;
use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::login::confirm_qr_code::ConfirmQrCode;
use guanxi_storage::Store;
use guanxi_storage::commands;
use guanxi_types::ErrorCode;

/// Confirms the login of a QR code that the caller has scanned.
pub async fn confirm_qr_code(
    app: App,
    ApiRequest { caller: me, params, now, client }: ApiRequest<ConfirmQrCode>,
) -> Result<(), ApiError> {
    let session = client.token.ok_or(ErrorCode::NotLoggedIn)?.hash();
    Ok(app.store.run(commands::ConfirmQrCode { me, hash: hash_secret(&params.key), session, now }).await?)
}
