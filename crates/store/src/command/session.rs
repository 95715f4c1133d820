//! Sessions are opened and revoked.

use super::{Command, actor};
use crate::row::{How, LatestLogin, LoginRow, Session, TokenHash};
use crate::txn::Txn;
use crate::{Error, Fault};
use guanxi_wire::{Code, Mid};
use sha2::{Digest, Sha256};
use std::net::IpAddr;

/// Where a request comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whence {
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

impl Whence {
    /// The record of a try made from there.
    pub fn login(&self, mid: Mid, time: i64, how: How, ok: bool) -> LoginRow {
        let Whence { ip, device, buvid, place, carrier } = self.clone();
        LoginRow { mid, time, ip, how, ok, device, buvid, place, carrier }
    }
}

/// A session about to be opened, by somebody who has proved who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The hash of its token.
    pub hash: TokenHash,
    /// From when it is none, in seconds.
    pub expires: i64,
    /// How many a member may have; the oldest make room.
    pub most: usize,
    /// How they proved it.
    pub how: How,
    /// Where they come from.
    pub whence: Whence,
}

/// Opens a session for a member who has logged in, and records the login.
pub(super) async fn arrive<T: Txn>(tx: &mut T, mid: Mid, arrival: &Arrival, now: i64) -> Result<(), Fault> {
    let Arrival { hash, expires, most, how, ref whence } = *arrival;
    let mut sessions = tx.sessions(mid).await?;
    sessions.sort_by_key(|session| session.created);
    let room = most.max(1) - 1;
    for session in sessions.iter().take(sessions.len().saturating_sub(room)) {
        tx.drop_session(session).await?;
    }
    let Whence { ip, device, place, .. } = whence.clone();
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
pub(super) async fn record<T: Txn>(tx: &mut T, login: &LoginRow) -> Result<(), Fault> {
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

    async fn apply<T: Txn>(&self, tx: &mut T) -> Result<(), Error> {
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

    async fn apply<T: Txn>(&self, tx: &mut T) -> Result<usize, Error> {
        actor(tx, self.me).await?;
        Ok(end_all(tx, self.me, None).await?)
    }
}

/// Ends all of a member's sessions but one; tells how many.
pub(super) async fn end_all<T: Txn>(tx: &mut T, mid: Mid, but: Option<TokenHash>) -> Result<usize, Fault> {
    let sessions = tx.sessions(mid).await?;
    let ended: Vec<&Session> = sessions.iter().filter(|session| Some(session.hash) != but).collect();
    for session in &ended {
        tx.drop_session(session).await?;
    }
    Ok(ended.len())
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

    async fn apply<T: Txn>(&self, tx: &mut T) -> Result<(), Error> {
        let sessions = tx.sessions(self.me).await?;
        let session = sessions.iter().find(|session| session.hash.starts_with(&self.id));
        Ok(tx.drop_session(session.ok_or(Code::NoSession)?).await?)
    }
}
