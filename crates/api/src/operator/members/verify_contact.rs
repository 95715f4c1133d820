//! `POST /operator/member/verify`: marks a contact of a member as verified.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `POST /operator/member/verify`: marks the phone or the mail address of a member as verified, for a program that
    /// verifies them itself. The first verified phone gives 100 exp, once. A member without that contact is 30053.
    /// Errors: -401, -403, -400, -404, 30053.
    VerifyContact: POST "/operator/member/verify", Operator<AdminOrIngest> -> () {
        /// The member.
        mid: Mid,
        /// The contact.
        what: ContactKind,
    }
}

/// The kind of a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ContactKind {
    /// The phone.
    Tel,
    /// The mail address.
    Mail,
}
