//! `GET /passport/sessions`: the live sessions of the caller.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use crate::session_token::to_hex;
use crate::to_api;
use guanxi_api::sessions::list_sessions::{Data, Entry, ListSessions};
use guanxi_domain::mask;
use guanxi_storage::Store;
use guanxi_storage::model::{Session, TokenHash};

/// Returns the caller's live sessions, newest first.
pub async fn list_sessions(
    app: App,
    ApiRequest { caller: me, now, client, .. }: ApiRequest<ListSessions>,
) -> Result<Data, ApiError> {
    let mut sessions = app.store.sessions(me).await?;
    sessions.retain(|session| session.expires > now);
    sessions.sort_by_key(|session| (std::cmp::Reverse(session.created), session.hash));
    let current = client.token.map(|token| token.hash());
    let list = sessions.into_iter().map(|session| entry(session, current)).collect();
    Ok(Data { list })
}

/// Returns the id of a session: the first bytes of its token's hash. Unique among the sessions of a member.
pub(crate) fn session_id(hash: &TokenHash) -> String {
    to_hex(&hash[..8])
}

fn entry(session: Session, current: Option<[u8; 32]>) -> Entry {
    Entry {
        id: session_id(&session.hash),
        current: Some(session.hash) == current,
        created: session.created,
        expires: session.expires,
        device: session.device,
        ip: session.ip.map(mask::mask_ip_in_log).unwrap_or_default(),
        place: session.location,
        r#type: session.login_method.map(to_api::login_type),
    }
}
