//! `POST /passport/sessions/revoke`: ends a session of the caller.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use crate::session_token::from_hex;
use guanxi_api::sessions::revoke_session::RevokeSession;
use guanxi_storage::Store;
use guanxi_storage::commands;
use guanxi_types::ErrorCode;

/// Ends a session of the caller.
pub async fn revoke_session(
    app: App,
    ApiRequest { caller: me, params, .. }: ApiRequest<RevokeSession>,
) -> Result<(), ApiError> {
    let id = from_hex(&params.id).ok_or(ErrorCode::SessionNotFound)?;
    Ok(app.store.run(commands::RevokeSession { me, id }).await?)
}
