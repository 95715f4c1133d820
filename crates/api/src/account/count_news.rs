//! `GET /passport/news/unread`: the number of the caller's unread news.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /passport/news/unread`: returns the number of the caller's unread news. Each new follower counts, except for
    /// those whom the caller followed since. Errors: -101.
    CountNews: GET "/passport/news/unread", Session -> Data {}
}

/// The number of unread news.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "UnreadNews")]
pub struct Data {
    /// The number. 100 stands for more than 99.
    pub count: usize,
}
