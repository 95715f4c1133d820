//! `GET /passport/qrcode/confirm`: what a code would log in; `POST /passport/qrcode/confirm`: yes to it.

use super::hash;
use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use guanxi_api::api::passport::qrcode::confirm::{Asked, ConfirmQr, ScanQr};
use guanxi_domain::mask;
use guanxi_storage::Store;
use guanxi_storage::command;
use guanxi_types::Code;

/// Tells where a code was asked for, and its caller that it was scanned.
pub async fn scan(app: App, Call { who: me, req, now, .. }: Call<ScanQr>) -> Result<Asked, Reject> {
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
pub async fn confirm(app: App, Call { who: me, req, now, sender }: Call<ConfirmQr>) -> Result<(), Reject> {
    let by = sender.token.ok_or(Code::NotLoggedIn)?.hash();
    Ok(app.store.run(command::ConfirmQr { me, hash: hash(&req.key), by, now }).await?)
}
