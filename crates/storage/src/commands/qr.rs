//! Commands of the login by QR code. A client creates a code, a member logged in elsewhere scans and confirms
//! it, and the client exchanges it for one session.

use super::session::{self, LoginOrigin, NewSession};
use super::{Command, active_member, require_member};
use crate::CommandError;
use crate::encryption::Hash;
use crate::model::{Factors, QrLogin, Session, TokenHash};
use crate::transaction::Transaction;
use guanxi_domain::factor::Proofs;
use guanxi_types::{ErrorCode, Mid};

/// Stores a new QR code.
#[derive(Clone, Debug)]
pub struct CreateQrCode {
    /// The hash of the code's key.
    pub hash: Hash,
    /// The hash of the secret that only the requesting client has.
    pub claim_secret: Hash,
    /// The origin of the request.
    pub origin: LoginOrigin,
    /// The current time, in seconds.
    pub now: i64,
    /// The time of expiry, in seconds.
    pub expires: i64,
}

impl Command for CreateQrCode {
    type Output = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let CreateQrCode { hash, claim_secret, origin, now, expires } = self.clone();
        let LoginOrigin { ip, device, location, isp, .. } = origin;
        let qr = QrLogin {
            hash,
            claim_secret,
            created: now,
            expires,
            device,
            ip: Some(ip),
            location,
            isp,
            scanned_by: None,
            confirmed: false,
            confirmed_by: None,
        };
        Ok(tx.put(&qr).await?)
    }
}

/// Returns a code that has not expired, or rejects with 30020.
async fn load_unexpired<T: Transaction>(tx: &mut T, hash: Hash, now: i64) -> Result<QrLogin, CommandError> {
    Ok(tx.get::<QrLogin>(hash).await?.filter(|qr| qr.expires > now).ok_or(ErrorCode::QrCodeExpired)?)
}

/// Returns a code that a member scanned and nobody confirmed. Rejects with 30020 or 30021.
async fn load_scanned<T: Transaction>(
    tx: &mut T,
    me: Mid,
    hash: Hash,
    now: i64,
) -> Result<QrLogin, CommandError> {
    require_member(tx, me).await?;
    let qr = load_unexpired(tx, hash, now).await?;
    if qr.confirmed {
        return Err(ErrorCode::QrCodeExpired.into());
    }
    if qr.scanned_by != Some(me) {
        return Err(ErrorCode::QrCodeNotScanned.into());
    }
    Ok(qr)
}

/// Marks a code as scanned by a member, and returns it. Rejects with 30020 if it is unknown, expired or confirmed.
#[derive(Clone, Copy, Debug)]
pub struct ScanQrCode {
    /// The member.
    pub me: Mid,
    /// The hash of the code's key.
    pub hash: Hash,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for ScanQrCode {
    type Output = QrLogin;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<QrLogin, CommandError> {
        let &ScanQrCode { me, hash, now } = self;
        require_member(tx, me).await?;
        let qr = load_unexpired(tx, hash, now).await?;
        if qr.confirmed {
            return Err(ErrorCode::QrCodeExpired.into());
        }
        let qr = QrLogin { scanned_by: Some(me), ..qr };
        tx.put(&qr).await?;
        Ok(qr)
    }
}

/// Confirms a code that the member scanned. Rejects with 30020 as [`ScanQrCode`] does, with 30021 if the member did
/// not scan it, and with 30113 if the session never proved the member's second factor.
#[derive(Clone, Copy, Debug)]
pub struct ConfirmQrCode {
    /// The member.
    pub me: Mid,
    /// The hash of the code's key.
    pub hash: Hash,
    /// The session of the confirming request.
    pub session: TokenHash,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for ConfirmQrCode {
    type Output = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let &ConfirmQrCode { me, hash, session, now } = self;
        let qr = load_scanned(tx, me, hash, now).await?;
        let has_factor = tx.get::<Factors>(me).await?.is_some_and(|factors| factors.has_any());
        let passed_factor = tx.get::<Session>(session).await?.is_some_and(|row| row.factor_proved > 0);
        if has_factor && !passed_factor {
            return Err(ErrorCode::ProofRequired.into());
        }
        Ok(tx.put(&QrLogin { confirmed: true, confirmed_by: Some(session), ..qr }).await?)
    }
}

/// Deletes a code that the member scanned. Rejects as [`ConfirmQrCode`] does.
#[derive(Clone, Copy, Debug)]
pub struct CancelQrCode {
    /// The member.
    pub me: Mid,
    /// The hash of the code's key.
    pub hash: Hash,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for CancelQrCode {
    type Output = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let &CancelQrCode { me, hash, now } = self;
        load_scanned(tx, me, hash, now).await?;
        Ok(tx.delete::<QrLogin>(hash).await?)
    }
}

/// Exchanges a confirmed code for a session of the requesting client, and deletes the code. Returns the member.
/// Rejects with 30020 if the code is not confirmed, or belongs to another client.
#[derive(Clone, Debug)]
pub struct ClaimQrCode {
    /// The hash of the code's key.
    pub hash: Hash,
    /// The hash of the secret that only the requesting client has.
    pub claim_secret: Hash,
    /// The session to create.
    pub session: NewSession,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for ClaimQrCode {
    type Output = Mid;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<Mid, CommandError> {
        let ClaimQrCode { hash, claim_secret, session: new_session, now } = self;
        let qr = load_unexpired(tx, *hash, *now).await?;
        let member = qr.scanned_by.filter(|_| qr.confirmed && qr.claim_secret == *claim_secret);
        let mid = member.ok_or(ErrorCode::QrCodeExpired)?;
        // A confirming session that was revoked since, as by a new password, must not create another session.
        let confirming = match qr.confirmed_by {
            Some(hash) => tx.get::<Session>(hash).await?,
            None => None,
        };
        let is_valid = confirming.is_some_and(|session| session.mid == mid && session.expires > *now);
        if !is_valid || active_member(tx, mid).await?.is_none() {
            return Err(ErrorCode::QrCodeExpired.into());
        }
        tx.delete::<QrLogin>(*hash).await?;
        // The new client proved nothing itself.
        session::create_session(tx, mid, new_session, Proofs::default(), *now).await?;
        Ok(mid)
    }
}
