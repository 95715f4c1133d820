//! `POST /operator/member/create`: creates a member.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `POST /operator/member/create`: creates a member. A name that looks like that of another member is 30002
    /// too. Errors: -401, -403, -400, 30001, 30010, 30002, 30003, 30004, 30005, 30006.
    CreateMember: POST "/operator/member/create", Operator<AdminOnly> -> Data {
        /// The display name, as in `POST /passport/signup`. A reserved name is allowed.
        #[schemars(length(min = 1, max = 16))]
        uname: String,
        /// The mid, at most 2^52. The next free one if absent. The mid of a deleted member is allowed.
        #[schemars(range(max = 4_503_599_627_370_496_u64))]
        mid: Option<Mid>,
        /// The user name, 1 to 32 letters, digits, `_` and `-`. `gx_` and the mid if absent.
        #[schemars(regex(pattern = "^[A-Za-z0-9_-]{1,32}$"))]
        userid: Option<String>,
        /// The password, `password_min_length` to 128 characters. Absent for a member without password login.
        password: Option<String>,
        /// The phone, as in `POST /passport/signup`.
        tel: Option<String>,
        /// The mail address, as in `POST /passport/signup`.
        mail: Option<String>,
    }
}

/// The new member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The mid of the new member.
    pub mid: Mid,
}
