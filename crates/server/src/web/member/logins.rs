//! `/logins`: active sessions and the login log.

use crate::handlers;
use crate::http::response::ApiError;
use crate::web::language::Language;
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::PageContext;
use crate::web::text::Key;
use askama::Template;
use axum::response::Response;
use guanxi_api::login::list_logins::{self, ListLogins};
use guanxi_api::sessions::list_sessions::{self, ListSessions};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "member/logins.html")]
struct LoginsPage {
    layout: Layout,
    sessions: Vec<Session>,
    logins: Vec<Login>,
    days: u32,
}

struct Session {
    id: String,
    is_current: bool,
    device: String,
    /// Location, IP address and login method.
    origin: String,
    created: String,
    expires: String,
}

struct Login {
    time: String,
    is_success: bool,
    /// Method and result.
    result: Key,
    device: String,
    ip: String,
    place: String,
    new_label: Option<Key>,
    session: Option<String>,
    is_current: bool,
}

/// Shows the page.
pub async fn logins(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let sessions =
        context.call_api(handlers::sessions::list_sessions::list_sessions, ListSessions {}).await?.list;
    let t = context.language();
    let entries = context.call_api(handlers::login::list_logins::list_logins, ListLogins {}).await?.list;
    context.render(&LoginsPage {
        layout: context.layout(t.text("logins"), NavSection::Account).await?,
        sessions: sessions.into_iter().map(|entry| session(entry, t)).collect(),
        logins: entries.into_iter().map(|entry| login(entry, t)).collect(),
        days: context.app.limits.login_log_days,
    })
}

fn session(entry: list_sessions::Entry, language: Language) -> Session {
    let list_sessions::Entry { id, current, created, expires, device, ip, place, r#type } = entry;
    let method = language.text(r#type.map_or(Key("opened-by-operator"), method_label));
    let (created, expires) = (language.minute(created), language.date(expires));
    let origin: Vec<String> =
        [language.place(place), ip, method.to_string()].into_iter().filter(|part| !part.is_empty()).collect();
    Session {
        id,
        is_current: current,
        device: language.device(device),
        origin: origin.join(" · "),
        created,
        expires,
    }
}

fn login(entry: list_logins::Entry, language: Language) -> Login {
    let new_label = match (entry.new_device, entry.new_place) {
        (true, true) => Some(Key("new-device-and-place")),
        (true, false) => Some(Key("new-device")),
        (false, true) => Some(Key("new-place")),
        (false, false) => None,
    };
    let result = match (entry.r#type, entry.status) {
        (0, true) => Key("password-login-succeeded"),
        (0, false) => Key("password-login-failed"),
        (1, true) => Key("qr-login-succeeded"),
        (1, false) => Key("qr-login-failed"),
        (_, true) => Key("passkey-login-succeeded"),
        (_, false) => Key("passkey-login-failed"),
    };
    let place = Some(language.place(entry.place)).filter(|place| !place.is_empty());
    Login {
        time: language.minute(entry.time),
        is_success: entry.status,
        result,
        device: language.device(entry.device),
        ip: entry.ip,
        place: place.unwrap_or_else(|| language.text("unknown").to_string()),
        new_label,
        session: entry.session,
        is_current: entry.current,
    }
}

fn method_label(kind: u8) -> Key {
    match kind {
        0 => Key("password"),
        1 => Key("by-qr-code"),
        _ => Key("passkey"),
    }
}
