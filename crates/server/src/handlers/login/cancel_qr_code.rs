//! `POST /passport/qrcode/cancel`: refuses the login of a QR code.

use super::qr_code::hash_secret;
use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::login::cancel_qr_code::CancelQrCode;
use guanxi_storage::Store;
use guanxi_storage::commands;

/// Refuses the login of a QR code that the caller has scanned.
pub async fn cancel_qr_code(
    app: App,
    ApiRequest { caller: me, params, now, .. }: ApiRequest<CancelQrCode>,
) -> Result<(), ApiError> {
    Ok(app.store.run(commands::CancelQrCode { me, hash: hash_secret(&params.key), now }).await?)
}
