//! `POST /emulator/fault`: adds a fault.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `POST /emulator/fault`: adds a rule that replaces or delays the responses to members' requests. The first rule
    /// that matches a request applies. A rule has exactly one of `code`, `status`, `cut` and `malformed`, or only
    /// `delay_ms`. The request of a replaced response changes nothing, unless the rule has `after`. Errors: -401,
    /// -403, -400.
    AddFault: POST "/emulator/fault", Operator<AdminOnly> -> Data {
        /// The path, in which `*` matches any text. Every path if absent.
        path: Option<String>,
        /// The member of the session. Every request if absent.
        mid: Option<Mid>,
        /// The share of the matching requests to which the rule applies. 1 if absent.
        #[schemars(range(min = 0.0, max = 1.0))]
        share: Option<f64>,
        /// The seed of the selection by `share`. The same seed selects the same requests, in their order. 0 if
        /// absent.
        seed: Option<u64>,
        /// The number of times that the rule applies. Unlimited if absent.
        #[schemars(range(min = 1))]
        count: Option<u32>,
        /// The delay before the response, in milliseconds.
        #[schemars(range(max = 600_000))]
        delay_ms: Option<u32>,
        /// The code of a rejection, from the table of error codes.
        code: Option<i32>,
        /// The HTTP status of an error.
        #[schemars(range(min = 400, max = 599))]
        status: Option<u16>,
        /// True to close the connection without a response.
        cut: Option<bool>,
        /// True for a JSON body that ends too early. `Content-Length` is the length of what is sent.
        malformed: Option<bool>,
        /// True to handle the request, and to replace the response then.
        after: Option<bool>,
    }
}

/// The id of a new rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The id of the rule.
    pub id: u64,
}
