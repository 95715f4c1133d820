//! Password hashing with argon2id.
//!
//! A hash takes much memory and time on purpose. Therefore few passwords are hashed concurrently, and requests
//! beyond the queue are rejected.

use crate::http::client_info::client_network;
use crate::http::response::ApiError;
use crate::session_token;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use guanxi_domain::password::{Strength, estimate_strength};
use guanxi_types::HttpError;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The maximum length of a password, in characters.
pub const PASSWORD_MAX_CHARS: usize = 128;

/// Hashes and verifies passwords on a bounded number of threads.
#[derive(Clone, Debug)]
pub struct PasswordHasher {
    params: Params,
    /// The hash that stands in for that of an unknown account, so that verification takes the same time.
    dummy_hash: Arc<str>,
    /// Passwords that are hashed.
    running: Arc<Semaphore>,
    /// Passwords that are hashed or wait.
    slots: Arc<Semaphore>,
    address_slots: Arc<AddressSlots>,
}

/// The slots in use by each address, with a limit that keeps one address from using all of them.
#[derive(Debug)]
struct AddressSlots {
    limit: usize,
    in_use: Mutex<HashMap<IpAddr, usize>>,
}

impl AddressSlots {
    fn in_use(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.in_use.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Acquires a slot of an address, or returns `None` at the limit.
    fn try_acquire(self: &Arc<Self>, address: IpAddr) -> Option<AddressSlot> {
        let address = client_network(address);
        let mut in_use = self.in_use();
        let count = in_use.get(&address).copied().unwrap_or(0);
        (count < self.limit).then(|| {
            in_use.insert(address, count + 1);
            AddressSlot { slots: Arc::clone(self), address }
        })
    }
}

/// A slot of an address, released on drop.
#[derive(Debug)]
struct AddressSlot {
    slots: Arc<AddressSlots>,
    address: IpAddr,
}

impl Drop for AddressSlot {
    fn drop(&mut self) {
        if let Entry::Occupied(mut count) = self.slots.in_use().entry(self.address) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

/// A slot for a password that is hashed or waits, released on drop.
#[derive(Debug)]
#[expect(dead_code, reason = "the fields are released on drop")]
pub struct HashPermit(OwnedSemaphorePermit, Option<AddressSlot>);

/// The result of the verification of a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    /// The password is wrong.
    Wrong,
    /// The password is right.
    Ok,
    /// The password is right, and its stored hash has lower parameters than the current ones. The new hash replaces
    /// it.
    OkNeedsRehash(String),
}

impl PasswordHasher {
    /// Creates a hasher. `concurrency` passwords are hashed at once and `queue` more wait. `per_address` limits the
    /// sum of both for one address.
    pub fn new(
        memory_kib: u32,
        iterations: u32,
        concurrency: usize,
        queue: usize,
        per_address: usize,
    ) -> Result<PasswordHasher, argon2::Error> {
        let params = Params::new(memory_kib, iterations, 1, None)?;
        // A salt and a hash of the usual lengths. No known password has this hash.
        let (salt, hash) = ("A".repeat(22), "A".repeat(43));
        let dummy_hash = format!("$argon2id$v=19$m={memory_kib},t={iterations},p=1${salt}${hash}").into();
        let (concurrency, slots) = (concurrency.max(1), concurrency.max(1).saturating_add(queue));
        Ok(PasswordHasher {
            params,
            dummy_hash,
            running: Arc::new(Semaphore::new(concurrency)),
            slots: Arc::new(Semaphore::new(slots.min(Semaphore::MAX_PERMITS))),
            address_slots: Arc::new(AddressSlots { limit: per_address, in_use: Mutex::default() }),
        })
    }

