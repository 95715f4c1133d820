//! `/logins`: active sessions and the login log.

use crate::handlers;
use crate::http::response::ApiError;
use crate::web::format;
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::PageContext;
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
    method: &'static str,
    device: String,
    ip: String,
    place: String,
    new_label: &'static str,
    session: Option<String>,
    is_current: bool,
}

/// Shows the page.
pub async fn logins(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let sessions =
        context.call_api(handlers::sessions::list_sessions::list_sessions, ListSessions {}).await?.list;
    let entries = context.call_api(handlers::login::list_logins::list_logins, ListLogins {}).await?.list;
    context.render(&LoginsPage {
        layout: context.layout("登录记录", NavSection::Account).await?,
        sessions: sessions.into_iter().map(session).collect(),
        logins: entries.into_iter().map(login).collect(),
        days: context.app.limits.login_log_days,
    })
}

fn session(entry: list_sessions::Entry) -> Session {
    let list_sessions::Entry { id, current, created, expires, device, ip, place, r#type } = entry;
    let method = r#type.map_or("由运营者开启", method_label);
    let (created, expires) = (format::format_minute(created), format::format_date(expires));
    let origin: Vec<String> =
        [place, ip, method.to_owned()].into_iter().filter(|part| !part.is_empty()).collect();
    Session {
        id,
        is_current: current,
        device: or_unknown(device),
        origin: origin.join(" · "),
        created,
        expires,
    }
}

fn login(entry: list_logins::Entry) -> Login {
    let new_label = match (entry.new_device, entry.new_place) {
        (true, true) => "新设备 · 新地点",
        (true, false) => "新设备",
        (false, true) => "新地点",
        (false, false) => "",
    };
    Login {
        time: format::format_minute(entry.time),
        is_success: entry.status,
        method: method_label(entry.r#type),
        device: or_unknown(entry.device),
        ip: entry.ip,
        place: or_unknown(entry.place),
        new_label,
        session: entry.session,
        is_current: entry.current,
    }
}

fn method_label(kind: u8) -> &'static str {
    if kind == 0 { "密码" } else { "扫码" }
}

fn or_unknown(text: String) -> String {
    if text.is_empty() { "未知".to_owned() } else { text }
}
