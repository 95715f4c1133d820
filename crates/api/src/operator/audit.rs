//! `GET /operator/audit`: what operators did.

use super::operation;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

operation! {
    /// Asks for the log of operators' writes, the newest first.
    Audit: GET "/operator/audit", [Admin] -> Data {
        /// From before which number on; from the newest if none is named.
        before: Option<u64>,
        /// How many, 1 to 1000; 100 if it is not said.
        #[schemars(range(min = 1, max = 1000))]
        limit: Option<u32>,
    }
}

/// The log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// Its entries.
    pub list: Vec<Entry>,
}

/// A write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AuditEntry")]
pub struct Entry {
    /// The how manieth, from 1.
    pub seq: u64,
    /// When, in seconds.
    pub time: i64,
    /// The name of the token it was made with.
    pub by: String,
    /// What was done.
    pub deed: String,
    /// To whom; null if to nobody.
    pub mid: Option<Mid>,
    /// What was, as far as it changed; nothing private.
    pub before: serde_json::Value,
    /// What is, likewise.
    pub after: serde_json::Value,
}
