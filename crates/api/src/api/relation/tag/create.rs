//! `POST /x/relation/tag/create`: a new group.

use crate::endpoint::endpoint;
use guanxi_types::Tagid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// Makes a group (seed 002, D21). Refused with 22106, 22103, 22101, 22102.
    TagCreate: POST "/x/relation/tag/create", SessionWithCsrf -> Data {
        /// Its name, at most 16 characters.
        tag: String,
    }
}

/// The group made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// Its tagid.
    pub tagid: Tagid,
}
