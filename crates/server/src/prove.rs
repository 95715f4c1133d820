//! Members prove who they are by password. A try is counted before it is looked at, at the account's door and at the
//! address's; one that succeeds is taken back. Closed doors are read first: who has to wait takes neither a place in the
//! queue of passwords nor the writer's time.

use crate::answer::ApiError;
use crate::app::{App, KNOWN_BYTES};
use crate::meter::Outcome;
use crate::password::{HashPermit, LONGEST, Verification};
use crate::sender::{ClientInfo, customer};
use guanxi_api::param::Secret;
use guanxi_domain::tries::{self, Decision, Quota};
use guanxi_domain::{contact, name};
use guanxi_storage::command::{CheckRateLimit, ConsumedAttempts, NewPassword, RefundAttempt};
use guanxi_storage::row::{Door, Password};
use guanxi_storage::vault::{Hash, IdentifierKind};
use guanxi_storage::{StorageError, Store};
use guanxi_types::{ErrorCode, Mid};
use sha2::{Digest, Sha256};
use std::net::IpAddr;

/// A password that was right.
#[derive(Debug)]
pub struct VerifiedPassword {
    /// Whose it is.
    pub mid: Mid,
    /// What it was compared with.
    pub seen: String,
    /// What to keep in its place, if the parameters have risen.
    pub anew: Option<String>,
    /// The doors it went through.
    pub passed: ConsumedAttempts,
    /// The place in the queue, for whatever else is to be worked on.
    pub place: HashPermit,
}

