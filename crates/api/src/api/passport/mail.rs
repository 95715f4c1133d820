//! `POST /passport/mail`: a new mail address.

use crate::endpoint::endpoint;
use crate::param::Secret;

endpoint! {
    /// Changes one's mail address; it is not verified then. Refused with 30012 and `Retry-After`, 30011, 30004.
    ChangeMail: POST "/passport/mail", SessionWithCsrf -> () {
        /// The mail address: one `@`, and a domain with a dot, at most 254 bytes. Absent or empty is none.
        mail: Option<Secret>,
        /// One's password; absent if there is none.
        password: Option<Secret>,
    }
}
