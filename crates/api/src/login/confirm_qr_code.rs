//! `POST /passport/qrcode/confirm`: confirms the login of a QR code.

use crate::endpoint::endpoint;

endpoint! {
    /// `POST /passport/qrcode/confirm`: confirms a QR code that the caller was the last to scan. Its client is then
    /// logged in as the caller. A code that has expired or was confirmed already is 30020. A code that the caller
    /// was not the last to scan is 30021. A caller with a second factor, whose session never proved it, gets 30113.
    /// Errors: -101, -111, -400, 30020, 30021, 30113.
    ConfirmQrCode: POST "/passport/qrcode/confirm", SessionWithCsrf -> () {
        /// The key of the code, as in its URL.
        key: String,
    }
}
