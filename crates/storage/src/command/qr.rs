//! Logging in by QR code: who asks for one draws it, a member logged in elsewhere scans and confirms it, and then it opens one
//! session, for who asked for it.

use super::session::{self, LoginOrigin, NewSession};
use super::{Command, actor, member};
use crate::row::{Qr, Session, TokenHash};
use crate::txn::Transaction;
use crate::vault::Hash;
use crate::{CommandError, StorageError};
use guanxi_types::{ErrorCode, Mid};

/// Keeps a code that somebody has asked for.
#[derive(Clone, Debug)]
pub struct DrawQr {
    /// The hash of its key.
    pub hash: Hash,
    /// The hash of what its caller alone knows.
    pub caller: Hash,
    /// From where it was asked for.
    pub whence: LoginOrigin,
    /// The time, in seconds.
    pub now: i64,
    /// From when it is none, in seconds.
    pub expires: i64,
}

impl Command for DrawQr {
    type Answer = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let DrawQr { hash, caller, whence, now, expires } = self.clone();
        let LoginOrigin { ip, device, place, carrier, .. } = whence;
        let qr = Qr {
            hash,
            caller,
            made: now,
            expires,
            device,
            ip: Some(ip),
            place,
            carrier,
            scanned: None,
            confirmed: false,
            by: None,
        };
        Ok(tx.put(&qr).await?)
    }
}

/// A code that has not expired; 30020 if there is none.
async fn live<T: Transaction>(tx: &mut T, hash: Hash, now: i64) -> Result<Qr, CommandError> {
    Ok(tx.get::<Qr>(hash).await?.filter(|qr| qr.expires > now).ok_or(ErrorCode::QrGone)?)
}

/// A member looks at a code. 30020 if it is none, or confirmed.
#[derive(Clone, Copy, Debug)]
pub struct ScanQr {
    /// Who.
    pub me: Mid,
    /// The hash of its key.
    pub hash: Hash,
    /// The time, in seconds.
    pub now: i64,
}

impl Command for ScanQr {
    type Answer = Qr;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<Qr, CommandError> {
        let &ScanQr { me, hash, now } = self;
        actor(tx, me).await?;
        let qr = live(tx, hash, now).await?;
        if qr.confirmed {
            return Err(ErrorCode::QrGone.into());
        }
        let qr = Qr { scanned: Some(me), ..qr };
        tx.put(&qr).await?;
        Ok(qr)
    }
}

/// A member says yes to a code they have looked at. 30020, 30021.
#[derive(Clone, Copy, Debug)]
pub struct ConfirmQr {
    /// Who.
    pub me: Mid,
    /// The hash of its key.
    pub hash: Hash,
    /// The session they say it with.
    pub by: TokenHash,
    /// The time, in seconds.
    pub now: i64,
}

impl Command for ConfirmQr {
    type Answer = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let &ConfirmQr { me, hash, by, now } = self;
        actor(tx, me).await?;
        let qr = live(tx, hash, now).await?;
        if qr.confirmed {
            return Err(ErrorCode::QrGone.into());
        }
        if qr.scanned != Some(me) {
            return Err(ErrorCode::QrNotScanned.into());
        }
        Ok(tx.put(&Qr { confirmed: true, by: Some(by), ..qr }).await?)
    }
}

/// Opens the session of a code that was confirmed, for who asked for it, and once: the code is gone then. Tells whose it
/// is; 30020 if it is not that far.
#[derive(Clone, Debug)]
pub struct ClaimQr {
    /// The hash of its key.
    pub hash: Hash,
    /// The hash of what its caller alone knows.
    pub caller: Hash,
    /// The session.
    pub arrival: NewSession,
    /// The time, in seconds.
    pub now: i64,
}

impl Command for ClaimQr {
    type Answer = Mid;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<Mid, CommandError> {
        let ClaimQr { hash, caller, arrival, now } = self;
        let qr = live(tx, *hash, *now).await?;
        let confirmed = qr.scanned.filter(|_| qr.confirmed && qr.caller == *caller);
        let mid = confirmed.ok_or(ErrorCode::QrGone)?;
        // A session that was ended, as by a new password, opens no other.
        let by = match qr.by {
            Some(by) => tx.get::<Session>(by).await?.filter(|by| by.mid == mid && by.expires > *now),
            None => None,
        };
        if by.is_none() || member(tx, mid).await?.is_none() {
            return Err(ErrorCode::QrGone.into());
        }
        claim(tx, *hash, mid, arrival, *now).await?;
        Ok(mid)
    }
}

async fn claim<T: Transaction>(
    tx: &mut T,
    hash: Hash,
    mid: Mid,
    arrival: &NewSession,
    now: i64,
) -> Result<(), StorageError> {
    tx.delete::<Qr>(hash).await?;
    session::arrive(tx, mid, arrival, now).await
}
