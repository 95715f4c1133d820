//! Commands of the login by password, and its rate limits. An attempt consumes one unit of two buckets, the
//! account's and the IP address's, before the password is verified. So concurrent attempts cannot exceed the
//! limit.

use super::session::{self, LoginOrigin, NewSession, SessionRenewal};
use super::{Command, Outbox, Prefetch, active_member, delete_existing, require_member};
use crate::encryption::Hash;
use crate::model::{
    Account, Challenge, Factors, LatestLogin, LoginMethod, MessageKind, Password, RateLimitBucket, Session,
};
use crate::transaction::Transaction;
use crate::{CommandError, StorageError};
use guanxi_domain::factor::Proofs;
use guanxi_domain::rate_limit::{self, Decision, Quota};
use guanxi_types::{ErrorCode, Mid};
use sha2::{Digest, Sha256};

/// Consumes an attempt of several rate-limit buckets. If one of them is exhausted, the others are not charged,
/// and the longest wait is returned.
#[derive(Clone, Debug)]
pub struct CheckRateLimit {
    /// The keys of the buckets, with their quotas.
    pub buckets: Vec<(Hash, Quota)>,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for CheckRateLimit {
    type Output = Decision;
    const PREFETCHES_ALL_LOCKS: bool = true;

    fn prefetch(&self) -> Prefetch {
        self.buckets
            .iter()
            .fold(Prefetch::default(), |prefetch, (hash, _)| prefetch.row::<RateLimitBucket>(*hash))
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<Decision, CommandError> {
        let mut attempts = Vec::new();
        for &(hash, quota) in &self.buckets {
            let old = tx.get::<RateLimitBucket>(hash).await?.map(|row| row.bucket).unwrap_or_default();
            let (new, decision) = rate_limit::record_attempt(&old, quota, self.now);
            attempts.push((hash, old, new, decision, quota.window_seconds));
        }
        let wait = attempts.iter().filter_map(|(.., decision, _)| {
            if let Decision::RetryAfter(wait) = decision { Some(*wait) } else { None }
        });
        let longest = wait.max();
        for (hash, old, new, decision, window) in attempts {
            if new != old && (longest.is_none() || decision != Decision::Allow) {
                let expires = rate_limit::expires_at(&new, window);
                tx.put(&RateLimitBucket { hash, bucket: new, expires }).await?;
            }
        }
        Ok(longest.map_or(Decision::Allow, Decision::RetryAfter))
    }
}

/// An attempt that two rate-limit buckets were charged for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsumedAttempts {
    /// The bucket of the account.
    pub account: Hash,
    /// The bucket of the IP address.
    pub address: Hash,
    /// The time of the attempt, in seconds.
    pub at: i64,
}

impl ConsumedAttempts {
    /// Refunds a successful attempt: deletes the bucket of the account, and returns one attempt to that of the
    /// address. A success proves the owner, so earlier failures of the account are forgotten.
    pub(super) async fn refund<T: Transaction>(&self, tx: &mut T) -> Result<(), StorageError> {
        delete_existing::<T, RateLimitBucket>(tx, self.account).await?;
        match tx.get::<RateLimitBucket>(self.address).await? {
            Some(row) => {
                let bucket = rate_limit::refund_attempt(&row.bucket, self.at);
                tx.put(&RateLimitBucket { bucket, ..row }).await
            }
            None => Ok(()),
        }
    }
}

/// Completes a login after the password was verified: refunds the attempt and creates a session, unless the login rate
/// is exceeded. A member with a second factor gets a second step instead of the session. Rejects with 30011 if the
/// password changed since it was verified.
#[derive(Clone, Debug)]
pub struct CompleteLogin {
    /// The member.
    pub me: Mid,
    /// The password hash that was verified, as a PHC string.
    pub expected_phc: String,
    /// The hash with the current argon2 parameters, to store if they changed.
    pub rehashed_phc: Option<String>,
    /// The attempt to refund.
    pub attempts: ConsumedAttempts,
    /// The session to create.
    pub session: NewSession,
    /// The rate limit of successful logins. Each login is stored, so their number has to be bounded.
    pub login_rate: (Hash, Quota),
    /// The second step, which a member with a second factor has to take.
    pub second_step: SecondStep,
    /// The current time, in seconds.
    pub now: i64,
}

/// The second step of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecondStep {
    /// The hash of the secret that only the client has.
    pub hash: Hash,
    /// The second from which the step is expired.
    pub expires: i64,
}

/// The result of a login with the right password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordLogin {
    /// The session exists.
    LoggedIn,
    /// The member has a second factor: the second step waits for it.
    SecondStep,
    /// The login rate is exceeded. The value is the number of seconds to wait.
    RetryAfter(i64),
}

impl Command for CompleteLogin {
    type Output = PasswordLogin;

