//! `POST /passport/totp`: creates a secret of one-time codes.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `POST /passport/totp`: creates a secret of one-time codes (RFC 6238: SHA-1, 6 digits, 30 seconds). It counts
    /// after `POST /passport/totp/confirm`. The caller has to prove themselves first (30113). Errors: -101, -111,
    /// 30113, 30114.
    StartTotp: POST "/passport/totp", SessionWithCsrf -> TotpSecret {}
}

/// A secret of one-time codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TotpSecret {
    /// The secret, in base32.
    pub secret: String,
    /// The secret as the `otpauth` URL that authenticators read.
    pub url: String,
    /// The URL as an SVG image of a QR code.
    pub svg: String,
}
