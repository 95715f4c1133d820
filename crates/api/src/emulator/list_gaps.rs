//! `GET /emulator/gaps`: requests that the emulator does not support.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /emulator/gaps`: lists what the community was asked for and does not have. Each list has at most 1,000
    /// entries, the most frequent first. Errors: -401, -403.
    ListGaps: GET "/emulator/gaps", Operator<AdminOnly> -> Data {}
}

/// The gaps of a community.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The requests for paths or methods without an endpoint.
    pub paths: Vec<UnknownPath>,
    /// The parameters that their endpoint does not read. All parameters of a path without an endpoint.
    pub parameters: Vec<UnreadParameter>,
    /// The hosts that the proxy refused.
    pub hosts: Vec<RefusedHost>,
}

/// A path without an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnknownPath {
    /// The HTTP method.
    pub method: String,
    /// The host, or the empty text.
    pub host: String,
    /// The path.
    pub path: String,
    /// The number of requests.
    pub count: u64,
}

/// A parameter that its endpoint does not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnreadParameter {
    /// The HTTP method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The name of the parameter.
    pub name: String,
    /// The number of requests.
    pub count: u64,
}

/// A host that the proxy refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefusedHost {
    /// The host.
    pub host: String,
    /// The number of connections.
    pub count: u64,
}
