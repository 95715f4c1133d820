//! `GET /passport/qrcode/confirm`: what a code would log in; `POST /passport/qrcode/confirm`: yes to it.

use super::hash;
use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::passport::qrcode::confirm::{Asked, ConfirmQr, ScanQr};
use guanxi_domain::mask;
use guanxi_storage::Store;
use guanxi_storage::command;
use guanxi_types::ErrorCode;

/// Tells where a code was asked for, and its caller that it was scanned.
pub async fn scan(
    app: App,
    ApiRequest { who: me, req, now, .. }: ApiRequest<ScanQr>,
) -> Result<Asked, ApiError> {
    let qr = app.store.run(command::ScanQr { me, hash: hash(&req.key), now }).await?;
    Ok(Asked {
        device: qr.device,
        ip: qr.ip.map(mask::ip_in_notice).unwrap_or_default(),
        place: format!("{}{}", qr.place, qr.carrier),
        time: qr.made,
        expires: qr.expires,
    })
}

/// Says yes.
pub async fn confirm(
    app: App,
    ApiRequest { who: me, req, now, sender }: ApiRequest<ConfirmQr>,
) -> Result<(), ApiError> {
    let by = sender.token.ok_or(ErrorCode::NotLoggedIn)?.hash();
    Ok(app.store.run(command::ConfirmQr { me, hash: hash(&req.key), by, now }).await?)
}
