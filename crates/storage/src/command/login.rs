//! Members log in by password: at two doors, their account's and their address's, tries are counted before they are looked
//! at, so that no number of them at once gets past.

use super::session::{self, LoginOrigin, NewSession, Renewal};
use super::{Command, Prefetch, actor, member};
use crate::row::{Account, Door, LatestLogin, LoginMethod, Password, Session};
use crate::txn::Transaction;
use crate::vault::Hash;
use crate::{CommandError, StorageError};
use guanxi_domain::tries::{self, Decision, Quota};
use guanxi_types::{ErrorCode, Mid};

/// Tries some doors at once: each counts it, unless one of them says to wait.
#[derive(Clone, Debug)]
pub struct CheckRateLimit {
    /// The doors.
    pub doors: Vec<(Hash, Quota)>,
    /// The time, in seconds.
    pub now: i64,
}

impl Command for CheckRateLimit {
    type Answer = Decision;

    fn prefetch(&self) -> Prefetch {
        self.doors.iter().fold(Prefetch::default(), |ahead, (hash, _)| ahead.row::<Door>(*hash))
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<Decision, CommandError> {
        let mut tried = Vec::new();
        for &(hash, allowed) in &self.doors {
            let was = tx.get::<Door>(hash).await?.map(|door| door.tries).unwrap_or_default();
            let (next, said) = tries::attempt(&was, allowed, self.now);
            tried.push((hash, was, next, said, allowed.window));
        }
        let wait = tried
            .iter()
            .filter_map(|(.., said, _)| if let Decision::Wait(wait) = said { Some(*wait) } else { None });
        let longest = wait.max();
        for (hash, was, next, said, window) in tried {
            if next != was && (longest.is_none() || said != Decision::Through) {
                let forgotten = tries::expires_at(&next, window);
                tx.put(&Door { hash, tries: next, forgotten }).await?;
            }
        }
        Ok(longest.map_or(Decision::Through, Decision::Wait))
    }
}

/// A try that went through two doors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsumedAttempts {
    /// The account's.
    pub account: Hash,
    /// The address's.
    pub address: Hash,
    /// When, in seconds.
    pub at: i64,
}

impl ConsumedAttempts {
    /// It succeeded: the account forgets all tries, the address this one.
    pub(super) async fn take_back<T: Transaction>(&self, tx: &mut T) -> Result<(), StorageError> {
        if tx.get::<Door>(self.account).await?.is_some() {
            tx.delete::<Door>(self.account).await?;
        }
        match tx.get::<Door>(self.address).await? {
            Some(door) => {
                let tries = tries::refund(&door.tries, self.at);
                tx.put(&Door { tries, ..door }).await
            }
            None => Ok(()),
        }
    }
}

/// A password was right: opens a session, unless there were too many of late. 30011 if the password is another by now.
#[derive(Clone, Debug)]
pub struct LogIn {
    /// Whose it is.
    pub me: Mid,
    /// What it was compared with.
    pub seen: String,
    /// What to keep in its place, if the parameters have risen.
    pub anew: Option<String>,
    /// The doors it went through.
    pub passed: ConsumedAttempts,
    /// The session.
    pub arrival: NewSession,
    /// The door at which right passwords are counted: each is kept, so there is an end to them.
    pub often: (Hash, Quota),
    /// The time, in seconds.
    pub now: i64,
}

impl Command for LogIn {
    type Answer = Decision;

