//! `POST /passport/qrcode`: a code to log in with; `GET /passport/qrcode`: how far it is.

pub mod confirm;

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// Asks for a QR code. The answer sets a cookie too, and only who sends that back is logged in by the code. Refused with
    /// 30012 and `Retry-After`.
    DrawQr: POST "/passport/qrcode", AnonymousWrite -> Drawn {}
}

/// A code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Drawn {
    /// Its key.
    pub key: String,
    /// What the code says: where a member who is logged in elsewhere confirms it.
    pub url: String,
    /// The code as a picture, SVG.
    pub svg: String,
    /// For how many seconds it lives.
    pub expires_in: i64,
}

endpoint! {
    /// Asks how far a code is. Once it is confirmed the answer sets the cookies, and the code is used.
    PollQr: GET "/passport/qrcode", Public -> Polled {
        /// Its key.
        key: String,
    }
}

/// How far a code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Polled {
    /// How far.
    pub status: Status,
    /// Who is logged in now; null before.
    pub mid: Option<Mid>,
}

/// How far a code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Nobody has looked at it.
    Waiting,
    /// A member has looked at it, and has not said yes.
    Scanned,
    /// A member has said yes: one is logged in now.
    Confirmed,
    /// It has expired, was used, never was, is another caller's, or was confirmed with a session that has ended since.
    Expired,
}
