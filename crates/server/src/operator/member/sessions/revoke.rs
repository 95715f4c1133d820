//! `POST /operator/member/sessions/revoke`: the end of a member's sessions.

use crate::app::App;
use crate::operator::denied::OperatorError;
use crate::operator::duty::OperatorRequest;
use guanxi_api::operator::member::sessions::revoke::{Data, EndSessions};
use guanxi_storage::Store;
use guanxi_storage::command::operate::{self, Audited};

/// Ends all of a member's sessions.
pub async fn revoke(
    app: App,
    OperatorRequest { by, req, now }: OperatorRequest<EndSessions>,
) -> Result<Data, OperatorError> {
    let ended = app.store.run(Audited { by, now, deed: operate::EndSessions(req.mid) }).await?;
    Ok(Data { ended })
}
