//! `GET /emulator/clock`: the clock.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /emulator/clock`: returns the clock of the community. Errors: -401, -403.
    GetClock: GET "/emulator/clock", Operator<AdminOnly> -> Data {}
}

/// The clock of a community.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The time of the community, in seconds.
    pub time: i64,
    /// True if the clock does not advance.
    pub frozen: bool,
}
