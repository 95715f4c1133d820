//! Somebody is logged in: a session is opened, and its cookies are set.

use crate::app::App;
use crate::device;
use crate::sender::ClientInfo;
use crate::session::{Token, draw_buvid};
use guanxi_storage::command::{LoginOrigin, NewSession, Renewal};
use guanxi_storage::row::LoginMethod;
use guanxi_types::Mid;
use http::HeaderValue;
use http::header::USER_AGENT;

/// Where a request comes from, as a login record tells it.
pub async fn whence(app: &App, sender: &ClientInfo) -> LoginOrigin {
    let ip = sender.address(&app.trusted_proxies);
    let agent = sender.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    let (device, buvid) = (device::name(agent), sender.buvid());
    let place = app.place(ip).await;
    LoginOrigin { ip, device, buvid, place: place.place, carrier: place.carrier }
}

/// A session about to be opened, and the token that only its member is given: a new one at each login. The session that the
/// sender has so far ends with it.
pub fn arrival(
    app: &App,
    sender: &ClientInfo,
    how: LoginMethod,
    whence: LoginOrigin,
    now: i64,
) -> (Token, NewSession) {
    let token = Token::draw();
    let arrival = NewSession {
        hash: token.hash(),
        expires: now.saturating_add(app.limits.session),
        most: app.limits.sessions,
        how,
        whence,
        replaces: sender.token.as_ref().map(Token::hash),
    };
    (token, arrival)
}

/// A new token for the session of a request.
pub fn renewal(app: &App, old: &Token, now: i64) -> (Token, Renewal) {
    let token = Token::draw();
    let expires = now.saturating_add(app.limits.session);
    let renewal = Renewal { old: old.hash(), new: token.hash(), expires };
    (token, renewal)
}

/// The cookies of a session that was opened.
pub fn cookies(app: &App, sender: &ClientInfo, mid: Mid, token: &Token) -> Vec<HeaderValue> {
    let age = app.limits.session;
    let mut cookies = vec![
        cookie(app, sender, "SESSDATA", token.secret(), age, "; HttpOnly"),
        // Pages have to read these two: one to send it back as csrf, the other to know whose they are.
        cookie(app, sender, "bili_jct", &token.csrf(), age, ""),
        cookie(app, sender, "DedeUserID", &mid.to_string(), age, ""),
    ];
    cookies.extend(buvid(app, sender));
    cookies.into_iter().flatten().collect()
}

/// A `buvid3` for a device that has none yet: on its first visit.
pub fn buvid(app: &App, sender: &ClientInfo) -> Option<Option<HeaderValue>> {
    const YEARS: i64 = 2 * 365 * 86_400;
    sender.buvid().is_empty().then(|| cookie(app, sender, "buvid3", &draw_buvid(), YEARS, ""))
}

/// Takes the cookies of a session back.
pub fn gone(app: &App, sender: &ClientInfo) -> Vec<HeaderValue> {
    let names = [("SESSDATA", "; HttpOnly"), ("bili_jct", ""), ("DedeUserID", "")];
    names.into_iter().filter_map(|(name, more)| cookie(app, sender, name, "", 0, more)).collect()
}

/// A cookie for the whole service, which no page of another site sends with a write.
pub fn cookie(
    app: &App,
    sender: &ClientInfo,
    name: &str,
    value: &str,
    age: i64,
    more: &str,
) -> Option<HeaderValue> {
    let same = if more.contains("SameSite=") { "" } else { "; SameSite=Lax" };
    let https = app.public_url.starts_with("https:") || sender.is_secure(&app.trusted_proxies);
    let secure = if https { "; Secure" } else { "" };
    HeaderValue::try_from(format!("{name}={value}; Max-Age={age}; Path=/{same}{more}{secure}")).ok()
}
