//! `GET /passport/qrcode`: the state of a QR code.

use super::qr_code::{self, CALLER_COOKIE};
use crate::app::App;
use crate::auth::login_session::{new_session, session_cookies};
use crate::extract::ApiRequest;
use crate::http::client_info::ClientInfo;
use crate::http::cookies;
use crate::http::response::{ApiError, ApiResponse};
use crate::metrics::LoginOutcome;
use guanxi_api::login::poll_qr_code::{PollQrCode, QrCodeState, QrCodeStatus};
use guanxi_storage::Store;
use guanxi_storage::commands::{ClaimQrCode, LoginOrigin};
use guanxi_storage::encryption::Hash;
use guanxi_storage::model::{LoginMethod, QrLogin};
use guanxi_types::ErrorCode;
use std::net::{IpAddr, Ipv4Addr};

/// Returns the state of a QR code. A confirmed code logs its client in.
pub async fn poll_qr_code(
    app: App,
    ApiRequest { params, now, client, .. }: ApiRequest<PollQrCode>,
) -> Result<ApiResponse<QrCodeState>, ApiError> {
    let hash = qr_code::hash_secret(&params.key);
    let secret = cookies::request_cookie(&client.headers, CALLER_COOKIE).unwrap_or_default();
    let claim_secret = qr_code::hash_secret(&secret);
    let row: Option<QrLogin> = app.store.get(hash).await?;
    // For any other client the code does not exist.
    let Some(qr) = row.filter(|qr| qr.expires > now && qr.claim_secret == claim_secret) else {
        return Ok(QrCodeState { status: QrCodeStatus::Expired, mid: None }.into());
    };
    match (qr.scanned_by, qr.confirmed) {
        (None, _) => Ok(QrCodeState { status: QrCodeStatus::Waiting, mid: None }.into()),
        (Some(_), false) => Ok(QrCodeState { status: QrCodeStatus::Scanned, mid: None }.into()),
        (Some(_), true) => claim_login(&app, &client, hash, qr, now).await,
    }
}

async fn claim_login(
    app: &App,
    client: &ClientInfo,
    hash: Hash,
    qr: QrLogin,
    now: i64,
) -> Result<ApiResponse<QrCodeState>, ApiError> {
    let (claim_secret, member) = (qr.claim_secret, qr.scanned_by);
    // The login record has the origin that the member was shown before the confirmation.
    let origin = requester_origin(qr, client.buvid());
    let (token, session) = new_session(app, client, LoginMethod::Qr, origin, member, now).await?;
    match app.store.run(ClaimQrCode { hash, claim_secret, session, now }).await {
        Ok(mid) => {
            app.metrics.count_login(LoginOutcome::QrCode);
            let state = QrCodeState { status: QrCodeStatus::Confirmed, mid: Some(mid) };
            Ok(ApiResponse::new(state, session_cookies(app, client, mid, &token)))
        }
        // Another poll of the same client was first.
        Err(guanxi_storage::CommandError::Rejected(ErrorCode::QrCodeExpired)) => {
            Ok(QrCodeState { status: QrCodeStatus::Expired, mid: None }.into())
        }
        Err(error) => Err(error.into()),
    }
}

fn requester_origin(qr: QrLogin, buvid: String) -> LoginOrigin {
    let ip = qr.ip.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    LoginOrigin { ip, device: qr.device, buvid, location: qr.location, isp: qr.isp }
}
