//! `POST /passport/qrcode`: creates a QR code for a login.

use super::qr_code::{self, CALLER_COOKIE, render_qr_code};
use crate::app::App;
use crate::auth::login_session::{build_cookie, device_cookie, login_origin};
use crate::auth::rate_limit::{address_bucket_key, check_rate_limit};
use crate::extract::ApiRequest;
use crate::http::response::{ApiError, ApiResponse};
use crate::session_token::{random_bytes, to_hex};
use guanxi_api::login::create_qr_code::{CreateQrCode, CreatedQrCode};
use guanxi_storage::Store;
use guanxi_storage::commands;

/// Creates a QR code, and sets the cookie that binds it to the client.
pub async fn create_qr_code(
    app: App,
    ApiRequest { now, client, .. }: ApiRequest<CreateQrCode>,
) -> Result<ApiResponse<CreatedQrCode>, ApiError> {
    let bucket = address_bucket_key(b"qrcode", client.client_ip(&app.trusted_proxies));
    check_rate_limit(&app, (bucket, app.limits.qrcodes_per_address), now).await?;
    let (key, secret) = (to_hex(&random_bytes::<32>()), to_hex(&random_bytes::<32>()));
    let expires_in = app.limits.qrcode_ttl_secs;
    let (hash, origin) = (qr_code::hash_secret(&key), login_origin(&app, &client).await);
    let expires = now.saturating_add(expires_in);
    let claim_secret = qr_code::hash_secret(&secret);
    app.store.run(commands::CreateQrCode { hash, claim_secret, origin, now, expires }).await?;
    let (url, svg) = render_qr_code(&app, &key)?;
    let attributes = "; HttpOnly; SameSite=Strict";
    let cookie = build_cookie(&app, &client, CALLER_COOKIE, &secret, expires_in, attributes);
    let cookies = [cookie, device_cookie(&app, &client)].into_iter().flatten().collect();
    Ok(ApiResponse::new(CreatedQrCode { key, url, svg, expires_in }, cookies))
}
