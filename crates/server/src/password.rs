//! Passwords: what argon2id makes of one is kept, and compared with. That takes memory and time on purpose, so it is done on a
//! few threads, and who comes when too many wait is told so.

use crate::answer::ApiError;
use crate::sender::customer;
use crate::session;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use guanxi_domain::password::{Strength, strength};
use guanxi_types::HttpError;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The most characters of a password.
pub const LONGEST: usize = 128;

/// Works on passwords.
#[derive(Clone, Debug)]
pub struct PasswordHasher {
    params: Params,
    /// Stands in for the password of an account that is not there, so that the answer takes as long.
    nobodys: Arc<str>,
    /// How many are worked on at once.
    threads: Arc<Semaphore>,
    /// How many are worked on or wait.
    places: Arc<Semaphore>,
    shares: Arc<Shares>,
}

/// How many places each address has, so that one cannot have all of them.
#[derive(Debug)]
struct Shares {
    most: usize,
    taken: Mutex<HashMap<IpAddr, usize>>,
}

impl Shares {
    fn taken(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a place of an address, unless that has its share already.
    fn take(self: &Arc<Self>, address: IpAddr) -> Option<Share> {
        let address = customer(address);
        let mut taken = self.taken();
        let count = taken.get(&address).copied().unwrap_or(0);
        (count < self.most).then(|| {
            taken.insert(address, count + 1);
            Share { of: Arc::clone(self), address }
        })
    }
}

/// A place counted for an address.
#[derive(Debug)]
struct Share {
    of: Arc<Shares>,
    address: IpAddr,
}

impl Drop for Share {
    fn drop(&mut self) {
        if let Entry::Occupied(mut count) = self.of.taken().entry(self.address) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

/// A place among those whose password is worked on, or waits to be.
#[derive(Debug)]
#[expect(dead_code, reason = "it is held, and given back when it is dropped")]
pub struct HashPermit(OwnedSemaphorePermit, Option<Share>);

/// What came of comparing a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    /// It is another.
    Wrong,
    /// It is right.
    Right,
    /// It is right, and is to be kept in this form from now on: the parameters have risen.
    RightAnew(String),
}

impl PasswordHasher {
    /// With so much memory and so many passes, so many at once, so many more who wait, and at most so many of both that are of
    /// one address.
    pub fn new(
        memory_kib: u32,
        passes: u32,
        threads: usize,
        queue: usize,
        of_address: usize,
    ) -> Result<PasswordHasher, argon2::Error> {
        let params = Params::new(memory_kib, passes, 1, None)?;
        // The salt and the hash of nobody's password, of the usual lengths. No password makes the second.
        let (salt, hash) = ("A".repeat(22), "A".repeat(43));
        let nobodys = format!("$argon2id$v=19$m={memory_kib},t={passes},p=1${salt}${hash}").into();
        let (threads, places) = (threads.max(1), threads.max(1).saturating_add(queue));
        Ok(PasswordHasher {
            params,
            nobodys,
            threads: Arc::new(Semaphore::new(threads)),
            places: Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS))),
            shares: Arc::new(Shares { most: of_address, taken: Mutex::default() }),
        })
    }

    /// A place among those who wait; 503 if there is none, or none for the address any more. It is taken before a try is counted:
    /// who cannot be looked at has not tried. Operators have no address that counts.
    pub fn place(&self, address: Option<IpAddr>) -> Result<HashPermit, ApiError> {
        let full = || ApiError::Fault(HttpError::Unavailable);
        let share = address.map(|address| self.shares.take(address).ok_or_else(full)).transpose()?;
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| full())?;
        Ok(HashPermit(place, share))
    }

    /// What to keep of a password.
    pub async fn keep(&self, place: HashPermit, password: String) -> Result<String, ApiError> {
        let params = self.params.clone();
        let (kept, _) = self.work(place, move || keep(params, &password)).await?;
        kept.ok_or(ApiError::Fault(HttpError::Broken))
    }

    /// What to keep of a new password, and how strong it is: `about` are words that everybody who guesses tries first.
    pub async fn keep_new(
        &self,
        place: HashPermit,
        password: String,
        about: Vec<String>,
    ) -> Result<(String, Strength), ApiError> {
        let params = self.params.clone();
        let kept = self.work(place, move || {
            let about: Vec<&str> = about.iter().map(String::as_str).collect();
            Some((keep(params, &password)?, strength(&password, &about)))
        });
        kept.await?.0.ok_or(ApiError::Fault(HttpError::Broken))
    }

    /// Compares a password with what was kept; takes as long if nothing was. Gives the place back, for what else is to be done.
    pub async fn compare(
        &self,
        place: HashPermit,
        password: String,
        kept: Option<String>,
    ) -> Result<(Verification, HashPermit), ApiError> {
        let (params, nobodys) = (self.params.clone(), Arc::clone(&self.nobodys));
        self.work(place, move || {
            let compared = compare(params, &password, kept.as_deref().unwrap_or(&nobodys));
            if kept.is_some() { compared } else { Verification::Wrong }
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        place: HashPermit,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<(T, HashPermit), ApiError> {
        let thread = Arc::clone(&self.threads).acquire_owned().await;
        let thread = thread.map_err(|_| ApiError::Fault(HttpError::Unavailable))?;
        // Who asked may go; what is worked on still takes its thread and its place until it is done.
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(thread);
            (done, place)
        });
        done.await.map_err(|_| ApiError::Fault(HttpError::Broken))
    }
}

