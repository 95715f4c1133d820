//! `POST /operator/member/verify`: a phone or a mail address is a member's.

use crate::operator::operation;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

operation! {
    /// Marks a member's phone or mail address as verified; the first verified phone brings 100 exp. Refused with -404, 30053.
    Verify: POST "/operator/member/verify", [Admin, Ingest] -> () {
        /// Whose.
        mid: Mid,
        /// Which.
        what: Reach,
    }
}

/// By what a member is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// Their phone.
    Tel,
    /// Their mail address.
    Mail,
}
