//! Sessions of members who log in, and their cookies.

use crate::app::App;
use crate::handlers::login::list_logins::is_unfamiliar_login;
use crate::http::client_info::ClientInfo;
use crate::http::user_agent;
use crate::session_token::{Token, generate_buvid};
use guanxi_storage::StorageError;
use guanxi_storage::commands::{LoginOrigin, NewSession, SessionRenewal};
use guanxi_storage::model::LoginMethod;
use guanxi_types::Mid;
use http::HeaderValue;
use http::header::USER_AGENT;

/// Returns the origin of a request for the login log.
pub async fn login_origin(app: &App, client: &ClientInfo) -> LoginOrigin {
    let ip = client.client_ip(&app.trusted_proxies);
    let agent = client.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    let (device, buvid) = (user_agent::device_name(agent), client.buvid());
    let location = app.locate(ip).await;
    LoginOrigin { ip, device, buvid, location: location.name, isp: location.isp }
}

/// Creates a session with a new token for each login. The session replaces the client's current one.
///
/// `known` is the member who logs in. The device and the place of their login are compared with their login log.
pub async fn new_session(
    app: &App,
    client: &ClientInfo,
    method: LoginMethod,
    origin: LoginOrigin,
    known: Option<Mid>,
    now: i64,
) -> Result<(Token, NewSession), StorageError> {
    let token = Token::generate();
    let session = NewSession {
        hash: token.hash(),
        expires: now.saturating_add(app.limits.session_secs),
        max_sessions: app.limits.max_sessions,
        method,
        is_unfamiliar: match known {
            Some(mid) => is_unfamiliar_login(app, mid, &origin, now).await?,
            None => false,
        },
        origin,
        replaces: client.token.as_ref().map(Token::hash),
        outbox: app.outbox(client, now),
    };
    Ok((token, session))
}

/// Creates a new token for an existing session.
pub fn renewed_session(app: &App, old: &Token, now: i64) -> (Token, SessionRenewal) {
    let token = Token::generate();
    let expires = now.saturating_add(app.limits.session_secs);
    let renewal = SessionRenewal { old: old.hash(), new: token.hash(), expires };
    (token, renewal)
}

/// Returns the `Set-Cookie` headers of a new session.
pub fn session_cookies(app: &App, client: &ClientInfo, mid: Mid, token: &Token) -> Vec<HeaderValue> {
    let max_age = app.limits.session_secs;
    let cookies = [
        build_cookie(app, client, "SESSDATA", token.as_str(), max_age, "; HttpOnly"),
        // Scripts of pages read the next two: the first to send it as `csrf`, the second for the member's mid.
        build_cookie(app, client, "bili_jct", &token.csrf(), max_age, ""),
        build_cookie(app, client, "DedeUserID", &mid.to_string(), max_age, ""),
        device_cookie(app, client),
    ];
    cookies.into_iter().flatten().collect()
}

/// Returns a new `buvid3` cookie, or `None` if the client has one already.
pub fn device_cookie(app: &App, client: &ClientInfo) -> Option<HeaderValue> {
    const TWO_YEARS: i64 = 2 * 365 * 86_400;
    let is_new = client.buvid().is_empty();
    is_new.then(|| build_cookie(app, client, "buvid3", &generate_buvid(), TWO_YEARS, "")).flatten()
}

/// Returns `Set-Cookie` headers that delete the cookies of a session.
pub fn expired_cookies(app: &App, client: &ClientInfo) -> Vec<HeaderValue> {
    let names = [("SESSDATA", "; HttpOnly"), ("bili_jct", ""), ("DedeUserID", "")];
    names
        .into_iter()
        .filter_map(|(name, attributes)| build_cookie(app, client, name, "", 0, attributes))
        .collect()
}

/// Builds a `Set-Cookie` header for the whole service. Writes from pages of other sites do not carry the cookie.
/// `max_age` is in seconds.
pub fn build_cookie(
    app: &App,
    client: &ClientInfo,
    name: &str,
    value: &str,
    max_age: i64,
    attributes: &str,
) -> Option<HeaderValue> {
    let same_site = if attributes.contains("SameSite=") { "" } else { "; SameSite=Lax" };
    let is_https = app.public_url.starts_with("https:") || client.is_https(&app.trusted_proxies);
    let secure = if is_https { "; Secure" } else { "" };
    HeaderValue::try_from(format!("{name}={value}; Max-Age={max_age}; Path=/{same_site}{attributes}{secure}"))
        .ok()
}
