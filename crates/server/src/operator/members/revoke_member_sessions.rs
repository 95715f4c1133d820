//! `POST /operator/member/sessions/revoke`: ends all sessions of a member.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::operator::members::revoke_member_sessions::{Data, RevokeMemberSessions};
use guanxi_storage::Store;
use guanxi_storage::commands::operator::{self, Audited};

/// Ends all sessions of a member.
pub async fn revoke_member_sessions(
    app: App,
    ApiRequest { caller: by, params, now, .. }: ApiRequest<RevokeMemberSessions>,
) -> Result<Data, ApiError> {
    let ended =
        app.store.run(Audited { by, now, command: operator::RevokeMemberSessions(params.mid) }).await?;
    Ok(Data { ended })
}
