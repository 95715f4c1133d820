//! `GET /operator/tokens`: the tokens of operators.

use crate::endpoint::endpoint;
use guanxi_types::Role;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /operator/tokens`: returns the names and roles of the tokens. The tokens themselves are not stored.
    /// Errors: -401, -403, -400.
    ListTokens: GET "/operator/tokens", Operator<AdminOnly> -> Data {}
}

/// The tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The tokens, ordered by name.
    pub list: Vec<Entry>,
}

/// A token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "TokenEntry")]
pub struct Entry {
    /// The name.
    pub name: String,
    /// The role, which decides the allowed endpoints.
    pub role: Role,
    /// The time of the creation, in seconds.
    pub created: i64,
}
