//! `POST /operator/member/create`: a new member.

use crate::Mid;
use crate::operator::operation;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

operation! {
    /// Makes a member. Refused with 30001 to 30006, 30010.
    CreateMember: POST "/operator/member/create", [Admin] -> Data {
        /// Their name, 1 to 16 characters.
        uname: String,
        /// Their mid, at most 2^52; the next if none is named.
        #[serde(default)] mid: Option<Mid>,
        /// Their user name; `gx_` and the mid if none is named.
        #[serde(default)] userid: Option<String>,
        /// Their password; none if they are to log in otherwise.
        #[serde(default)] password: Option<String>,
        /// Their phone.
        #[serde(default)] tel: Option<String>,
        /// Their mail address.
        #[serde(default)] mail: Option<String>,
    }
}

/// A new member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// Who.
    pub mid: Mid,
}
