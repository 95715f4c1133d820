//! `POST /operator/tokens/create`: a new token.

use crate::operator::operation;
use guanxi_types::Role;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

operation! {
    /// Makes a token. It is told this once; its hash alone is kept. Refused with 30062.
    CreateToken: POST "/operator/tokens/create", [Admin] -> Data {
        /// What to call it, 1 to 64 characters, none of them a control.
        #[schemars(length(min = 1, max = 64), regex(pattern = r"^[^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]*$"))]
        name: String,
        /// What it may do.
        role: Role,
    }
}

/// A new token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The token, for `Authorization: Bearer`.
    pub token: String,
}
