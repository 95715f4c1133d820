//! `POST /passport/sessions/revoke`: the end of one of one's sessions.

use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use crate::session::unhex;
use guanxi_store::Store;
use guanxi_store::command::EndSession;
use guanxi_wire::Code;
use guanxi_wire::api::passport::sessions::revoke::RevokeSession;

/// Ends a session.
pub async fn revoke(app: App, Call { who: me, req, .. }: Call<RevokeSession>) -> Result<(), Reject> {
    let id = unhex(&req.id).ok_or(Code::NoSession)?;
    Ok(app.store.run(EndSession { me, id }).await?)
}