    /// Acquires a hashing slot. Returns 503 if there is none, or if the address is at its limit.
    ///
    /// Acquire the slot before counting the attempt, so that overload does not lock accounts. Operators pass no
    /// address.
    pub fn acquire(&self, address: Option<IpAddr>) -> Result<HashPermit, ApiError> {
        let overloaded = || ApiError::Http(HttpError::Unavailable);
        let address_slot = address
            .map(|address| self.address_slots.try_acquire(address).ok_or_else(overloaded))
            .transpose()?;
        let slot = Arc::clone(&self.slots).try_acquire_owned().map_err(|_| overloaded())?;
        Ok(HashPermit(slot, address_slot))
    }

    /// Hashes a password. Returns the hash in PHC format.
    pub async fn hash(&self, permit: HashPermit, password: String) -> Result<String, ApiError> {
        let params = self.params.clone();
        let (hash, _) = self.run_blocking(permit, move || hash_password(params, &password)).await?;
        hash.ok_or(ApiError::Http(HttpError::InternalError))
    }

    /// Hashes a new password and estimates its strength. `guessable` are words that an attacker tries first.
    pub async fn hash_with_strength(
        &self,
        permit: HashPermit,
        password: String,
        guessable: Vec<String>,
    ) -> Result<(String, Strength), ApiError> {
        let params = self.params.clone();
        let hashed = self.run_blocking(permit, move || {
            let guessable: Vec<&str> = guessable.iter().map(String::as_str).collect();
            Some((hash_password(params, &password)?, estimate_strength(&password, &guessable)))
        });
        hashed.await?.0.ok_or(ApiError::Http(HttpError::InternalError))
    }

    /// Verifies a password against a stored hash. Without a stored hash the password is wrong, after the same time.
    /// Returns the permit for further work.
    pub async fn verify(
        &self,
        permit: HashPermit,
        password: String,
        stored_hash: Option<String>,
    ) -> Result<(Verification, HashPermit), ApiError> {
        let (params, dummy_hash) = (self.params.clone(), Arc::clone(&self.dummy_hash));
        self.run_blocking(permit, move || {
            let verification =
                verify_password(params, &password, stored_hash.as_deref().unwrap_or(&dummy_hash));
            if stored_hash.is_some() { verification } else { Verification::Wrong }
        })
        .await
    }

