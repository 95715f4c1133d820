//! `GET /passport/remark`: the caller's remark on a member.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /passport/remark`: returns the caller's private remark on a member, empty without one. Errors: -101, -400.
    GetRemark: GET "/passport/remark", Session -> Data {
        /// The member.
        mid: Mid,
    }
}

/// A remark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The remark.
    pub remark: String,
}
