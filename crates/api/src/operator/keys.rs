//! `GET /operator/keys`: the keys of private data.

pub mod rotate;

use super::operation;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

operation! {
    /// Asks how the keys stand.
    Keys: GET "/operator/keys", [Admin] -> Data {}
}

/// How the keys stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The number of the key that seals.
    pub key: u32,
    /// Whether what older keys have sealed is being sealed again.
    pub rotating: bool,
}
