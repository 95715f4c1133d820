//! `GET /passport/news`: the news of the caller's account.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /passport/news`: returns the news since the time that `POST /passport/news/seen` stored, at most 20.
    /// News are finished reviews, and logins from a new device or place as `GET /passport/logins` marks them. Only
    /// the latest review of each kind is listed, and none while a newer submission is pending. Errors: -101.
    ListNews: GET "/passport/news", Session -> Data {}
}

/// The news of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The time up to which the news are marked as seen, in seconds. 0 if they never were.
    pub seen: i64,
    /// The later news, newest first, at most 20.
    pub list: Vec<NewsItem>,
}

/// An event of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewsItem {
    /// The kind of event.
    pub r#type: NewsKind,
    /// The time of the event, in seconds.
    pub time: i64,
    /// The bio for a review of a bio, the device for a login, else empty.
    pub text: String,
    /// The reason for a rejection, the place and the internet provider for a login, else empty.
    pub remark: String,
    /// The address for a login, masked as in `GET /x/member/web/login/log`, else empty.
    pub ip: String,
}

/// The kind of a news item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NewsKind {
    /// A bio was approved.
    SignApproved,
    /// A bio was rejected.
    SignRejected,
    /// The real name was verified.
    RealnameVerified,
    /// The real name was rejected.
    RealnameRejected,
    /// A login from a new device or place. The login of the calling session is left out.
    Login,
}
