//! `GET /emulator/snapshots`: the snapshots.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /emulator/snapshots`: lists the snapshots of the community by name. `start`, the state of a new
    /// community, always exists. Errors: -401, -403.
    ListSnapshots: GET "/emulator/snapshots", Operator<AdminOnly> -> Data {}
}

/// The snapshots of a community.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The snapshots.
    pub list: Vec<Snapshot>,
}

/// A snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Snapshot {
    /// The name.
    pub name: String,
    /// The time on the clock of the snapshot, in seconds. Null if the clock starts as that of a new community.
    pub time: Option<i64>,
}
