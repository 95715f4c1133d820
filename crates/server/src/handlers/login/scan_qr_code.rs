//! `GET /passport/qrcode/confirm`: the login request behind a QR code.

use super::qr_code::hash_secret;
use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::login::scan_qr_code::{QrCodeRequester, ScanQrCode};
use guanxi_domain::mask;
use guanxi_storage::Store;
use guanxi_storage::commands;

/// Marks a code as scanned by the caller, and returns the client that requests the login.
pub async fn scan_qr_code(
    app: App,
    ApiRequest { caller: me, params, now, .. }: ApiRequest<ScanQrCode>,
) -> Result<QrCodeRequester, ApiError> {
    let qr = app.store.run(commands::ScanQrCode { me, hash: hash_secret(&params.key), now }).await?;
    Ok(QrCodeRequester {
        device: qr.device,
        ip: qr.ip.map(mask::mask_ip_in_notice).unwrap_or_default(),
        place: format!("{}{}", qr.location, qr.isp),
        time: qr.created,
        expires: qr.expires,
    })
}
