//! `POST /passport/qrcode/cancel`: refuses the login of a QR code.

use crate::endpoint::endpoint;

endpoint! {
    /// `POST /passport/qrcode/cancel`: refuses the login of a QR code that the caller was the last to scan. The code
    /// is expired from then on, as its client sees. A code that has expired or was confirmed already is 30020. A code
    /// that the caller was not the last to scan is 30021. Errors: -101, -111, -400, 30020, 30021.
    CancelQrCode: POST "/passport/qrcode/cancel", SessionWithCsrf -> () {
        /// The key of the code, as in its URL.
        key: String,
    }
}
