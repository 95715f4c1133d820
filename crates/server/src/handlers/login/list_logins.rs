//! `GET /passport/logins`: the latest logins of the caller, with new devices and places marked.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::handlers::sessions::list_sessions::session_id;
use crate::http::response::ApiError;
use crate::to_api;
use guanxi_api::login::list_logins::{Data, Entry, ListLogins};
use guanxi_domain::login::{self, FAMILIAR_DAYS, Unfamiliar};
use guanxi_domain::{day, mask};
use guanxi_storage::commands::LoginOrigin;
use guanxi_storage::model::{LoginMethod, LoginRow, Session, TokenHash};
use guanxi_storage::{StorageError, Store};
use guanxi_types::Mid;

/// Returns the caller's login attempts of the last days, newest first.
pub async fn list_logins(
    app: App,
    ApiRequest { caller: me, now, client, .. }: ApiRequest<ListLogins>,
) -> Result<Data, ApiError> {
    let current = client.token.map(|token| token.hash());
    let list = recent_logins(&app, me, now).await?.into_iter().map(|login| entry(login, current)).collect();
    Ok(Data { list })
}

/// A recent login attempt.
pub(crate) struct RecentLogin {
    pub(crate) row: LoginRow,
    pub(crate) unfamiliar: Unfamiliar,
    /// The live session that the login opened.
    pub(crate) session: Option<TokenHash>,
}

/// Returns a member's login attempts of the last days, newest first. An attempt is compared with those of
/// [`FAMILIAR_DAYS`] further days to detect a new device or place.
pub(crate) async fn recent_logins(app: &App, me: Mid, now: i64) -> Result<Vec<RecentLogin>, StorageError> {
    let since = day::days_before(now, app.limits.login_log_days);
    let known_since = day::days_before(since, FAMILIAR_DAYS);
    let mut rows = app.store.login_log(me, known_since, app.limits.log_entries).await?;
    let is_truncated = rows.len() == app.limits.log_entries;
    rows.retain(|row| row.time <= now);
    rows.reverse();
    let is_complete =
        !is_truncated && app.store.first_login(me).await?.is_none_or(|first| first.time >= known_since);
    let unfamiliar =
        login::detect_unfamiliar(&rows.iter().map(login_attempt).collect::<Vec<_>>(), is_complete);
    let mut sessions = app.store.sessions(me).await?;
    sessions.retain(|session| session.expires > now);
    let shown = rows.into_iter().zip(unfamiliar).skip_while(|(row, _)| row.time < since);
    let mut recent: Vec<RecentLogin> = shown
        .map(|(row, unfamiliar)| {
            let opened = sessions.iter().position(|session| opened_session(session, &row));
            RecentLogin { session: opened.map(|index| sessions.swap_remove(index).hash), row, unfamiliar }
        })
        .collect();
    recent.reverse();
    Ok(recent)
}

/// Returns true if a login of a member comes from a new device or place.
pub(crate) async fn is_unfamiliar_login(
    app: &App,
    me: Mid,
    origin: &LoginOrigin,
    now: i64,
) -> Result<bool, StorageError> {
    let known_since = day::days_before(now, FAMILIAR_DAYS);
    let mut rows = app.store.login_log(me, known_since, app.limits.log_entries).await?;
    let is_truncated = rows.len() == app.limits.log_entries;
    rows.retain(|row| row.time <= now);
    rows.reverse();
    let is_complete =
        !is_truncated && app.store.first_login(me).await?.is_none_or(|first| first.time >= known_since);
    rows.push(origin.login_row(me, now, LoginMethod::Password, true));
    let attempts: Vec<_> = rows.iter().map(login_attempt).collect();
    let unfamiliar = login::detect_unfamiliar(&attempts, is_complete).pop().unwrap_or_default();
    Ok(unfamiliar.device || unfamiliar.location)
}

fn login_attempt(row: &LoginRow) -> login::LoginAttempt<'_> {
    let LoginRow { time, success, buvid, device, location, .. } = row;
    login::LoginAttempt { time: *time, success: *success, buvid, device, location }
}

/// Returns true if a login opened a session. Two equal logins within one second are paired with their sessions in
/// any order.
fn opened_session(session: &Session, row: &LoginRow) -> bool {
    let Session { created, login_method, ip, ref device, .. } = *session;
    row.success
        && (created, login_method, ip, device) == (row.time, Some(row.method), Some(row.ip), &row.device)
}

fn entry(RecentLogin { row, unfamiliar, session }: RecentLogin, current: Option<TokenHash>) -> Entry {
    Entry {
        time: row.time,
        status: row.success,
        r#type: to_api::login_type(row.method),
        ip: mask::mask_ip_in_log(row.ip),
        place: format!("{}{}", row.location, row.isp),
        device: row.device,
        new_device: unfamiliar.device,
        new_place: unfamiliar.location,
        session: session.map(|hash| session_id(&hash)),
        current: session.is_some() && session == current,
    }
}