    fn prefetch(&self) -> Prefetch {
        let device = session::device(&self.arrival.whence.buvid);
        let doors = [self.passed.account, self.passed.address, self.often.0];
        let ahead = Prefetch::default().row::<Password>(self.me).row::<LatestLogin>((self.me, device));
        self.arrival.ahead(doors.into_iter().fold(ahead, Prefetch::row::<Door>))
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<Decision, CommandError> {
        let LogIn { me, seen, anew, passed, arrival, often, now } = self;
        let kept = tx.get::<Password>(*me).await?;
        if kept.is_none_or(|kept| kept.phc != *seen) {
            return Err(ErrorCode::WrongPassword.into());
        }
        if let Some(phc) = anew {
            tx.put(&Password { mid: *me, phc: phc.clone() }).await?;
        }
        passed.take_back(tx).await?;
        let said = CheckRateLimit { doors: vec![*often], now: *now }.apply(tx).await?;
        if said == Decision::Through {
            session::arrive(tx, *me, arrival, *now).await?;
        }
        Ok(said)
    }
}

/// A password was wrong: records the try. One on nobody's account is a durable write too, so that no time tells it.
#[derive(Clone, Debug)]
pub struct FailLogin {
    /// Whose account it was tried on.
    pub mid: Option<Mid>,
    /// From where.
    pub whence: LoginOrigin,
    /// The door it went through.
    pub door: Hash,
    /// The time, in seconds.
    pub now: i64,
}

impl Command for FailLogin {
    type Answer = ();

    fn prefetch(&self) -> Prefetch {
        match self.mid {
            Some(mid) => {
                Prefetch::default().actor(mid).row::<LatestLogin>((mid, session::device(&self.whence.buvid)))
            }
            None => Prefetch::default().row::<Door>(self.door),
        }
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        if let Some(mid) = self.mid
            && member(tx, mid).await?.is_some()
        {
            return Ok(
                session::record(tx, &self.whence.login(mid, self.now, LoginMethod::Password, false)).await?
            );
        }
        match tx.get::<Door>(self.door).await? {
            Some(door) => Ok(tx.put(&door).await?),
            None => Ok(()),
        }
    }
}

/// A password as it is kept, and how strong it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPassword {
    /// What argon2 made of it.
    pub phc: String,
    /// 0 to 100.
    pub score: u8,
    /// 1 weak, 2 middling, 3 strong.
    pub level: u8,
    /// Whether it is safe.
    pub safe: bool,
}

impl NewPassword {
    /// The account that has it.
    pub(super) fn of(&self, account: Account) -> Account {
        let &NewPassword { score, level: pwd_level, safe: security, .. } = self;
        Account { has_password: true, score, pwd_level, security, ..account }
    }

    pub(super) async fn put<T: Transaction>(&self, tx: &mut T, mid: Mid) -> Result<(), StorageError> {
        let account = tx.get::<Account>(mid).await?.unwrap_or(Account::of(mid));
        tx.put(&self.of(account)).await?;
        tx.put(&Password { mid, phc: self.phc.clone() }).await
    }
}

/// Changes one's password, gives the session that asks a new token, and ends one's other sessions. 30011 if the old password is
/// another by now, -101 if the session has ended meanwhile.
#[derive(Clone, Debug)]
pub struct ChangePassword {
    /// Whose.
    pub me: Mid,
    /// What the old one was compared with; none if there was none.
    pub seen: Option<String>,
    /// The new one.
    pub next: NewPassword,
    /// The session that stays, under another token: whoever has seen the old one is out too.
    pub renew: Renewal,
    /// The doors that the old one went through.
    pub passed: Option<ConsumedAttempts>,
}

impl Command for ChangePassword {
    type Answer = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let ChangePassword { me, seen, next, renew, passed } = self;
        actor(tx, *me).await?;
        if tx.get::<Password>(*me).await?.map(|kept| kept.phc) != *seen {
            return Err(ErrorCode::WrongPassword.into());
        }
        if tx.get::<Session>(renew.old).await?.is_none_or(|session| session.mid != *me) {
            return Err(ErrorCode::NotLoggedIn.into());
        }
        if let Some(passed) = passed {
            passed.take_back(tx).await?;
        }
        next.put(tx, *me).await?;
        Ok(renew.end_others(tx, *me).await?)
    }
}

/// The password was right, and is asked for nothing else: what its try counted is taken back.
#[derive(Clone, Copy, Debug)]
pub struct RefundAttempt(
    /// The doors it went through.
    pub ConsumedAttempts,
);

impl Command for RefundAttempt {
    type Answer = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        Ok(self.0.take_back(tx).await?)
    }
}
