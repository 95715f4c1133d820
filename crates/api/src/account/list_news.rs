//! `GET /passport/news`: the news of the caller's account.

use crate::endpoint::endpoint;
use crate::param::Flag;
use guanxi_types::{Coins, Mid, TimeCursor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /passport/news`: returns the caller's unread news, newest first, at most 20. News are new followers,
    /// finished reviews, logins from a new device or place as `GET /passport/logins` marks them, reached levels, and
    /// coins that operators gave or took. A client ignores kinds that it does not know. News are kept for `news_days`
    /// (90), and at most `news_limit` (100) beside followers. Errors: -101, -400.
    ListNews: GET "/passport/news", Session -> Data {
        /// 1 returns read news too.
        all: Flag,
        /// The `id` of the last item of the page before. Later items are left out.
        before: Option<TimeCursor>,
    }
}

/// A page of the news of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The time up to which the news are marked as seen, in seconds. 0 if they never were.
    pub seen: i64,
    /// The number of unread news. 100 stands for more than 99.
    pub unread: usize,
    /// The news, newest first, at most 20.
    pub list: Vec<NewsItem>,
    /// The parameter `before` of the next page. Null on the last page.
    pub next: Option<TimeCursor>,
}

/// An event of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewsItem {
    /// The id, for `POST /passport/news/read` and the next page. That of followers changes with each new follower.
    pub id: TimeCursor,
    /// The kind of event.
    pub r#type: NewsKind,
    /// The time of the event, in seconds. For followers the time of the newest follow.
    pub time: i64,
    /// True if the item is marked neither as read nor as seen.
    pub unread: bool,
    /// The bio for a review of a bio, the device for a login, else empty.
    pub text: String,
    /// The reason for a rejection or for a change of coins, the place and the internet provider for a login, else
    /// empty.
    pub remark: String,
    /// The address for a login, masked as in `GET /x/member/web/login/log`, else empty.
    pub ip: String,
    /// The level reached, else 0.
    pub level: u8,
    /// The coins that an operator gave, negative if taken, else 0.
    pub coins: Coins,
    /// The number of followers of one day, else 0. 100 stands for more than 99.
    pub count: usize,
    /// The newest followers of the day, newest first, at most 3, else none.
    pub members: Vec<NewsMember>,
}

/// A member in the news of followers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewsMember {
    /// The member.
    pub mid: Mid,
    /// The name.
    pub uname: String,
    /// The URL of the picture. Empty for the default one.
    pub face: String,
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
    /// Members follow the caller since a day in Asia/Shanghai.
    Followers,
    /// The caller reached a level.
    Level,
    /// An operator gave or took coins.
    Coins,
}
