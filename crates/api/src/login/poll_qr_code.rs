//! `GET /passport/qrcode`: the state of a QR code.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /passport/qrcode`: returns the state of a QR code to the client with its cookie `qrcode_caller`. The
    /// first response with `confirmed` sets the cookies of a login, and the code is used up. Errors: -400.
    PollQrCode: GET "/passport/qrcode", Public -> QrCodeState {
        /// The key of the code, from `POST /passport/qrcode`.
        key: String,
    }
}

/// The state of a QR code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QrCodeState {
    /// The status of the code.
    pub status: QrCodeStatus,
    /// The member that is now logged in. Null before the confirmation.
    pub mid: Option<Mid>,
}

/// The status of a QR code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum QrCodeStatus {
    /// The code was not scanned yet.
    Waiting,
    /// A member has scanned the code, and has not confirmed it yet.
    Scanned,
    /// A member has confirmed the code, and the client is now logged in.
    Confirmed,
    /// The code has expired, was used, never existed, or belongs to another client. A code is also expired once the
    /// session that confirmed it has ended.
    Expired,
}
