//! `POST /operator/member/sessions/revoke`: the end of a member's sessions.

use crate::app::App;
use crate::operator::denied::Denied;
use crate::operator::duty::Duty;
use guanxi_api::operator::member::sessions::revoke::{Data, EndSessions};
use guanxi_storage::Store;
use guanxi_storage::command::operate::{self, Operate};

/// Ends all of a member's sessions.
pub async fn revoke(app: App, Duty { by, req, now }: Duty<EndSessions>) -> Result<Data, Denied> {
    let ended = app.store.run(Operate { by, now, deed: operate::EndSessions(req.mid) }).await?;
    Ok(Data { ended })
}
