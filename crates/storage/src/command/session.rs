//! Sessions are opened and revoked.

use super::{Command, Prefetch, actor};
use crate::row::{LatestLogin, LoginMethod, LoginRow, Session, TokenHash};
use crate::txn::Transaction;
use crate::{CommandError, StorageError};
use guanxi_types::{ErrorCode, Mid};
use sha2::{Digest, Sha256};
use std::net::IpAddr;

/// Where a request comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginOrigin {
    /// From which address.
    pub ip: IpAddr,
    /// With what.
    pub device: String,
    /// The device's `buvid3`; empty for none.
    pub buvid: String,
    /// Where: country, province and city.
    pub place: String,
    /// The address's carrier.
    pub carrier: String,
}

impl LoginOrigin {
    /// The record of a try made from there.
    pub fn login(&self, mid: Mid, time: i64, how: LoginMethod, ok: bool) -> LoginRow {
        let LoginOrigin { ip, device, buvid, place, carrier } = self.clone();
        LoginRow { mid, time, ip, how, ok, device, buvid, place, carrier }
    }
}

/// A session about to be opened, by somebody who has proved who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSession {
    /// The hash of its token.
    pub hash: TokenHash,
    /// From when it is none, in seconds.
    pub expires: i64,
    /// How many a member may have; the oldest make room.
    pub most: usize,
    /// How they proved it.
    pub how: LoginMethod,
    /// Where they come from.
    pub whence: LoginOrigin,
    /// The live session of the browser, whoever's it is: the cookies of the new one overwrite its token, so it ends.
    pub replaces: Option<TokenHash>,
}

impl NewSession {
    /// The rows that a login looks at first.
    pub(super) fn ahead(&self, ahead: Prefetch) -> Prefetch {
        self.replaces.into_iter().fold(ahead, Prefetch::row::<Session>)
    }
}

/// Opens a session for a member who has logged in, ends the one that it replaces, and records the login.
pub(super) async fn arrive<T: Transaction>(
    tx: &mut T,
    mid: Mid,
    arrival: &NewSession,
    now: i64,
) -> Result<(), StorageError> {
    let NewSession { hash, expires, most, how, ref whence, replaces } = *arrival;
    if let Some(old) = replaces
        && let Some(session) = tx.get::<Session>(old).await?
    {
        tx.drop_session(&session).await?;
    }
    let mut sessions = tx.sessions(mid).await?;
    sessions.sort_by_key(|session| session.created);
    let room = most.max(1) - 1;
    for session in sessions.iter().take(sessions.len().saturating_sub(room)) {
        tx.drop_session(session).await?;
    }
    let LoginOrigin { ip, device, place, .. } = whence.clone();
    tx.put_session(&Session {
        hash,
        mid,
        created: now,
        expires,
        how: Some(how),
        device,
        ip: Some(ip),
        place,
    })
    .await?;
    record(tx, &whence.login(mid, now, how, true)).await
}

/// The hash by which a member's latest login from a device is found.
pub fn device(buvid: &str) -> [u8; 32] {
    Sha256::digest(buvid).into()
}

/// Adds to a member's login log.
pub(super) async fn record<T: Transaction>(tx: &mut T, login: &LoginRow) -> Result<(), StorageError> {
    let (mid, device) = (login.mid, device(&login.buvid));
    let latest = tx.get::<LatestLogin>((mid, device)).await?.map_or(i64::MIN, |latest| latest.login.time);
    if login.ok && latest <= login.time {
        tx.put(&LatestLogin { mid, device, login: login.clone() }).await?;
    }
    tx.put_login(login).await
}

/// Opens a session for a member, as an operator may. -404 for nobody.
#[derive(Clone, Copy, Debug)]
pub struct OpenSession {
    /// Whose.
    pub me: Mid,
    /// The hash of its token.
    pub hash: TokenHash,
    /// The time, in seconds.
    pub now: i64,
    /// From when it is none, in seconds.
    pub expires: i64,
}

impl Command for OpenSession {
    type Answer = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let &OpenSession { me, hash, now, expires } = self;
        actor(tx, me).await?;
        let (device, place) = (String::new(), String::new());
        let session = Session { hash, mid: me, created: now, expires, how: None, device, ip: None, place };
        Ok(tx.put_session(&session).await?)
    }
}

/// Revokes all of a member's sessions; tells how many. -404 for nobody.
#[derive(Clone, Copy, Debug)]
pub struct RevokeSessions {
    /// Whose.
    pub me: Mid,
}

impl Command for RevokeSessions {
    type Answer = usize;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<usize, CommandError> {
        actor(tx, self.me).await?;
        Ok(end_all(tx, self.me).await?.len())
    }
}

/// Ends all of a member's sessions, and returns them.
pub(super) async fn end_all<T: Transaction>(tx: &mut T, mid: Mid) -> Result<Vec<Session>, StorageError> {
    let sessions = tx.sessions(mid).await?;
    for session in &sessions {
        tx.drop_session(session).await?;
    }
    Ok(sessions)
}

/// A new token for a session that goes on.
#[derive(Clone, Copy, Debug)]
pub struct Renewal {
    /// The hash of its token so far.
    pub old: TokenHash,
    /// The hash of its token from now on.
    pub new: TokenHash,
    /// From when it is none, in seconds.
    pub expires: i64,
}

impl Renewal {
    /// Ends all of a member's sessions; the one that is renewed goes on under its new token.
    pub(super) async fn end_others<T: Transaction>(&self, tx: &mut T, mid: Mid) -> Result<(), StorageError> {
        let &Renewal { old, new, expires } = self;
        for session in end_all(tx, mid).await? {
            if session.hash == old {
                tx.put_session(&Session { hash: new, expires, ..session }).await?;
            }
        }
        Ok(())
    }
}

/// Ends one of a member's sessions. 30013 if it is none of theirs.
#[derive(Clone, Copy, Debug)]
pub struct EndSession {
    /// Whose.
    pub me: Mid,
    /// What its hash begins with.
    pub id: [u8; 8],
}

impl Command for EndSession {
    type Answer = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let sessions = tx.sessions(self.me).await?;
        let session = sessions.iter().find(|session| session.hash.starts_with(&self.id));
        Ok(tx.drop_session(session.ok_or(ErrorCode::NoSession)?).await?)
    }
}
