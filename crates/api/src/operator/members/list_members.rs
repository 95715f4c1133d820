//! `GET /operator/members`: the list of members.

use crate::endpoint::endpoint;
use guanxi_types::{Mid, Order};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /operator/members`: returns members in the order of their mids. A member must pass all filters. Bounds are
    /// inclusive, and a day is `YYYY-MM-DD` in Asia/Shanghai. A request compares at most `member_scan_limit` members,
    /// so its page may be short, or empty, before the end: `compared` is present then. Repeat the request with `after`
    /// until `next` is null. Errors: -401, -403, -400.
    #[derive(Default)]
    ListMembers: GET "/operator/members", Operator<AdminOrModerator> -> Data {
        /// A part of a name, pinyin or a mid, as members are found by. The list then has at most `find_scan_limit`
        /// members.
        text: Option<String>,
        /// The first day of joining.
        joined_from: Option<String>,
        /// The last day of joining. It includes members whose day is unknown.
        joined_until: Option<String>,
        /// The first day of the last login. A request with a session counts as a login.
        active_from: Option<String>,
        /// The last day of the last login. It includes members who never logged in.
        active_until: Option<String>,
        /// The least exp.
        exp_from: Option<u64>,
        /// The greatest exp.
        exp_until: Option<u64>,
        /// True for silenced members only.
        #[serde(default)]
        silenced: bool,
        /// True for members with a phone that is not verified.
        #[serde(default)]
        unverified_tel: bool,
        /// True for members with a mail address that is not verified.
        #[serde(default)]
        unverified_mail: bool,
        /// The order of mids. `desc` has the newest members first.
        order: Option<Order>,
        /// The `next` of the page before.
        after: Option<Mid>,
        /// The number of members, 1 to 1000. 100 if absent.
        #[schemars(range(min = 1, max = 1000))]
        limit: Option<u32>,
    }
}

/// A page of members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "MemberPage")]
pub struct Data {
    /// The members.
    pub list: Vec<MemberEntry>,
    /// The parameter `after` of the next page. Null on the last page.
    pub next: Option<Mid>,
    /// The number of compared members, if the page ended for that number. Null otherwise.
    pub compared: Option<usize>,
    /// False if further members may have such a name, since the service has read as many names as it permits.
    pub complete: bool,
}

/// A member of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemberEntry {
    /// The mid.
    pub mid: Mid,
    /// The name.
    pub uname: String,
    /// The URL of the picture, as stored. Empty for none.
    pub face: String,
    /// The time of joining, in seconds. 0 if unknown.
    pub joined: i64,
    /// The day of the last login, `YYYY-MM-DD`. Null for never.
    pub active: Option<String>,
    /// The exp.
    pub exp: u64,
    /// True if the member is silenced.
    pub silenced: bool,
    /// True if the member has a phone that is not verified.
    pub unverified_tel: bool,
    /// True if the member has a mail address that is not verified.
    pub unverified_mail: bool,
}
