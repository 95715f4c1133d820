//! `POST /operator/keys/rotate`: starts a key rotation.

use super::get_key_status::key_status;
use crate::app::App;
use crate::encryption_keys;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::operator::keys::get_key_status::Data;
use guanxi_api::operator::keys::rotate_keys::RotateKeys;
use guanxi_types::ErrorCode;

/// Starts a key rotation, which a background job completes.
pub async fn rotate_keys(
    app: App,
    ApiRequest { caller: by, .. }: ApiRequest<RotateKeys>,
) -> Result<Data, ApiError> {
    let Ok(_guard) = app.key_rotation.try_lock() else { return Err(ErrorCode::KeyRotationInProgress.into()) };
    encryption_keys::follow_rotation(&app).await?;
    if app.cipher.keyring().is_rotating() {
        return Err(ErrorCode::KeyRotationInProgress.into());
    }
    encryption_keys::start_rotation(&app, &by).await?;
    Ok(key_status(&app))
}
