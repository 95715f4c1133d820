//! `POST /passport/qrcode`: a code to log in with; `GET /passport/qrcode`: how far it is.

pub mod confirm;

use crate::answer::{ApiError, ApiResponse};
use crate::app::App;
use crate::arrival::{arrival, buvid, cookie, cookies, whence};
use crate::call::ApiRequest;
use crate::cookie;
use crate::meter::Outcome;
use crate::prove::{address_door, pass};
use crate::sender::ClientInfo;
use crate::session::{draw, hex};
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::qr::QRBuilder;
use guanxi_api::api::passport::qrcode::{DrawQr, Drawn, PollQr, Polled, Status};
use guanxi_storage::Store;
use guanxi_storage::command::{self, ClaimQr, LoginOrigin};
use guanxi_storage::row::{LoginMethod, Qr};
use guanxi_storage::vault::Hash;
use guanxi_types::{ErrorCode, HttpError};
use sha2::{Digest, Sha256};
use std::net::{IpAddr, Ipv4Addr};

/// What only who asked for a code knows: without it, nobody is logged in by the code.
const CALLER: &str = "qrcode_caller";

/// Draws a code.
pub async fn draw_code(
    app: App,
    ApiRequest { now, sender, .. }: ApiRequest<DrawQr>,
) -> Result<ApiResponse<Drawn>, ApiError> {
    let door = address_door(b"qrcode", sender.address(&app.trusted_proxies));
    pass(&app, (door, app.limits.qrcodes), now).await?;
    let (key, caller) = (hex(&draw::<32>()), hex(&draw::<32>()));
    let expires_in = app.limits.qrcode;
    let (hash, whence) = (hash(&key), whence(&app, &sender).await);
    let expires = now.saturating_add(expires_in);
    app.store.run(command::DrawQr { hash, caller: self::hash(&caller), whence, now, expires }).await?;
    let (url, svg) = picture(&app, &key)?;
    let set = [cookie(&app, &sender, CALLER, &caller, expires_in, "; HttpOnly; SameSite=Strict")];
    let set = set.into_iter().chain(buvid(&app, &sender)).flatten().collect();
    Ok(ApiResponse::with(Drawn { key, url, svg, expires_in }, set))
}

/// What the code of a key says, and the code as a picture, SVG.
pub fn picture(app: &App, key: &str) -> Result<(String, String), ApiError> {
    // A phone's camera takes whoever scans it to a page, which asks `/passport/qrcode/confirm`.
    let url = format!("{}/login/confirm?key={key}", app.public_url);
    let code = QRBuilder::new(url.as_str()).build().map_err(|_| HttpError::Broken)?;
    Ok((url, SvgBuilder::default().to_str(&code)))
}

/// Tells how far a code is, and logs its caller in once it is confirmed.
pub async fn poll(
    app: App,
    ApiRequest { req, now, sender, .. }: ApiRequest<PollQr>,
) -> Result<ApiResponse<Polled>, ApiError> {
    let hash = hash(&req.key);
    let caller = self::hash(&cookie::cookie(&sender.headers, CALLER).unwrap_or_default());
    let row: Option<Qr> = app.store.get(hash).await?;
    // To anybody but its caller a code is as none.
    let Some(qr) = row.filter(|qr| qr.expires > now && qr.caller == caller) else {
        return Ok(Polled { status: Status::Expired, mid: None }.into());
    };
    match (qr.scanned, qr.confirmed) {
        (None, _) => Ok(Polled { status: Status::Waiting, mid: None }.into()),
        (Some(_), false) => Ok(Polled { status: Status::Scanned, mid: None }.into()),
        (Some(_), true) => claim(&app, &sender, hash, qr, now).await,
    }
}

async fn claim(
    app: &App,
    sender: &ClientInfo,
    hash: Hash,
    qr: Qr,
    now: i64,
) -> Result<ApiResponse<Polled>, ApiError> {
    let caller = qr.caller;
    // The login is told as the member was shown it before they said yes.
    let (token, arrival) = arrival(app, sender, LoginMethod::Qr, asked_from(qr, sender.buvid()), now);
    match app.store.run(ClaimQr { hash, caller, arrival, now }).await {
        Ok(mid) => {
            app.meter.login(Outcome::Qr);
            let polled = Polled { status: Status::Confirmed, mid: Some(mid) };
            Ok(ApiResponse::with(polled, cookies(app, sender, mid, &token)))
        }
        // Another poll of the same caller's was first.
        Err(guanxi_storage::CommandError::Rejected(ErrorCode::QrGone)) => {
            Ok(Polled { status: Status::Expired, mid: None }.into())
        }
        Err(error) => Err(error.into()),
    }
}

fn asked_from(qr: Qr, buvid: String) -> LoginOrigin {
    let ip = qr.ip.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    LoginOrigin { ip, device: qr.device, buvid, place: qr.place, carrier: qr.carrier }
}

/// The hash under which a code, or its caller, is kept.
pub fn hash(secret: &str) -> Hash {
    Sha256::digest(secret).into()
}
