//! `POST /passport/qrcode`: creates a QR code for a login.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `POST /passport/qrcode`: creates a QR code for a login. The response also sets the cookie `qrcode_caller`,
    /// with `Path=/`, `HttpOnly` and `SameSite=Strict`, for the lifetime of the code. Only the client with that
    /// cookie is logged in by the code. Errors: -111, 30012.
    CreateQrCode: POST "/passport/qrcode", AnonymousWrite -> CreatedQrCode {}
}

/// A new QR code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CreatedQrCode {
    /// The key of the code, for `GET /passport/qrcode`.
    pub key: String,
    /// The content of the code: `public_url` and the page `/login/confirm` with the key. A logged-in member
    /// confirms the login there.
    pub url: String,
    /// The code as an SVG image.
    pub svg: String,
    /// The lifetime of the code, in seconds: `qrcode_ttl_seconds`.
    pub expires_in: i64,
}
