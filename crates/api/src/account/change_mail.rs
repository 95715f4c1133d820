//! `POST /passport/mail`: changes the caller's mail address.

use crate::endpoint::endpoint;
use guanxi_types::Secret;

endpoint! {
    /// `POST /passport/mail`: changes the caller's mail address, or removes it. A new address is not verified. An
    /// unchanged address stays verified. Errors: -101, -111, -400, 30012, 30011, 30113, 30004.
    ChangeMail: POST "/passport/mail", SessionWithCsrf -> () {
        /// The mail address: one `@`, and a domain with a dot, at most 254 bytes. An absent or empty address
        /// removes the current one.
        mail: Option<Secret>,
        /// The current password. It may be absent after a recent proof (`POST /passport/proof`), and for a member
        /// without a password.
        password: Option<Secret>,
    }
}
