//! `POST /operator/member/create`: a new member.

use crate::operator::operation;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

operation! {
    /// Makes a member. Refused with 30001 to 30006, 30010.
    CreateMember: POST "/operator/member/create", [Admin] -> Data {
        /// Their name, 1 to 16 characters.
        #[schemars(length(min = 1, max = 16))]
        uname: String,
        /// Their mid, at most 2^52; the next if none is named.
        #[schemars(range(max = 4_503_599_627_370_496_u64))]
        mid: Option<Mid>,
        /// Their user name, 1 to 32 letters, digits, `_` and `-`; `gx_` and the mid if none is named.
        #[schemars(regex(pattern = "^[A-Za-z0-9_-]{1,32}$"))]
        userid: Option<String>,
        /// Their password; none if they are to log in otherwise.
        password: Option<String>,
        /// Their phone, as in `/passport/signup`.
        tel: Option<String>,
        /// Their mail address, likewise.
        mail: Option<String>,
    }
}

/// A new member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// Who.
    pub mid: Mid,
}
