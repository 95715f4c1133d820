//! Sessions without a password.

use super::ControlRequest;
use guanxi_api::emulator::open_session::{Data, OpenSession, SessionCookies};
use guanxi_api::operator::members::create_member::CreateMember;
use guanxi_domain::name;
use guanxi_server::App;
use guanxi_server::extract::ApiRequest;
use guanxi_server::http::response::ApiError;
use guanxi_server::identifiers;
use guanxi_server::operator::members::create_member::create_member;
use guanxi_server::session_token::{Token, generate_buvid, generate_id};
use guanxi_storage::Store;
use guanxi_storage::commands::CreateSession;
use guanxi_storage::encryption::IdentifierKind;
use guanxi_types::Mid;

/// The prefix of the names of new members.
const NAME_PREFIX: &str = "成员";

/// The number of digits in the name of a new member whose mid is not known yet.
const NAME_DIGITS: usize = 10;

/// Opens a session for a member, who is created if absent.
pub(super) async fn open_session(
    ControlRequest { app, request, .. }: ControlRequest<OpenSession>,
) -> Result<Data, ApiError> {
    let existing = find_member(&app, &request.params).await?;
    let mid = match existing {
        Some(mid) => mid,
        None => new_member(&app, request).await?,
    };
    let (token, now) = (Token::generate(), app.now());
    let expires = now.saturating_add(app.limits.session_secs);
    app.store.run(CreateSession { me: mid, hash: token.hash(), now, expires }).await?;
    let cookies = SessionCookies {
        sessdata: token.as_str().to_owned(),
        bili_jct: token.csrf(),
        dede_user_id: mid.to_string(),
        buvid3: generate_buvid(),
    };
    Ok(Data { mid, created: existing.is_none(), cookie: cookie_header(&cookies), cookies })
}

async fn find_member(app: &App, params: &OpenSession) -> Result<Option<Mid>, ApiError> {
    match (params.mid, &params.uname) {
        (Some(mid), _) => Ok(app.store.counters(mid).await?.map(|_| mid)),
        (None, Some(uname)) => {
            Ok(identifiers::find_by_identifier(app, IdentifierKind::Uname, &name::normalize_name(uname)?)
                .await?)
        }
        (None, None) => Ok(None),
    }
}

async fn new_member(app: &App, request: ApiRequest<OpenSession>) -> Result<Mid, ApiError> {
    let ApiRequest { caller, params: OpenSession { mid, uname }, now, client } = request;
    let number = || mid.map_or_else(|| generate_id()[..NAME_DIGITS].to_owned(), |mid| mid.to_string());
    let uname = uname.unwrap_or_else(|| format!("{NAME_PREFIX}{}", number()));
    let params = CreateMember { uname, mid, userid: None, password: None, tel: None, mail: None };
    Ok(create_member(app.clone(), ApiRequest { caller, params, now, client }).await?.mid)
}

fn cookie_header(cookies: &SessionCookies) -> String {
    let SessionCookies { sessdata, bili_jct, dede_user_id, buvid3 } = cookies;
    format!("SESSDATA={sessdata}; bili_jct={bili_jct}; DedeUserID={dede_user_id}; buvid3={buvid3}")
}
