//! Logins.

use super::row;
use guanxi_wire::Mid;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

row! {
    /// A login, or a try (D34, D35).
    LoginRow(
        /** Whose. */ mid: Mid,
        /** When, in seconds. */ time: i64,
        /** From which address. */ ip: IpAddr,
        /** How. */ how: How,
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

/// How one logs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// By password.
    Password,
    /// By scanning a QR code.
    Qr,
}
