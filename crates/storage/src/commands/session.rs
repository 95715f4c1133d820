//! Commands of sessions: creation, renewal, revocation, and the login log.

use super::news::{add_news, renew_session_mark, session_mark};
use super::{Command, Outbox, Prefetch, require_member};
use crate::model::{LatestLogin, LoginMethod, LoginRow, MessageKind, Session, TokenHash};
use crate::transaction::Transaction;
use crate::{CommandError, StorageError};
use guanxi_domain::factor::Proofs;
use guanxi_domain::mask;
use guanxi_domain::news::{NewsItem, NewsKind};
use guanxi_types::{ErrorCode, Mid};
use sha2::{Digest, Sha256};
use std::net::IpAddr;

/// The origin of a request, as the login log shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginOrigin {
    /// The IP address of the client.
    pub ip: IpAddr,
    /// The name of the device.
    pub device: String,
    /// The device's `buvid3`, or the empty string.
    pub buvid: String,
    /// The location of the address: country, province and city.
    pub location: String,
    /// The internet service provider of the address.
    pub isp: String,
}

impl LoginOrigin {
    /// Returns the entry of the login log for an attempt from this origin.
    pub fn login_row(&self, mid: Mid, time: i64, method: LoginMethod, success: bool) -> LoginRow {
        let LoginOrigin { ip, device, buvid, location, isp } = self.clone();
        LoginRow { mid, time, ip, method, success, device, buvid, location, isp }
    }
}

/// A session to be created for an authenticated member.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The hash of the session token.
    pub hash: TokenHash,
    /// The time of expiry, in seconds.
    pub expires: i64,
    /// The maximum number of sessions of a member. The oldest ones are revoked.
    pub max_sessions: usize,
    /// The method of authentication.
    pub method: LoginMethod,
    /// The origin of the login.
    pub origin: LoginOrigin,
    /// True if the login is news: its device or place is new.
    pub is_unfamiliar: bool,
    /// The browser's current session, of any member. The new cookies overwrite its token, so it is revoked.
    pub replaces: Option<TokenHash>,
    /// The writer of the message about an unfamiliar login.
    pub outbox: Outbox,
}

impl NewSession {
    /// Adds the prefetch hints of the session's creation.
    pub(super) fn prefetch(&self, prefetch: Prefetch) -> Prefetch {
        self.replaces.into_iter().fold(prefetch, Prefetch::row::<Session>)
    }
}

/// Creates a session after a login with its proofs, revokes the session that it replaces, and records the login.
pub(super) async fn create_session<T: Transaction>(
    tx: &mut T,
    mid: Mid,
    new_session: &NewSession,
    proofs: Proofs,
    now: i64,
) -> Result<(), StorageError> {
    let NewSession { hash, expires, max_sessions, method, ref origin, is_unfamiliar, replaces, ref outbox } =
        *new_session;
    if let Some(old) = replaces
        && let Some(session) = tx.get::<Session>(old).await?
    {
        tx.delete_session(&session).await?;
    }
    let mut sessions = tx.sessions(mid).await?;
    sessions.sort_by_key(|session| session.created);
    let kept_sessions = max_sessions.max(1) - 1;
    for session in sessions.iter().take(sessions.len().saturating_sub(kept_sessions)) {
        tx.delete_session(session).await?;
    }
    let LoginOrigin { ip, device, location, .. } = origin.clone();
    tx.put_session(&Session {
        hash,
        mid,
        created: now,
        expires,
        login_method: Some(method),
        device,
        ip: Some(ip),
        location,
        password_proved: proofs.password,
        factor_proved: proofs.factor,
    })
    .await?;
    if is_unfamiliar {
        let item = NewsItem {
            text: origin.device.clone(),
            remark: format!("{}{}", origin.location, origin.isp),
            ip: mask::mask_ip_in_log(origin.ip),
            session: session_mark(&hash),
            ..NewsItem::new(NewsKind::Login, now)
        };
        add_news(tx, mid, item).await?;
        let detail = format!("{}\n{}{}", origin.device, origin.location, origin.isp);
        outbox.notify_of(tx, mid, MessageKind::Login, Some(&detail)).await?;
    }
    record_login(tx, &origin.login_row(mid, now, method, true)).await
}

