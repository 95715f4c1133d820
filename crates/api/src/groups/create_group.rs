//! `POST /x/relation/tag/create`: creates a group.

use crate::endpoint::endpoint;
use guanxi_types::Tagid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `POST /x/relation/tag/create`: creates a group (seed 002, D21). A blank name is -400. The names of the
    /// built-in groups are 22106. Errors: -101, -111, -400, 22106, 22103, 22101, 22102.
    CreateGroup: POST "/x/relation/tag/create", SessionWithCsrf -> Data {
        /// The name, 1 to 16 characters. Blanks at its ends are removed.
        tag: String,
    }
}

/// The new group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The tagid of the new group.
    pub tagid: Tagid,
}
