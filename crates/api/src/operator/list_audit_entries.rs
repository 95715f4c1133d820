//! `GET /operator/audit`: the audit log of operators' writes.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /operator/audit`: returns the audit log of operators' writes, newest first. Each entry was stored in
    /// the commit of its change, and is never deleted. A request with events is one entry with the number of
    /// applied ones. A request that changed nothing has no entry. Errors: -401, -403, -400.
    ListAuditEntries: GET "/operator/audit", Operator<AdminOnly> -> Data {
        /// The sequence number to start below. The newest entries if absent.
        before: Option<u64>,
        /// The number of entries, 1 to 1000. 100 if absent.
        #[schemars(range(min = 1, max = 1000))]
        limit: Option<u32>,
    }
}

/// The audit log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The entries.
    pub list: Vec<Entry>,
}

/// A write of an operator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AuditEntry")]
pub struct Entry {
    /// The number of the entry, from 1.
    pub seq: u64,
    /// The time of the write, in seconds.
    pub time: i64,
    /// The name of the operator's token, or `command line`.
    pub by: String,
    /// The path of the endpoint.
    pub action: String,
    /// The member that the write changed. Null if there is none.
    pub mid: Option<Mid>,
    /// The changed fields before the write, without private values. Null if there are none.
    pub before: serde_json::Value,
    /// The changed fields after the write, without private values. Null if there are none.
    pub after: serde_json::Value,
}
