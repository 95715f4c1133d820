//! Login attempts and devices.

use super::{entity, stored_struct};
use crate::encryption::Hash;
use guanxi_types::Mid;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

stored_struct! {
    /// A login attempt (D34, D35).
    LoginRow(
        /** The member. */ mid: Mid,
        /** The time, in seconds. */ time: i64,
        /** The IP address. */ ip: IpAddr,
        /** The method. */ method: LoginMethod,
        /** True if the attempt succeeded. */ success: bool
    ) {
        /// The name of the device.
        device: String,
        /// The `buvid3` of the device. Empty for none.
        buvid: String,
        /// The location of the IP address: country, province and city.
        location: String,
        /// The ISP of the IP address.
        isp: String,
    }
}

stored_struct! {
    /// The latest successful login of a member from a device (D34).
    LatestLogin(
        /** The member. */ mid: Mid,
        /** The hash of the `buvid3` of the device. */ device: Hash,
        /** The login. */ login: LoginRow
    ) {}
}
entity!(LatestLogin in LatestLogin by (mid: Mid, device: Hash));

/// The method of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LoginMethod {
    /// A password.
    Password,
    /// A scanned QR code.
    Qr,
    /// A passkey.
    Passkey,
}