fn argon2(params: Params) -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn keep(params: Params, password: &str) -> Option<String> {
    let salt = session::draw::<16>();
    let hash: PasswordHash = argon2(params).hash_password_with_salt(password.as_bytes(), &salt).ok()?;
    Some(hash.to_string())
}

fn compare(params: Params, password: &str, kept: &str) -> Verification {
    let Ok(hash) = PasswordHash::new(kept) else { return Verification::Wrong };
    if argon2(params.clone()).verify_password(password.as_bytes(), &hash).is_err() {
        return Verification::Wrong;
    }
    let costs = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
    let was = Params::try_from(&hash).map(|was| costs(&was));
    let risen = was.is_ok_and(|(memory, passes, _)| memory < params.m_cost() || passes < params.t_cost());
    match if risen { keep(params, password) } else { None } {
        Some(anew) => Verification::RightAnew(anew),
        None => Verification::Right,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weak(memory_kib: u32) -> PasswordHasher {
        PasswordHasher::new(memory_kib, 1, 2, 1, 3).unwrap()
    }

    async fn keep_in(passwords: &PasswordHasher, password: String) -> Result<String, ApiError> {
        passwords.keep(passwords.place(None)?, password).await
    }

    async fn compare_in(
        passwords: &PasswordHasher,
        password: String,
        kept: Option<String>,
    ) -> Result<Verification, ApiError> {
        Ok(passwords.compare(passwords.place(None)?, password, kept).await?.0)
    }

    #[tokio::test]
    async fn what_was_kept_is_compared() {
        let passwords = weak(8);
        let kept = keep_in(&passwords, "膜法指导 8 号".to_owned()).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{kept}");
        assert_ne!(keep_in(&passwords, "膜法指导 8 号".to_owned()).await.unwrap(), kept, "each has its salt");
        let cases = [
            ("膜法指导 8 号", Some(kept.clone()), Verification::Right),
            ("膜法指导 8 号 ", Some(kept), Verification::Wrong),
            ("", None, Verification::Wrong),
            ("x", Some("no such thing".to_owned()), Verification::Wrong),
        ];
        for (password, kept, expected) in cases {
            assert_eq!(
                compare_in(&passwords, password.to_owned(), kept).await.unwrap(),
                expected,
                "{password:?}"
            );
        }
    }

    #[tokio::test]
    async fn nobodys_password_is_one_that_could_be() {
        let passwords = weak(8);
        assert!(PasswordHash::new(&passwords.nobodys).is_ok_and(|hash| hash.hash.is_some()));
    }

    #[tokio::test]
    async fn parameters_that_have_risen_make_it_anew() {
        let kept = keep_in(&weak(8), "correct horse".to_owned()).await.unwrap();
        let anew = compare_in(&weak(16), "correct horse".to_owned(), Some(kept.clone())).await.unwrap();
        let Verification::RightAnew(anew) = anew else { panic!("{anew:?}") };
        assert!(anew.contains("m=16,"), "{anew}");
        assert_eq!(compare_in(&weak(16), "wrong".to_owned(), Some(kept)).await.unwrap(), Verification::Wrong);
        assert_eq!(
            compare_in(&weak(8), "correct horse".to_owned(), Some(anew)).await.unwrap(),
            Verification::Right
        );
    }

    #[test]
    fn an_address_has_its_share_of_places() {
        let passwords = PasswordHasher::new(8, 1, 1, 3, 2).unwrap();
        let place = |address: &str| passwords.place(Some(address.parse().unwrap()));
        let held = [place("240e:1:2:3::1").unwrap(), place("240e:1:2:3:ffff::1").unwrap()];
        assert!(place("240e:1:2:3::2").is_err(), "one customer has 64 bits");
        let other = place("240e:1:2:4::1").unwrap();
        drop(held);
        let again = [place("240e:1:2:3::1").unwrap(), place("240e:1:2:3::2").unwrap()];
        assert!(place("240e:1:2:3::3").is_err());
        let last = passwords.place(None).unwrap();
        assert!(place("36.40.120.1").is_err(), "there are four in all");
        drop((other, again, last));
        assert!(passwords.shares.taken().is_empty(), "who has none is not remembered");
        assert_eq!(passwords.places.available_permits(), 4);
    }

    #[tokio::test]
    async fn who_comes_when_too_many_wait_is_told_so() {
        let passwords = weak(8);
        let held = Arc::clone(&passwords.threads).acquire_many_owned(2).await.unwrap();
        let waits: Vec<_> = (0..3)
            .map(|_| {
                tokio::spawn({
                    let passwords = passwords.clone();
                    async move { keep_in(&passwords, "x".to_owned()).await }
                })
            })
            .collect();
        while passwords.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let told = keep_in(&passwords, "x".to_owned()).await;
        assert!(matches!(told, Err(ApiError::Fault(HttpError::Unavailable))));
        drop(held);
        for wait in waits {
            assert!(wait.await.unwrap().is_ok());
        }
    }
}
