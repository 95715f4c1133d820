//! `POST /operator/tokens/create`: creates a token.

use crate::endpoint::endpoint;
use guanxi_types::Role;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `POST /operator/tokens/create`: creates a token of 64 hexadecimal digits. Only this response contains it:
    /// the service stores its hash. Errors: -401, -403, -400, 30062.
    CreateToken: POST "/operator/tokens/create", Operator<AdminOnly> -> Data {
        /// The name, 1 to 64 characters without control characters.
        #[schemars(length(min = 1, max = 64), regex(pattern = r"^[^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]*$"))]
        name: String,
        /// The role, which decides the allowed endpoints.
        role: Role,
    }
}

/// The new token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The token, for `Authorization: Bearer`.
    pub token: String,
}
