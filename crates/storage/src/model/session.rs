//! Sessions, QR codes for logins, and rate limit buckets.

use super::{LoginMethod, entity, stored_struct};
use crate::encryption::Hash;
use guanxi_domain::factor::Proofs;
use guanxi_domain::rate_limit::BucketState;
use guanxi_types::Mid;
use std::net::IpAddr;

/// The SHA-256 of a session token. The token itself is not stored.
pub type TokenHash = [u8; 32];

stored_struct! {
    /// A session of a member.
    Session(
        /** The hash of the token. */ #[serde(with = "crate::model::serde_hex")] hash: TokenHash,
        /** The member. */ mid: Mid
    ) {
        /// The time of creation, in seconds.
        created: i64,
        /// The second from which the session is expired.
        expires: i64,
        /// The method of the login. `None` for a session without a login.
        login_method: Option<LoginMethod>,
        /// The name of the device.
        device: String,
        /// The IP address.
        ip: Option<IpAddr>,
        /// The location of the IP address: country, province and city.
        location: String,
        /// The time at which the session proved the password last, in seconds. 0 for never.
        password_proved: i64,
        /// The time at which the session proved a second factor last, in seconds. 0 for never.
        factor_proved: i64,
    }
}
entity!(Session in Session by hash: TokenHash, run_at: |row| Some(row.expires));

impl Session {
    /// Returns the last proofs of the session.
    pub fn proofs(&self) -> Proofs {
        Proofs { password: self.password_proved, factor: self.factor_proved }
    }
}

stored_struct! {
    /// A QR code for a login.
    QrLogin(
        /** The hash of the key. */ #[serde(with = "crate::model::serde_hex")] hash: Hash,
        /** The hash of the secret that only the requesting client knows. */
        #[serde(with = "crate::model::serde_hex")] claim_secret: Hash
    ) {
        /// The time of creation, in seconds.
        created: i64,
        /// The second from which the QR code is expired.
        expires: i64,
        /// The name of the requesting device.
        device: String,
        /// The IP address of the requesting client.
        ip: Option<IpAddr>,
        /// The location of the IP address: country, province and city.
        location: String,
        /// The ISP of the IP address.
        isp: String,
        /// The member that scanned the QR code last.
        scanned_by: Option<Mid>,
        /// True after the confirmation.
        confirmed: bool,
        /// The session that confirmed the QR code. The confirmation is valid as long as that session.
        confirmed_by: Option<TokenHash>,
    }
}
entity!(QrLogin in QrLogin by hash: Hash, run_at: |row| Some(row.expires));

stored_struct! {
    /// The rate limit bucket of an account, a member or an IP address.
    RateLimitBucket(/** The hash of the bucket key. */ #[serde(with = "crate::model::serde_hex")] hash: Hash) {
        /// The state.
        bucket: BucketState,
        /// The second from which the row may be deleted.
        expires: i64,
    }
}
entity!(RateLimitBucket in RateLimit by hash: Hash, run_at: |row| Some(row.expires));
