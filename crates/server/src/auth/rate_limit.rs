//! Rate limits of logins, registrations, contact changes and QR codes, with lockout.
//!
//! An attempt is counted before it runs, so that concurrent attempts do not exceed a limit. A locked bucket is
//! detected by a read: a locked client uses neither a hashing slot nor the writer's time.

use crate::app::App;
use crate::http::client_info::client_network;
use crate::http::response::ApiError;
use crate::identifiers::IDENTIFIER_MAX_BYTES;
use crate::metrics::LoginOutcome;
use guanxi_domain::rate_limit::{self, Decision, Quota};
use guanxi_domain::{contact, name};
use guanxi_storage::Store;
use guanxi_storage::commands::CheckRateLimit;
use guanxi_storage::encryption::Hash;
use guanxi_storage::model::RateLimitBucket;
use guanxi_types::{ErrorCode, Mid};
use sha2::{Digest, Sha256};
use std::net::IpAddr;

/// Counts an attempt in a bucket, or returns 30012 if the bucket is locked or full.
pub async fn check_rate_limit(app: &App, bucket: (Hash, Quota), now: i64) -> Result<(), ApiError> {
    check_lockout(app, [bucket.0], now).await?;
    consume_attempts(app, vec![bucket], now).await
}

/// Returns 30012 if one of the buckets is locked.
///
/// This writes nothing, so that attempts at locked buckets do not slow down other writes. [`consume_attempts`]
/// decides on the others.
pub async fn check_lockout(
    app: &App,
    buckets: impl IntoIterator<Item = Hash>,
    now: i64,
) -> Result<(), ApiError> {
    let mut longest = None;
    for key in buckets {
        let row: Option<RateLimitBucket> = app.store.get(key).await?;
        longest = longest.max(row.and_then(|row| rate_limit::remaining_lockout(&row.bucket, now)));
    }
    enforce(app, longest.map_or(Decision::Allow, Decision::RetryAfter))
}

/// Counts an attempt in each bucket, or returns 30012 if one of them is full.
pub async fn consume_attempts(app: &App, buckets: Vec<(Hash, Quota)>, now: i64) -> Result<(), ApiError> {
    enforce(app, app.store.run(CheckRateLimit { buckets, now }).await?)
}

/// Turns the decision of a rate limit into a result: 30012 with `Retry-After` for a rejection.
pub fn enforce(app: &App, decision: Decision) -> Result<(), ApiError> {
    match decision {
        Decision::Allow => Ok(()),
        Decision::RetryAfter(seconds) => Err(rate_limited(app, seconds)),
    }
}

/// Counts a login that a rate limit rejected, and returns its error: 30012 with `Retry-After`.
pub fn rate_limited(app: &App, seconds: i64) -> ApiError {
    app.metrics.count_login(LoginOutcome::RateLimited);
    ApiError::RetryAfter(ErrorCode::TooManyAttempts, seconds)
}

/// Returns the bucket key of an account. An unknown account has a bucket too, so that rate limits do not reveal
/// accounts.
pub fn account_bucket_key(mid: Option<Mid>, account: &str) -> Hash {
    match mid {
        Some(mid) => member_bucket_key(b"account", mid),
        None => unknown_account_bucket_key(account),
    }
}

/// Returns the bucket key of a kind of action for the subject of another bucket.
pub fn kind_of_bucket(kind: &[u8], subject: &Hash) -> Hash {
    bucket_key(kind, subject)
}

fn bucket_key(kind: &[u8], subject: &[u8]) -> Hash {
    Sha256::new_with_prefix(kind).chain_update(b"\0").chain_update(subject).finalize().into()
}

/// Returns the bucket key of an unknown account.
///
/// Spellings share a key exactly if [`find_account`](super::password_check::find_account) considers them equal.
/// Otherwise the number of attempts would reveal whether the account exists.
fn unknown_account_bucket_key(account: &str) -> Hash {
    if account.len() > IDENTIFIER_MAX_BYTES {
        return bucket_key(b"no name", account.as_bytes());
    }
    match (contact::normalize_mail(account), contact::normalize_phone(account)) {
        (Some(mail), _) => bucket_key(b"no mail", mail.as_bytes()),
        (None, Some(tel)) => bucket_key(b"no tel", tel.as_bytes()),
        (None, None) => bucket_key(b"no name", name::fold_name(account).as_bytes()),
    }
}

/// Returns the bucket key of an address. An IPv6 address counts as its [network](client_network).
pub fn address_bucket_key(kind: &[u8], address: IpAddr) -> Hash {
    match client_network(address) {
        IpAddr::V4(v4) => bucket_key(kind, &v4.octets()),
        IpAddr::V6(v6) => bucket_key(kind, &v6.octets()[..8]),
    }
}

/// Returns the bucket key of a kind of action of a member.
pub fn member_bucket_key(kind: &[u8], mid: Mid) -> Hash {
    bucket_key(kind, &mid.get().to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_bucket_key_depends_on_kind_and_network() {
        let key = |address: &str| address_bucket_key(b"login", address.parse().unwrap());
        assert_eq!(key("240e:1:2:3::1"), key("240e:1:2:3:ffff::2"));
        assert_ne!(key("240e:1:2:3::1"), key("240e:1:2:4::1"));
        assert_ne!(key("36.40.120.1"), key("36.40.120.2"));
        assert_ne!(key("36.40.120.1"), address_bucket_key(b"signup", "36.40.120.1".parse().unwrap()));
    }
}