    fn prefetch(&self) -> Prefetch {
        let device = session::device_hash(&self.session.origin.buvid);
        let buckets = [self.attempts.account, self.attempts.address, self.login_rate.0];
        let prefetch = Prefetch::default()
            .row::<Password>(self.me)
            .row::<Factors>(self.me)
            .row::<LatestLogin>((self.me, device));
        self.session.prefetch(buckets.into_iter().fold(prefetch, Prefetch::row::<RateLimitBucket>))
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<PasswordLogin, CommandError> {
        let CompleteLogin { me, expected_phc, rehashed_phc, attempts, session: new_session, .. } = self;
        let &CompleteLogin { login_rate, second_step: SecondStep { hash, expires }, now, .. } = self;
        let password = tx.get::<Password>(*me).await?;
        if password.is_none_or(|password| password.phc != *expected_phc) {
            return Err(ErrorCode::WrongCredentials.into());
        }
        if let Some(phc) = rehashed_phc {
            tx.put(&Password { mid: *me, phc: phc.clone() }).await?;
        }
        attempts.refund(tx).await?;
        let decision = CheckRateLimit { buckets: vec![login_rate], now }.apply(tx).await?;
        if let Decision::RetryAfter(seconds) = decision {
            return Ok(PasswordLogin::RetryAfter(seconds));
        }
        if tx.get::<Factors>(*me).await?.is_some_and(|factors| factors.has_any()) {
            let password = Some(password_mark(rehashed_phc.as_ref().unwrap_or(expected_phc)));
            let state = String::new();
            tx.put(&Challenge { hash, expires, mid: Some(*me), password, tries: 0, state }).await?;
            return Ok(PasswordLogin::SecondStep);
        }
        session::create_session(tx, *me, new_session, Proofs { password: now, factor: 0 }, now).await?;
        Ok(PasswordLogin::LoggedIn)
    }
}

/// Returns the hash of a PHC string, by which a second step notices a new password.
pub(super) fn password_mark(phc: &str) -> Hash {
    Sha256::digest(phc).into()
}

/// Records a login attempt with a wrong password. An attempt on an unknown account is a durable write too, so
/// that its duration does not reveal which accounts exist.
#[derive(Clone, Debug)]
pub struct RecordFailedLogin {
    /// The member, if the account exists.
    pub mid: Option<Mid>,
    /// The origin of the attempt.
    pub origin: LoginOrigin,
    /// The rate-limit bucket that was charged for the attempt.
    pub bucket: Hash,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for RecordFailedLogin {
    type Output = ();
    const PREFETCHES_ALL_LOCKS: bool = true;

    fn prefetch(&self) -> Prefetch {
        match self.mid {
            Some(mid) => Prefetch::default()
                .active_member(mid)
                .row::<LatestLogin>((mid, session::device_hash(&self.origin.buvid))),
            None => Prefetch::default().row::<RateLimitBucket>(self.bucket),
        }
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        if let Some(mid) = self.mid
            && active_member(tx, mid).await?.is_some()
        {
            return Ok(session::record_login(
                tx,
                &self.origin.login_row(mid, self.now, LoginMethod::Password, false),
            )
            .await?);
        }
        match tx.get::<RateLimitBucket>(self.bucket).await? {
            Some(row) => Ok(tx.put(&row).await?),
            None => Ok(()),
        }
    }
}

/// A hashed password and its strength.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPassword {
    /// The argon2 hash, as a PHC string.
    pub phc: String,
    /// The strength, 0 to 100.
    pub score: u8,
    /// The level of strength: 1 weak, 2 medium, 3 strong.
    pub level: u8,
    /// True if the password counts as safe.
    pub safe: bool,
}

impl NewPassword {
    /// Stores the password of a member, and its strength in the account.
    pub(super) async fn put<T: Transaction>(&self, tx: &mut T, mid: Mid) -> Result<(), StorageError> {
        let NewPassword { phc, score, level, safe } = self.clone();
        let account = tx.get::<Account>(mid).await?.unwrap_or(Account::new(mid));
        tx.put(&Account { has_password: true, score, pwd_level: level, security: safe, ..account }).await?;
        tx.put(&Password { mid, phc }).await
    }
}

/// Changes the member's own password, renews the current session and revokes the others. Rejects with 30011 if
/// the old password changed since it was verified, and with -101 if the session was revoked in the meantime.
#[derive(Clone, Debug)]
pub struct ChangePassword {
    /// The member.
    pub me: Mid,
    /// The hash of the old password that was verified, as a PHC string. `None` if there was no password.
    pub expected_phc: Option<String>,
    /// The new password.
    pub new_password: NewPassword,
    /// The renewal of the current session. Its token changes, so that a stolen token is invalid too.
    pub renewal: SessionRenewal,
    /// The attempt to refund.
    pub attempts: Option<ConsumedAttempts>,
    /// The writer of the message about the change.
    pub outbox: Outbox,
}

impl Command for ChangePassword {
    type Output = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let ChangePassword { me, expected_phc, new_password: new, renewal, attempts, outbox } = self;
        require_member(tx, *me).await?;
        if tx.get::<Password>(*me).await?.map(|password| password.phc) != *expected_phc {
            return Err(ErrorCode::WrongCredentials.into());
        }
        if tx.get::<Session>(renewal.old).await?.is_none_or(|session| session.mid != *me) {
            return Err(ErrorCode::NotLoggedIn.into());
        }
        if let Some(attempts) = attempts {
            attempts.refund(tx).await?;
        }
        new.put(tx, *me).await?;
        renewal.revoke_others(tx, *me).await?;
        Ok(outbox.notify(tx, *me, MessageKind::PasswordChanged).await?)
    }
}

/// Refunds an attempt after the password was verified, for requests that write nothing else.
#[derive(Clone, Copy, Debug)]
pub struct RefundAttempt(
    /// The attempt to refund.
    pub ConsumedAttempts,
);

impl Command for RefundAttempt {
    type Output = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        Ok(self.0.refund(tx).await?)
    }
}
