//! `GET /emulator/communities`: the communities.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /emulator/communities`: lists the communities of the emulator by name. Errors: -401, -403.
    ListCommunities: GET "/emulator/communities", Operator<AdminOnly> -> Data {}
}

/// The communities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The name of the community of the request.
    pub current: String,
    /// The names.
    pub list: Vec<String>,
    /// The maximum number of communities.
    pub limit: usize,
}