/// Whom somebody means by what they call the account: a mail address, a phone, a user name or a name.
pub async fn find(app: &App, account: &str) -> Result<Option<Mid>, StorageError> {
    let mail = contact::mail(account).map(|mail| (IdentifierKind::Mail, mail));
    let tel = contact::phone(account).map(|tel| (IdentifierKind::Tel, tel));
    let names = [IdentifierKind::Userid, IdentifierKind::Uname].map(|known| (known, account.to_owned()));
    for (known, text) in mail.into_iter().chain(tel).chain(names) {
        let found = app.find(known, &text).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Compares a password with a member's; 30012 or 30011 if it is not right. `called` is what the account was called by.
pub async fn prove(
    app: &App,
    sender: &ClientInfo,
    mid: Option<Mid>,
    called: &str,
    password: Secret,
) -> Result<VerifiedPassword, ApiError> {
    let (at, from) = (app.now(), sender.address(&app.trusted_proxies));
    let (account, address) = (account_door(mid, called), address_door(b"login", from));
    look(app, [account, address], at).await?;
    // The place comes before the attempt is counted, so that overload closes no door.
    let place = app.passwords.place(Some(from))?;
    count(app, vec![(account, app.limits.account), (address, app.limits.address)], at).await?;
    let kept = match mid {
        Some(mid) => app.store.get::<Password>(mid).await?.map(|row| row.phc),
        None => None,
    };
    let given = if password.0.chars().count() > LONGEST { String::new() } else { password.0 };
    let passed = ConsumedAttempts { account, address, at };
    let (compared, place) = app.passwords.compare(place, given, kept.clone()).await?;
    let anew = match compared {
        Verification::Wrong => return Err(ErrorCode::WrongPassword.into()),
        Verification::Right => None,
        Verification::RightAnew(anew) => Some(anew),
    };
    let (mid, seen) = mid.zip(kept).ok_or(ErrorCode::WrongPassword)?;
    Ok(VerifiedPassword { mid, seen, anew, passed, place })
}

/// Proves a member who is logged in already, before something that matters is changed. Who has no password need not.
pub async fn prove_again(
    app: &App,
    sender: &ClientInfo,
    me: Mid,
    password: Option<Secret>,
) -> Result<Option<VerifiedPassword>, ApiError> {
    if app.store.get::<Password>(me).await?.is_none() {
        return Ok(None);
    }
    let password = password.ok_or(ErrorCode::WrongPassword)?;
    prove(app, sender, Some(me), "", password).await.map(Some)
}

/// The same, for what does not change the password: the try is taken back at once. Returns the place that it had, if there was
/// a password to compare.
pub async fn prove_and_go_on(
    app: &App,
    sender: &ClientInfo,
    me: Mid,
    password: Option<Secret>,
) -> Result<Option<HashPermit>, ApiError> {
    let Some(proof) = prove_again(app, sender, me, password).await? else { return Ok(None) };
    app.store.run(RefundAttempt(proof.passed)).await?;
    Ok(Some(proof.place))
}

/// Goes through a door, or is told to wait.
pub async fn pass(app: &App, door: (Hash, Quota), now: i64) -> Result<(), ApiError> {
    look(app, [door.0], now).await?;
    count(app, vec![door], now).await
}

/// Reads some doors and rejects what finds one of them closed. This writes nothing, so attempts at a closed door do not slow
/// down the writes of others; [`count`] decides upon those that go on.
pub async fn look(app: &App, doors: impl IntoIterator<Item = Hash>, now: i64) -> Result<(), ApiError> {
    let mut longest = None;
    for hash in doors {
        let door: Option<Door> = app.store.get(hash).await?;
        longest = longest.max(door.and_then(|door| tries::closed_for(&door.tries, now)));
    }
    heed(app, longest.map_or(Decision::Through, Decision::Wait))
}

/// Counts an attempt at some doors, or rejects it.
pub async fn count(app: &App, doors: Vec<(Hash, Quota)>, now: i64) -> Result<(), ApiError> {
    heed(app, app.store.run(CheckRateLimit { doors, now }).await?)
}

/// Goes on, or waits, as a door says.
pub fn heed(app: &App, said: Decision) -> Result<(), ApiError> {
    match said {
        Decision::Through => Ok(()),
        Decision::Wait(seconds) => {
            app.meter.login(Outcome::Waits);
            Err(ApiError::Later(ErrorCode::TooManyTries, seconds))
        }
    }
}

/// Proves who is about to change a phone or a mail address, and goes through the doors of that: 30003 and 30004 tell what is
/// somebody's, so who may ask that often is told of many.
pub async fn prove_to_reach(
    app: &App,
    sender: &ClientInfo,
    me: Mid,
    password: Option<Secret>,
    now: i64,
) -> Result<(), ApiError> {
    let address = address_door(b"reach", sender.address(&app.trusted_proxies));
    let doors = [member_door(b"reach", me), address];
    look(app, doors, now).await?;
    prove_and_go_on(app, sender, me, password).await?;
    count(app, doors.map(|door| (door, app.limits.signups)).to_vec(), now).await
}

/// The door of an account; one that is not there has one too, so that nobody learns that it is not.
pub fn account_door(mid: Option<Mid>, called: &str) -> Hash {
    match mid {
        Some(mid) => member_door(b"account", mid),
        None => nobodys_door(called),
    }
}

fn door(kind: &[u8], of: &[u8]) -> Hash {
    Sha256::new_with_prefix(kind).chain_update(b"\0").chain_update(of).finalize().into()
}

/// The door of an account that is not there: one for all spellings that [`find`] takes for one, and no more, or the number of
/// tries would tell whether it is there.
fn nobodys_door(called: &str) -> Hash {
    if called.len() > KNOWN_BYTES {
        return door(b"no name", called.as_bytes());
    }
    match (contact::mail(called), contact::phone(called)) {
        (Some(mail), _) => door(b"no mail", mail.as_bytes()),
        (None, Some(tel)) => door(b"no tel", tel.as_bytes()),
        (None, None) => door(b"no name", name::folded(called).as_bytes()),
    }
}

/// The door of an address, as [`customer`] has it.
pub fn address_door(kind: &[u8], address: IpAddr) -> Hash {
    match customer(address) {
        IpAddr::V4(v4) => door(kind, &v4.octets()),
        IpAddr::V6(v6) => door(kind, &v6.octets()[..8]),
    }
}

/// The door of what a member does, such as logging in.
pub fn member_door(kind: &[u8], mid: Mid) -> Hash {
    door(kind, &mid.get().to_be_bytes())
}

/// A new password that is neither too short nor too long; 30010 if it is.
#[derive(Debug)]
pub struct NewPasswordInput(String);

impl NewPasswordInput {
    /// The one that is given.
    pub fn read(app: &App, given: Secret) -> Result<NewPasswordInput, ApiError> {
        let length = given.0.chars().count();
        let fits = (app.limits.password_length..=LONGEST).contains(&length);
        if fits { Ok(NewPasswordInput(given.0)) } else { Err(ErrorCode::BadPassword.into()) }
    }

    /// As it is kept. `about` are words that everybody who guesses tries first.
    pub async fn keep(self, app: &App, place: HashPermit, about: &[&str]) -> Result<NewPassword, ApiError> {
        let about = about.iter().map(|&word| word.to_owned()).collect();
        let (phc, strength) = app.passwords.keep_new(place, self.0, about).await?;
        Ok(NewPassword { phc, score: strength.score, level: strength.level, safe: strength.safe })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doors_of_addresses() {
        let of = |address: &str| address_door(b"login", address.parse().unwrap());
        assert_eq!(of("240e:1:2:3::1"), of("240e:1:2:3:ffff::2"));
        assert_ne!(of("240e:1:2:3::1"), of("240e:1:2:4::1"));
        assert_ne!(of("36.40.120.1"), of("36.40.120.2"));
        assert_ne!(of("36.40.120.1"), address_door(b"signup", "36.40.120.1".parse().unwrap()));
    }
}
