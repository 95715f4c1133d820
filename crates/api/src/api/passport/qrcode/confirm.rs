//! `GET /passport/qrcode/confirm`: what a code would log in; `POST /passport/qrcode/confirm`: yes to it.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// Looks at a code as the member who may confirm it; who asked for it is told that it was scanned. Refused with 30020.
    ScanQr: GET "/passport/qrcode/confirm", Session -> Asked {
        /// Its key.
        key: String,
    }
}

/// Who asks to be logged in: to be shown to the member before they say yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Asked {
    /// With what.
    pub device: String,
    /// From which address, masked as in 25.
    pub ip: String,
    /// Where.
    pub place: String,
    /// When, in seconds.
    pub time: i64,
    /// From when the code is none, in seconds.
    pub expires: i64,
}

endpoint! {
    /// Says yes to a code one has looked at: whoever asked for it is logged in as oneself. Refused with 30020, 30021.
    ConfirmQr: POST "/passport/qrcode/confirm", SessionWithCsrf -> () {
        /// Its key.
        key: String,
    }
}
