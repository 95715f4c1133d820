//! `GET /emulator/requests`: the recorded requests.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /emulator/requests`: lists members' requests with their responses, oldest first. The community records
    /// the latest requests in the order of their responses. With `wait_ms` the response waits until a request
    /// matches. Errors: -401, -403, -400.
    ListRequests: GET "/emulator/requests", Operator<AdminOnly> -> Data {
        /// The path, in which `*` matches any text.
        path: Option<String>,
        /// The HTTP status of the response.
        status: Option<u16>,
        /// The code of the response.
        code: Option<i32>,
        /// The member of the session.
        mid: Option<Mid>,
        /// The id to start after. All requests if absent.
        after: Option<u64>,
        /// The number of requests, 1 to 1000. 100 if absent.
        #[schemars(range(min = 1, max = 1000))]
        limit: Option<u32>,
        /// The time to wait for a request that matches, in milliseconds. 0 if absent.
        #[schemars(range(max = 30_000))]
        wait_ms: Option<u32>,
        /// True to include the values of cookies and of `Authorization`.
        include_secrets: Option<bool>,
    }
}

/// The recorded requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The requests.
    pub list: Vec<RecordedRequest>,
    /// The id of the latest request of the community, 0 before the first.
    pub latest: u64,
}

/// A request with its response.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordedRequest {
    /// The number of the request, from 1.
    pub id: u64,
    /// The time on the clock of the community, in seconds.
    pub time: i64,
    /// The HTTP method.
    pub method: String,
    /// The host, or the empty text.
    pub host: String,
    /// The path.
    pub path: String,
    /// The query, without `?`.
    pub query: String,
    /// The headers.
    pub headers: Vec<Header>,
    /// The body. Null if it is no text, or longer than 65,536 bytes.
    pub body: Option<String>,
    /// The member of the session. Null without one.
    pub mid: Option<Mid>,
    /// The path of the route. Null for an unknown path.
    pub endpoint: Option<String>,
    /// The id of the fault that applied. Null if none did.
    pub fault: Option<u64>,
    /// The HTTP status. Null if the connection closed before the response.
    pub status: Option<u16>,
    /// The code of the response. Null if it has none.
    pub code: Option<i32>,
    /// The headers of the response.
    pub response_headers: Vec<Header>,
    /// The body of the response. Null if it is no text, or longer than 65,536 bytes.
    pub response_body: Option<String>,
    /// The duration in microseconds.
    pub micros: u64,
}

/// A header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Header {
    /// The name, in lower case.
    pub name: String,
    /// The value.
    pub value: String,
}
