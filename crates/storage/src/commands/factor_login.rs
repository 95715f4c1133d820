//! Commands that prove a second factor: the second step of a login, a login by passkey, and the proof of a session.

use super::login::{ConsumedAttempts, password_mark};
use super::session::{self, NewSession};
use super::{Command, Prefetch, active_member, require_member};
use crate::encryption::Hash;
use crate::model::{Challenge, Factors, Passkey, Password, RateLimitBucket, Session, TokenHash};
use crate::transaction::Transaction;
use crate::{CommandError, StorageError};
use guanxi_domain::factor::{self, Proofs};
use guanxi_types::{ErrorCode, Mid};

/// A second factor that the service verified. The command rejects one that was used meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactorProof {
    /// The step of a one-time code.
    Totp(i64),
    /// The hash of a recovery code, in hexadecimal digits.
    RecoveryCode(String),
    /// A passkey.
    Passkey {
        /// The id of the credential.
        credential_id: String,
        /// The stored credential against which the response was verified.
        before: String,
        /// The credential after its use, with the new sign counter.
        after: String,
    },
}

impl FactorProof {
    /// Marks the factor as used. Rejects with 30111 if it is not valid, or no longer.
    async fn consume<T: Transaction>(&self, tx: &mut T, mid: Mid, now: i64) -> Result<(), CommandError> {
        let mut factors = tx.get::<Factors>(mid).await?.unwrap_or(Factors::new(mid));
        let is_valid = match self {
            FactorProof::Totp(step) => {
                let is_valid = factors.totp.is_some() && factor::is_unused_step(factors.totp_step, *step);
                factors.totp_step = factors.totp_step.max(*step);
                is_valid
            }
            FactorProof::RecoveryCode(hash) => {
                let count = factors.recovery_codes.len();
                factors.recovery_codes.retain(|code| code != hash);
                factors.has_any() && factors.recovery_codes.len() < count
            }
            FactorProof::Passkey { credential_id, before, after } => {
                let is_same =
                    |key: &&mut Passkey| key.credential_id == *credential_id && key.credential == *before;
                match factors.passkeys.iter_mut().find(is_same) {
                    Some(key) => {
                        (key.used, key.credential) = (now, after.clone());
                        true
                    }
                    None => false,
                }
            }
        };
        if !is_valid {
            return Err(ErrorCode::WrongFactor.into());
        }
        Ok(tx.put(&factors).await?)
    }

    /// Returns the proofs of a session that used the factor. A passkey verifies its user, so it counts as a password
    /// too.
    fn proofs(&self, before: Proofs, now: i64) -> Proofs {
        let is_passkey = matches!(self, FactorProof::Passkey { .. });
        Proofs { password: if is_passkey { now } else { before.password }, factor: now }
    }
}

/// Returns a challenge that has not expired, or rejects with 30112.
async fn load_unexpired<T: Transaction>(tx: &mut T, hash: Hash, now: i64) -> Result<Challenge, CommandError> {
    let challenge = tx.get::<Challenge>(hash).await?.filter(|challenge| challenge.expires > now);
    Ok(challenge.ok_or(ErrorCode::LoginStepExpired)?)
}

