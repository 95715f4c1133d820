//! `POST /passport/signup`: somebody becomes a member.

use crate::endpoint::endpoint;
use crate::param::Secret;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// Makes a member and logs them in: the answer sets the cookies. Refused with 30000, 30001, 30010, 30012 and `Retry-After`,
    /// 30002, 30003, 30004.
    SignUp: POST "/passport/signup", AnonymousWrite -> LoggedIn {
        /// Their name, 1 to 16 characters.
        uname: String,
        /// Their password.
        password: Secret,
        /// Their phone: 5 to 15 digits, with `+` or `00` and the country before them or not; blanks, dots and dashes say
        /// nothing. Empty is none.
        tel: Option<Secret>,
        /// Their mail address: one `@`, and a domain with a dot, at most 254 bytes. Empty is none.
        mail: Option<Secret>,
    }
}

/// Somebody who is logged in now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LoggedIn {
    /// Who.
    pub mid: Mid,
}
