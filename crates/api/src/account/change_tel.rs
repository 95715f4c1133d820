//! `POST /passport/tel`: changes the caller's phone.

use crate::endpoint::endpoint;
use guanxi_types::Secret;

endpoint! {
    /// `POST /passport/tel`: changes the caller's phone, or removes it. A new phone is not verified. An unchanged
    /// phone stays verified. Errors: -101, -111, -400, 30012, 30011, 30113, 30003.
    ChangeTel: POST "/passport/tel", SessionWithCsrf -> () {
        /// The phone: 5 to 15 digits, optionally with `+` or `00` and the country code. Blanks, dots and dashes are
        /// ignored. An absent or empty phone removes the current one.
        tel: Option<Secret>,
        /// The current password. It may be absent after a recent proof (`POST /passport/proof`), and for a member
        /// without a password.
        password: Option<Secret>,
    }
}
