//! Sessions, the QR codes that open one, and the doors to them.

use super::{LoginMethod, record, row};
use crate::vault::Hash;
use guanxi_domain::tries::BucketState;
use guanxi_types::Mid;
use std::net::IpAddr;

/// The SHA-256 of a session's token. The token itself is kept nowhere.
pub type TokenHash = [u8; 32];

row! {
    /// A session.
    Session(/** The hash of its token. */ #[serde(with = "crate::row::number::hex")] hash: TokenHash, /** Whose. */ mid: Mid) {
        /// When it was opened, in seconds.
        created: i64,
        /// From when it is none, in seconds.
        expires: i64,
        /// LoginMethod; none if it was given.
        how: Option<LoginMethod>,
        /// What it was opened with.
        device: String,
        /// From which address.
        ip: Option<IpAddr>,
        /// Where: country, province and city.
        place: String,
    }
}
record!(Session in Session by hash: TokenHash, due: |row| Some(row.expires));

row! {
    /// A QR code that somebody asked for, to log in with.
    Qr(/** The hash of its key. */ #[serde(with = "crate::row::number::hex")] hash: Hash, /** The hash of what its caller alone knows. */ #[serde(with = "crate::row::number::hex")] caller: Hash) {
        /// When it was asked for, in seconds.
        made: i64,
        /// From when it is none, in seconds.
        expires: i64,
        /// What it was asked for with.
        device: String,
        /// From which address.
        ip: Option<IpAddr>,
        /// Where: country, province and city.
        place: String,
        /// The address's carrier.
        carrier: String,
        /// Who has looked at it last.
        scanned: Option<Mid>,
        /// Whether they have said yes.
        confirmed: bool,
        /// With which session: what it said counts for as long as it lives.
        by: Option<TokenHash>,
    }
}
record!(Qr in Qr by hash: Hash, due: |row| Some(row.expires));

row! {
    /// A door: an account or an address, at which tries are counted.
    Door(/** The hash of what it is. */ #[serde(with = "crate::row::number::hex")] hash: Hash) {
        /// The tries.
        tries: BucketState,
        /// From when it has nothing to remember, in seconds.
        forgotten: i64,
    }
}
record!(Door in Door by hash: Hash, due: |row| Some(row.forgotten));
