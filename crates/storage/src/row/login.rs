//! Logins.

use super::{record, row};
use crate::vault::Hash;
use guanxi_types::Mid;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

row! {
    /// A login, or a try (D34, D35).
    LoginRow(
        /** Whose. */ mid: Mid,
        /** When, in seconds. */ time: i64,
        /** From which address. */ ip: IpAddr,
        /** How. */ how: LoginMethod,
        /** Whether it succeeded. */ ok: bool
    ) {
        /// What it was made with.
        device: String,
        /// The device's `buvid3`; empty for none.
        buvid: String,
        /// Where: country, province and city.
        place: String,
        /// The address's carrier.
        carrier: String,
    }
}

row! {
    /// A member's latest successful login from a device (D34).
    LatestLogin(
        /** Whose. */ mid: Mid,
        /** The hash of the device's `buvid3`. */ device: Hash,
        /** The login. */ login: LoginRow
    ) {}
}
record!(LatestLogin in LatestLogin by (mid: Mid, device: Hash));

/// How one logs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LoginMethod {
    /// By password.
    Password,
    /// By scanning a QR code.
    Qr,
}