/// Counts a try of the second step of a login before its code is verified, and returns the member. The step ends with
/// the last try. Rejects with 30112 if there is no such step.
#[derive(Clone, Copy, Debug)]
pub struct CountTry {
    /// The hash of the secret that only the client has.
    pub hash: Hash,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for CountTry {
    type Output = Mid;
    const PREFETCHES_ALL_LOCKS: bool = true;

    fn prefetch(&self) -> Prefetch {
        Prefetch::default().row::<Challenge>(self.hash)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<Mid, CommandError> {
        let challenge = load_unexpired(tx, self.hash, self.now).await?;
        let mid = challenge.mid.filter(|_| challenge.tries < factor::MAX_TRIES);
        let mid = mid.ok_or(ErrorCode::LoginStepExpired)?;
        tx.put(&Challenge { tries: challenge.tries + 1, ..challenge }).await?;
        Ok(mid)
    }
}

/// Completes a login by its second step: refunds the attempt and creates the session. Returns the member. Rejects
/// with 30112 if the step has ended or the password changed, and with 30111 if the factor is not valid.
#[derive(Clone, Debug)]
pub struct CompleteSecondStep {
    /// The hash of the secret that only the client has.
    pub hash: Hash,
    /// The verified factor.
    pub proof: FactorProof,
    /// The attempt to refund.
    pub attempts: ConsumedAttempts,
    /// The session to create.
    pub session: NewSession,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for CompleteSecondStep {
    type Output = Mid;

    fn prefetch(&self) -> Prefetch {
        let buckets = [self.attempts.account, self.attempts.address];
        let prefetch = Prefetch::default().row::<Challenge>(self.hash);
        self.session.prefetch(buckets.into_iter().fold(prefetch, Prefetch::row::<RateLimitBucket>))
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<Mid, CommandError> {
        let &CompleteSecondStep { hash, ref proof, attempts, ref session, now } = self;
        let challenge = load_unexpired(tx, hash, now).await?;
        let mid = challenge.mid.ok_or(ErrorCode::LoginStepExpired)?;
        let phc = tx.get::<Password>(mid).await?.map(|password| password_mark(&password.phc));
        if phc != challenge.password || active_member(tx, mid).await?.is_none() {
            return Err(ErrorCode::LoginStepExpired.into());
        }
        proof.consume(tx, mid, now).await?;
        attempts.refund(tx).await?;
        tx.delete::<Challenge>(hash).await?;
        session::create_session(tx, mid, session, Proofs { password: now, factor: now }, now).await?;
        Ok(mid)
    }
}

/// Stores the challenge of a passkey. It replaces the one of the same secret.
#[derive(Clone, Debug)]
pub struct StorePasskeyChallenge {
    /// The hash of the secret that only the client has.
    pub hash: Hash,
    /// The state of the passkey library, as JSON.
    pub state: String,
    /// The second from which the challenge is expired.
    pub expires: i64,
}

impl Command for StorePasskeyChallenge {
    type Output = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let StorePasskeyChallenge { hash, state, expires } = self.clone();
        Ok(tx.put(&Challenge { hash, expires, mid: None, password: None, tries: 0, state }).await?)
    }
}

/// Deletes the challenge of a passkey and returns its state, so that each is answered once. Rejects with 30117 if
/// there is none.
#[derive(Clone, Copy, Debug)]
pub struct TakePasskeyChallenge {
    /// The hash of the secret that only the client has.
    pub hash: Hash,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for TakePasskeyChallenge {
    type Output = String;

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<String, CommandError> {
        let challenge = tx.get::<Challenge>(self.hash).await?;
        let challenge = challenge.filter(|row| row.mid.is_none() && row.expires > self.now);
        let state = challenge.ok_or(ErrorCode::InvalidPasskey)?.state;
        tx.delete::<Challenge>(self.hash).await?;
        Ok(state)
    }
}

/// Creates a session of a member whose passkey was verified. Rejects with 30111 if the passkey was used or removed
/// meanwhile.
#[derive(Clone, Debug)]
pub struct LogInWithPasskey {
    /// The member.
    pub me: Mid,
    /// The verified passkey.
    pub proof: FactorProof,
    /// The session to create.
    pub session: NewSession,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for LogInWithPasskey {
    type Output = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let &LogInWithPasskey { me, ref proof, ref session, now } = self;
        if active_member(tx, me).await?.is_none() {
            return Err(ErrorCode::WrongFactor.into());
        }
        proof.consume(tx, me, now).await?;
        Ok(session::create_session(tx, me, session, proof.proofs(Proofs::default(), now), now).await?)
    }
}

/// Renews the proofs of a session. Rejects with 30111 if the factor was used meanwhile, and with -101 if the session
/// has ended.
#[derive(Clone, Debug)]
pub struct ProveSession {
    /// The member.
    pub me: Mid,
    /// The session.
    pub session: TokenHash,
    /// True if the password was verified.
    pub password: bool,
    /// The verified factor.
    pub factor: Option<FactorProof>,
    /// The attempts to refund.
    pub attempts: Vec<ConsumedAttempts>,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for ProveSession {
    type Output = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let &ProveSession { me, session, password, ref factor, ref attempts, now } = self;
        require_member(tx, me).await?;
        let session = own_session(tx, me, session).await?;
        let mut proofs = session.proofs();
        if password {
            proofs.password = now;
        }
        if let Some(factor) = factor {
            factor.consume(tx, me, now).await?;
            proofs = factor.proofs(proofs, now);
        }
        for attempt in attempts {
            attempt.refund(tx).await?;
        }
        Ok(put_proofs(tx, session, proofs).await?)
    }
}

/// Returns a session of a member, or rejects with -101.
pub(super) async fn own_session<T: Transaction>(
    tx: &mut T,
    me: Mid,
    hash: TokenHash,
) -> Result<Session, CommandError> {
    let session = tx.get::<Session>(hash).await?.filter(|session| session.mid == me);
    Ok(session.ok_or(ErrorCode::NotLoggedIn)?)
}

/// Stores the proofs of a session.
pub(super) async fn put_proofs<T: Transaction>(
    tx: &mut T,
    session: Session,
    proofs: Proofs,
) -> Result<(), StorageError> {
    let Proofs { password: password_proved, factor: factor_proved } = proofs;
    tx.put_session(&Session { password_proved, factor_proved, ..session }).await
}
