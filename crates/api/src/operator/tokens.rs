//! `GET /operator/tokens`: operators' tokens.

pub mod create;
pub mod revoke;

use super::{Role, operation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

operation! {
    /// Asks which tokens there are. What a token is cannot be asked.
    Tokens: GET "/operator/tokens", [Admin] -> Data {}
}

/// The tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// Each, by name.
    pub list: Vec<Entry>,
}

/// A token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "TokenEntry")]
pub struct Entry {
    /// What it is called.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it was made, in seconds.
    pub created: i64,
}
