//! `POST /passport/login`: a member logs in by password.

use super::signup::LoggedIn;
use crate::endpoint::endpoint;
use crate::param::Secret;

endpoint! {
    /// Logs a member in: the answer sets the cookies. Refused with 30012 and `Retry-After`, 30011.
    LogIn: POST "/passport/login", AnonymousWrite -> LoggedIn {
        /// Their name, user name, phone or mail address.
        account: Secret,
        /// Their password.
        password: Secret,
    }
}
