//! `POST /passport/password`: a new password.

use crate::endpoint::endpoint;
use crate::param::Secret;

endpoint! {
    /// Changes one's password, gives the session that asks a new token (the cookies are set anew), and ends all of one's other
    /// sessions. Refused with 30010, 30012 and `Retry-After`, 30011.
    ChangePassword: POST "/passport/password", SessionWithCsrf -> () {
        /// The old one; absent if there is none.
        old: Option<Secret>,
        /// The new one.
        new: Secret,
    }
}
