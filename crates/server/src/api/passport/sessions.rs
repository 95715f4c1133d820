//! `GET /passport/sessions`: where one is logged in.

pub mod revoke;

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use crate::session::hex;
use guanxi_api::api::passport::sessions::{Data, Entry, Sessions};
use guanxi_domain::mask;
use guanxi_storage::Store;
use guanxi_storage::row::{LoginMethod, Session, TokenHash};

/// Tells one's live sessions, the newest first.
pub async fn sessions(
    app: App,
    ApiRequest { who: me, now, sender, .. }: ApiRequest<Sessions>,
) -> Result<Data, ApiError> {
    let mut sessions = app.store.sessions(me).await?;
    sessions.retain(|session| session.expires > now);
    sessions.sort_by_key(|session| (std::cmp::Reverse(session.created), session.hash));
    let current = sender.token.map(|token| token.hash());
    let list = sessions.into_iter().map(|session| entry(session, current)).collect();
    Ok(Data { list })
}

/// What tells a session from its member's others.
pub(super) fn id(hash: &TokenHash) -> String {
    hex(&hash[..8])
}

fn entry(session: Session, current: Option<[u8; 32]>) -> Entry {
    Entry {
        id: id(&session.hash),
        current: Some(session.hash) == current,
        created: session.created,
        expires: session.expires,
        device: session.device,
        ip: session.ip.map(mask::ip_in_log).unwrap_or_default(),
        place: session.place,
        r#type: session.how.map(|how| match how {
            LoginMethod::Password => 0,
            LoginMethod::Qr => 1,
        }),
    }
}
