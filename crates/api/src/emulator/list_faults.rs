//! `GET /emulator/faults`: the faults.

use super::add_fault::AddFault;
use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /emulator/faults`: lists the rules of faults in their order. Errors: -401, -403.
    ListFaults: GET "/emulator/faults", Operator<AdminOnly> -> Data {}
}

/// The rules of faults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The rules.
    pub list: Vec<Fault>,
}

/// A rule of faults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fault {
    /// The id of the rule.
    pub id: u64,
    /// The number of requests that matched, before the selection by `share` and `count`.
    pub matched: u64,
    /// The number of requests to which the rule applied.
    pub applied: u64,
    /// The rule as it was added.
    pub rule: AddFault,
}
