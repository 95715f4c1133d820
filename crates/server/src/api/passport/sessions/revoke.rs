//! `POST /passport/sessions/revoke`: the end of one of one's sessions.

use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use crate::session::unhex;
use guanxi_api::api::passport::sessions::revoke::RevokeSession;
use guanxi_storage::Store;
use guanxi_storage::command::EndSession;
use guanxi_types::Code;

/// Ends a session.
pub async fn revoke(app: App, Call { who: me, req, .. }: Call<RevokeSession>) -> Result<(), Reject> {
    let id = unhex(&req.id).ok_or(Code::NoSession)?;
    Ok(app.store.run(EndSession { me, id }).await?)
}
