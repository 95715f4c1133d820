//! `/logins`: where one is logged in, and who logged in or tried to.

use super::figures;
use super::frame::{Layout, Section};
use super::visit::PageContext;
use crate::answer::ApiError;
use crate::api;
use askama::Template;
use axum::response::Response;
use guanxi_api::api::passport::logins::{self, Logins as AskLogins};
use guanxi_api::api::passport::sessions::{self, Sessions};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "logins.html")]
struct Logins {
    frame: Layout,
    sessions: Vec<Session>,
    tries: Vec<Login>,
    days: u32,
}

struct Session {
    id: String,
    current: bool,
    device: String,
    /// Where, from which address, and how.
    from: String,
    created: String,
    expires: String,
}

struct Login {
    time: String,
    ok: bool,
    how: &'static str,
    device: String,
    ip: String,
    place: String,
    new: &'static str,
    session: Option<String>,
    current: bool,
}

/// Shows it.
pub async fn logins(visit: Arc<PageContext>) -> Result<Response, ApiError> {
    let sessions = visit.ask(api::passport::sessions::sessions, Sessions {}).await?.list;
    let logins = visit.ask(api::passport::logins::logins, AskLogins {}).await?.list;
    visit.show(&Logins {
        frame: visit.frame("登录记录", Section::Centre).await?,
        sessions: sessions.into_iter().map(session).collect(),
        tries: logins.into_iter().map(login).collect(),
        days: visit.app.limits.login_log_days,
    })
}

fn session(entry: sessions::Entry) -> Session {
    let sessions::Entry { id, current, created, expires, device, ip, place, r#type } = entry;
    let how = r#type.map_or("由运营者开启", how);
    let (created, expires) = (figures::minute(created), figures::date(expires));
    let from: Vec<String> = [place, ip, how.to_owned()].into_iter().filter(|part| !part.is_empty()).collect();
    Session { id, current, device: known(device), from: from.join(" · "), created, expires }
}

fn login(entry: logins::Entry) -> Login {
    let new = match (entry.new_device, entry.new_place) {
        (true, true) => "新设备 · 新地点",
        (true, false) => "新设备",
        (false, true) => "新地点",
        (false, false) => "",
    };
    Login {
        time: figures::minute(entry.time),
        ok: entry.status,
        how: how(entry.r#type),
        device: known(entry.device),
        ip: entry.ip,
        place: known(entry.place),
        new,
        session: entry.session,
        current: entry.current,
    }
}

fn how(kind: u8) -> &'static str {
    if kind == 0 { "密码" } else { "扫码" }
}

fn known(text: String) -> String {
    if text.is_empty() { "未知".to_owned() } else { text }
}