    async fn run_blocking<T: Send + 'static>(
        &self,
        permit: HashPermit,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<(T, HashPermit), ApiError> {
        let thread = Arc::clone(&self.running).acquire_owned().await;
        let thread = thread.map_err(|_| ApiError::Http(HttpError::Unavailable))?;
        // The work holds its thread and its permit to the end, even if the caller disconnects.
        let result = tokio::task::spawn_blocking(move || {
            let output = work();
            drop(thread);
            (output, permit)
        });
        result.await.map_err(|_| {
            // The message of the panic may contain the password.
            tracing::error!("password hashing panicked, request answered with 500");
            ApiError::Http(HttpError::InternalError)
        })
    }
}

fn argon2(params: Params) -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_password(params: Params, password: &str) -> Option<String> {
    let salt = session_token::random_bytes::<16>();
    let hash: PasswordHash = argon2(params).hash_password_with_salt(password.as_bytes(), &salt).ok()?;
    Some(hash.to_string())
}

fn verify_password(params: Params, password: &str, stored_hash: &str) -> Verification {
    let Ok(hash) = PasswordHash::new(stored_hash) else { return Verification::Wrong };
    if argon2(params.clone()).verify_password(password.as_bytes(), &hash).is_err() {
        return Verification::Wrong;
    }
    let stored = Params::try_from(&hash);
    let needs_rehash =
        stored.is_ok_and(|stored| stored.m_cost() < params.m_cost() || stored.t_cost() < params.t_cost());
    match if needs_rehash { hash_password(params, password) } else { None } {
        Some(new_hash) => Verification::OkNeedsRehash(new_hash),
        None => Verification::Ok,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weak_hasher(memory_kib: u32) -> PasswordHasher {
        PasswordHasher::new(memory_kib, 1, 2, 1, 3).unwrap()
    }

    async fn hash_with(hasher: &PasswordHasher, password: String) -> Result<String, ApiError> {
        hasher.hash(hasher.acquire(None)?, password).await
    }

    async fn verify_with(
        hasher: &PasswordHasher,
        password: String,
        stored_hash: Option<String>,
    ) -> Result<Verification, ApiError> {
        Ok(hasher.verify(hasher.acquire(None)?, password, stored_hash).await?.0)
    }

    #[tokio::test]
    async fn password_is_verified_against_its_hash() {
        let hasher = weak_hasher(8);
        let hash = hash_with(&hasher, "膜法指导 8 号".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        assert_ne!(
            hash_with(&hasher, "膜法指导 8 号".to_owned()).await.unwrap(),
            hash,
            "each hash has its salt"
        );
        let cases = [
            ("膜法指导 8 号", Some(hash.clone()), Verification::Ok),
            ("膜法指导 8 号 ", Some(hash), Verification::Wrong),
            ("", None, Verification::Wrong),
            ("x", Some("no such thing".to_owned()), Verification::Wrong),
        ];
        for (password, stored_hash, expected) in cases {
            let verification = verify_with(&hasher, password.to_owned(), stored_hash).await.unwrap();
            assert_eq!(verification, expected, "{password:?}");
        }
    }

    #[tokio::test]
    async fn dummy_hash_is_well_formed() {
        let hasher = weak_hasher(8);
        assert!(PasswordHash::new(&hasher.dummy_hash).is_ok_and(|hash| hash.hash.is_some()));
    }

    #[tokio::test]
    async fn verification_with_higher_parameters_rehashes() {
        let hash = hash_with(&weak_hasher(8), "correct horse".to_owned()).await.unwrap();
        let verification =
            verify_with(&weak_hasher(16), "correct horse".to_owned(), Some(hash.clone())).await.unwrap();
        let Verification::OkNeedsRehash(new_hash) = verification else { panic!("{verification:?}") };
        assert!(new_hash.contains("m=16,"), "{new_hash}");
        let wrong = verify_with(&weak_hasher(16), "wrong".to_owned(), Some(hash)).await.unwrap();
        assert_eq!(wrong, Verification::Wrong);
        let lower = verify_with(&weak_hasher(8), "correct horse".to_owned(), Some(new_hash)).await.unwrap();
        assert_eq!(lower, Verification::Ok);
    }

    #[test]
    fn address_has_a_limited_share_of_slots() {
        let hasher = PasswordHasher::new(8, 1, 1, 3, 2).unwrap();
        let acquire = |address: &str| hasher.acquire(Some(address.parse().unwrap()));
        let held = [acquire("240e:1:2:3::1").unwrap(), acquire("240e:1:2:3:ffff::1").unwrap()];
        assert!(acquire("240e:1:2:3::2").is_err(), "a client has 64 bits");
        let other = acquire("240e:1:2:4::1").unwrap();
        drop(held);
        let again = [acquire("240e:1:2:3::1").unwrap(), acquire("240e:1:2:3::2").unwrap()];
        assert!(acquire("240e:1:2:3::3").is_err());
        let last = hasher.acquire(None).unwrap();
        assert!(acquire("36.40.120.1").is_err(), "there are four slots in all");
        drop((other, again, last));
        assert!(hasher.address_slots.in_use().is_empty(), "addresses without slots have no entry");
        assert_eq!(hasher.slots.available_permits(), 4);
    }

    #[tokio::test]
    async fn password_beyond_the_queue_is_503() {
        let hasher = weak_hasher(8);
        let held = Arc::clone(&hasher.running).acquire_many_owned(2).await.unwrap();
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                tokio::spawn({
                    let hasher = hasher.clone();
                    async move { hash_with(&hasher, "x".to_owned()).await }
                })
            })
            .collect();
        while hasher.slots.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let rejected = hash_with(&hasher, "x".to_owned()).await;
        assert!(matches!(rejected, Err(ApiError::Http(HttpError::Unavailable))));
        drop(held);
        for task in waiting {
            assert!(task.await.unwrap().is_ok());
        }
    }
}
