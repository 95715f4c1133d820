//! `POST /passport/tel`: a new phone.

use crate::endpoint::endpoint;
use crate::param::Secret;

endpoint! {
    /// Changes one's phone; it is not verified then. Refused with 30012 and `Retry-After`, 30011, 30003.
    ChangeTel: POST "/passport/tel", SessionWithCsrf -> () {
        /// The phone: 5 to 15 digits, with `+` or `00` and the country before them or not; blanks, dots and dashes say
        /// nothing. Absent or empty is none.
        tel: Option<Secret>,
        /// One's password; absent if there is none.
        password: Option<Secret>,
    }
}
