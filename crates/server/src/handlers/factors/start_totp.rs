//! `POST /passport/totp`: creates a secret of one-time codes.

use crate::app::App;
use crate::auth::fresh_proof::require_proof_for_setup;
use crate::auth::totp;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::qr::QRBuilder;
use guanxi_api::factors::start_totp::{StartTotp, TotpSecret};
use guanxi_storage::Store;
use guanxi_storage::commands;
use guanxi_storage::model::Card;
use guanxi_types::{HttpError, Mid};
use std::sync::Arc;

/// Creates a secret that counts once the caller confirms it by a code.
pub async fn start_totp(
    app: App,
    ApiRequest { caller: me, client, now, .. }: ApiRequest<StartTotp>,
) -> Result<TotpSecret, ApiError> {
    require_proof_for_setup(&app, &client, me, None, now).await?;
    let (secret, cipher) = (totp::generate_secret(), Arc::clone(&app.cipher));
    app.store.run(commands::StartTotp { me, secret: secret.clone(), cipher }).await?;
    show_secret(&app, me, secret).await
}

/// Returns a secret in the forms that authenticators read.
pub async fn show_secret(app: &App, me: Mid, secret: String) -> Result<TotpSecret, ApiError> {
    let uname = app.store.get::<Card>(me).await?.map(|card| card.uname).unwrap_or_default();
    let url = totp::url(app, &secret, &uname)?;
    let code = QRBuilder::new(url.as_str()).build().map_err(|_| HttpError::InternalError)?;
    Ok(TotpSecret { secret, svg: SvgBuilder::default().to_str(&code), url })
}
