//! `GET /operator/keys`: the state of the encryption keys.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::operator::keys::get_key_status::{Data, GetKeyStatus};

/// Returns the state of the encryption keys.
pub async fn get_key_status(app: App, _: ApiRequest<GetKeyStatus>) -> Result<Data, ApiError> {
    Ok(key_status(&app))
}

pub(super) fn key_status(app: &App) -> Data {
    let ring = app.cipher.keyring();
    Data { key: ring.newest().id, rotating: ring.is_rotating() }
}
