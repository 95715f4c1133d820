//! `POST /passport/sessions/revoke`: the end of one of one's sessions.

use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use guanxi_store::Store;
use guanxi_store::command::EndSession;
use guanxi_wire::Code;
use guanxi_wire::api::passport::sessions::revoke::RevokeSession;

/// Ends a session.
pub async fn revoke(app: App, Call { who: me, req, .. }: Call<RevokeSession>) -> Result<(), Reject> {
    // Digits alone: a parser of numbers would take a sign for the first of them.
    let is_id = req.id.len() == 16 && req.id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = u64::from_str_radix(&req.id, 16).ok().filter(|_| is_id);
    let id = number.ok_or(Code::NoSession)?.to_be_bytes();
    Ok(app.store.run(EndSession { me, id }).await?)
}
