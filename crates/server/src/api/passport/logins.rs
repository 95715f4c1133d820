//! `GET /passport/logins`: one's logins of late, with what is new about them.

use super::sessions::id;
use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::passport::logins::{Data, Entry, Logins};
use guanxi_domain::login::{self, KNOWN_DAYS, New};
use guanxi_domain::{day, mask};
use guanxi_storage::row::{LoginMethod, LoginRow, Session, TokenHash};
use guanxi_storage::{StorageError, Store};
use guanxi_types::Mid;

/// Tells one's tries of the last days, the newest first.
pub async fn logins(
    app: App,
    ApiRequest { who: me, now, sender, .. }: ApiRequest<Logins>,
) -> Result<Data, ApiError> {
    let current = sender.token.map(|token| token.hash());
    let list = recent(&app, me, now).await?.into_iter().map(|login| entry(login, current)).collect();
    Ok(Data { list })
}

/// A try of late.
pub(super) struct Recent {
    pub(super) row: LoginRow,
    pub(super) new: New,
    /// The live session that it opened.
    pub(super) session: Option<TokenHash>,
}

/// A member's tries of the last days, the newest first. What is new about them is told by those of [`KNOWN_DAYS`] more.
pub(super) async fn recent(app: &App, me: Mid, now: i64) -> Result<Vec<Recent>, StorageError> {
    let since = day::days_before(now, app.limits.login_log_days);
    let from = day::days_before(since, KNOWN_DAYS);
    let mut rows = app.store.logins(me, from, app.limits.log).await?;
    let is_cut = rows.len() == app.limits.log;
    rows.retain(|row| row.time <= now);
    rows.reverse();
    let is_whole = !is_cut && app.store.first_login(me).await?.is_none_or(|first| first.time >= from);
    let new = login::news(&rows.iter().map(told).collect::<Vec<_>>(), is_whole);
    let mut sessions = app.store.sessions(me).await?;
    sessions.retain(|session| session.expires > now);
    let late = rows.into_iter().zip(new).skip_while(|(row, _)| row.time < since);
    let mut recent: Vec<Recent> = late
        .map(|(row, new)| {
            let opened = sessions.iter().position(|session| is_of(session, &row));
            Recent { session: opened.map(|at| sessions.swap_remove(at).hash), row, new }
        })
        .collect();
    recent.reverse();
    Ok(recent)
}

fn told(row: &LoginRow) -> login::Login<'_> {
    let LoginRow { time, ok, buvid, device, place, .. } = row;
    login::Login { time: *time, ok: *ok, buvid, device, place }
}

/// Whether a login opened a session: of two alike in one second, each is taken for one.
fn is_of(session: &Session, row: &LoginRow) -> bool {
    let Session { created, how, ip, ref device, .. } = *session;
    row.ok && (created, how, ip, device) == (row.time, Some(row.how), Some(row.ip), &row.device)
}

fn entry(Recent { row, new, session }: Recent, current: Option<TokenHash>) -> Entry {
    Entry {
        time: row.time,
        status: row.ok,
        r#type: match row.how {
            LoginMethod::Password => 0,
            LoginMethod::Qr => 1,
        },
        ip: mask::ip_in_log(row.ip),
        place: format!("{}{}", row.place, row.carrier),
        device: row.device,
        new_device: new.device,
        new_place: new.place,
        session: session.map(|hash| id(&hash)),
        current: session.is_some() && session == current,
    }
}
