//! `GET /passport/qrcode/confirm`: the login request behind a QR code.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /passport/qrcode/confirm`: marks a QR code as scanned by the caller, and returns the client that
    /// requests the login. A page shows the client to the member before the confirmation. A code that has expired
    /// or was confirmed already is 30020. Errors: -101, -400, 30020.
    ScanQrCode: GET "/passport/qrcode/confirm", Session -> QrCodeRequester {
        /// The key of the code, as in its URL.
        key: String,
    }
}

/// The client that requests the login, to show to the member before the confirmation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QrCodeRequester {
    /// The device of the client.
    pub device: String,
    /// The address of the client, masked as in `GET /x/safecenter/login_notice`.
    pub ip: String,
    /// The place and the internet provider of the client.
    pub place: String,
    /// The time of the request, in seconds.
    pub time: i64,
    /// The time at which the code expires, in seconds.
    pub expires: i64,
}
