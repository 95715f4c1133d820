//! `POST /passport/sessions/revoke`: the end of one of one's sessions.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use crate::session::unhex;
use guanxi_api::api::passport::sessions::revoke::RevokeSession;
use guanxi_storage::Store;
use guanxi_storage::command::EndSession;
use guanxi_types::ErrorCode;

/// Ends a session.
pub async fn revoke(
    app: App,
    ApiRequest { who: me, req, .. }: ApiRequest<RevokeSession>,
) -> Result<(), ApiError> {
    let id = unhex(&req.id).ok_or(ErrorCode::NoSession)?;
    Ok(app.store.run(EndSession { me, id }).await?)
}
