//! `POST /passport/passkeys/challenge`: a challenge for a passkey.

use crate::app::App;
use crate::auth::passkeys;
use crate::auth::rate_limit::{address_bucket_key, check_rate_limit};
use crate::extract::ApiRequest;
use crate::http::response::{ApiError, ApiResponse};
use guanxi_api::factors::create_passkey_challenge::{CreatePasskeyChallenge, PasskeyOptions};

/// Creates a challenge for a login or a proof, and sets the cookie that binds it to the client.
pub async fn create_passkey_challenge(
    app: App,
    ApiRequest { client, now, .. }: ApiRequest<CreatePasskeyChallenge>,
) -> Result<ApiResponse<PasskeyOptions>, ApiError> {
    let bucket = address_bucket_key(b"passkey", client.client_ip(&app.trusted_proxies));
    check_rate_limit(&app, (bucket, app.limits.passkey_challenges), now).await?;
    let (options, cookie) = passkeys::create_challenge(&app, &client, now).await?;
    Ok(ApiResponse::new(PasskeyOptions { options }, cookie.into_iter().collect()))
}