/// Returns the hash of a `buvid3`, the key of a member's latest login from a device.
pub fn device_hash(buvid: &str) -> [u8; 32] {
    Sha256::digest(buvid).into()
}

/// Appends to a member's login log, and updates the latest login of the device.
pub(super) async fn record_login<T: Transaction>(tx: &mut T, row: &LoginRow) -> Result<(), StorageError> {
    let (mid, device) = (row.mid, device_hash(&row.buvid));
    let latest = tx.get::<LatestLogin>((mid, device)).await?.map_or(i64::MIN, |latest| latest.login.time);
    if row.success && latest <= row.time {
        tx.put(&LatestLogin { mid, device, login: row.clone() }).await?;
    }
    tx.append_login(row).await
}

/// Creates a session without a login. Rejects with -404 for an unknown member.
#[derive(Clone, Copy, Debug)]
pub struct CreateSession {
    /// The member.
    pub me: Mid,
    /// The hash of the session token.
    pub hash: TokenHash,
    /// The current time, in seconds.
    pub now: i64,
    /// The time of expiry, in seconds.
    pub expires: i64,
}

impl Command for CreateSession {
    type Output = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let &CreateSession { me, hash, now, expires } = self;
        require_member(tx, me).await?;
        let (device, location) = (String::new(), String::new());
        let session = Session {
            hash,
            mid: me,
            created: now,
            expires,
            login_method: None,
            device,
            ip: None,
            location,
            password_proved: 0,
            factor_proved: 0,
        };
        Ok(tx.put_session(&session).await?)
    }
}

/// Revokes all sessions of a member, and returns their number. Rejects with -404 for an unknown member.
#[derive(Clone, Copy, Debug)]
pub struct RevokeSessions {
    /// The member.
    pub me: Mid,
}

impl Command for RevokeSessions {
    type Output = usize;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<usize, CommandError> {
        require_member(tx, self.me).await?;
        Ok(revoke_all(tx, self.me).await?.len())
    }
}

/// Revokes all sessions of a member, and returns them.
pub(super) async fn revoke_all<T: Transaction>(tx: &mut T, mid: Mid) -> Result<Vec<Session>, StorageError> {
    let sessions = tx.sessions(mid).await?;
    for session in &sessions {
        tx.delete_session(session).await?;
    }
    Ok(sessions)
}

/// A new token of a session that stays valid.
#[derive(Clone, Copy, Debug)]
pub struct SessionRenewal {
    /// The hash of the old token.
    pub old: TokenHash,
    /// The hash of the new token.
    pub new: TokenHash,
    /// The new time of expiry, in seconds.
    pub expires: i64,
}

impl SessionRenewal {
    /// Revokes the other sessions of a member, and stores the renewed session under its new token.
    pub(super) async fn revoke_others<T: Transaction>(
        &self,
        tx: &mut T,
        mid: Mid,
    ) -> Result<(), StorageError> {
        let &SessionRenewal { old, new, expires } = self;
        for session in revoke_all(tx, mid).await? {
            if session.hash == old {
                tx.put_session(&Session { hash: new, expires, ..session }).await?;
                renew_session_mark(tx, mid, &old, &new).await?;
            }
        }
        Ok(())
    }
}

/// Revokes one session of a member. Rejects with 30013 if the member has no such session.
#[derive(Clone, Copy, Debug)]
pub struct RevokeSession {
    /// The member.
    pub me: Mid,
    /// The first bytes of the hash of the session token.
    pub id: [u8; 8],
}

impl Command for RevokeSession {
    type Output = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let sessions = tx.sessions(self.me).await?;
        let session = sessions.iter().find(|session| session.hash.starts_with(&self.id));
        Ok(tx.delete_session(session.ok_or(ErrorCode::SessionNotFound)?).await?)
    }
}
