//! `POST /passport/signup`: registers a member.

use crate::endpoint::endpoint;
use guanxi_types::{Mid, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `POST /passport/signup`: registers a member and logs them in. The response sets the cookies. The user name
    /// is `gx_` and the mid. Phone and mail address are unverified until `POST /passport/contact/verify`. With
    /// `registration = "closed"` only operators create members. A name that looks like that of another member is
    /// 30002 too. Errors: -111, -400, 30000, 30001, 30010, 30012, 30002, 30003, 30004.
    SignUp: POST "/passport/signup", AnonymousWrite -> LoggedIn {
        /// The display name, 1 to 16 visible characters after Unicode normalization (NFC). Blanks at its ends are
        /// removed. A name has no `@`, does not consist of digits, is not `gx_` and digits, and is not reserved.
        uname: String,
        /// The password, `password_min_length` to 128 characters.
        password: Secret,
        /// The phone: 5 to 15 digits, optionally with `+` or `00` and the country code. Blanks, dots and dashes are
        /// ignored. Empty means no phone.
        tel: Option<Secret>,
        /// The mail address: one `@`, and a domain with a dot, at most 254 bytes. Empty means no mail address.
        mail: Option<Secret>,
    }
}

/// The member that is now logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LoggedIn {
    /// The mid of the member.
    pub mid: Mid,
}
