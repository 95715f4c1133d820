//! `POST /emulator/faults/clear`: removes faults.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `POST /emulator/faults/clear`: removes a rule of faults, or all. Errors: -401, -403, -400.
    ClearFaults: POST "/emulator/faults/clear", Operator<AdminOnly> -> Data {
        /// The id of the rule. All rules if absent.
        id: Option<u64>,
    }
}

/// The number of removed rules, or of removed requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The number of removed entries.
    pub removed: usize,
}
