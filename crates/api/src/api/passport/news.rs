//! `GET /passport/news`: what one has not seen yet.

pub mod seen;

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// Asks what happened since one last said that one has seen it: reviews that ended, and logins with a device or from a place
    /// that is new.
    News: GET "/passport/news", Session -> Data {}
}

/// The news.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// Until when one has seen all there was, in seconds; 0 if one never said so.
    pub seen: i64,
    /// What happened later: at most 20, the newest first.
    pub list: Vec<Item>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "NewsItem")]
pub struct Item {
    /// What.
    pub r#type: Happened,
    /// When, in seconds.
    pub time: i64,
    /// Of a sign: the sign. Of a login: the device. Else empty.
    pub text: String,
    /// Of a review that ended in a rejection: why. Of a login: place and carrier. Else empty.
    pub remark: String,
    /// Of a login: from which address, masked as in 26. Else empty.
    pub ip: String,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// One's sign was approved.
    SignApproved,
    /// One's sign was rejected.
    SignRejected,
    /// One's real name was verified.
    RealnameVerified,
    /// One's real name was rejected.
    RealnameRejected,
    /// A login with a device or from a place that is new, other than the one the request is made with.
    Login,
}
