//! `GET /operator/keys`: the state of the encryption keys.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /operator/keys`: returns the state of the keys that encrypt private fields. Errors: -401, -403, -400.
    GetKeyStatus: GET "/operator/keys", Operator<AdminOnly> -> Data {}
}

/// The state of the encryption keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The number of the key that encrypts.
    pub key: u32,
    /// True while values of older keys are encrypted again.
    pub rotating: bool,
}
