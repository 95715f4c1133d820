//! `GET /operator/member`: the record of a member.

use crate::endpoint::endpoint;
use guanxi_types::{Coins, Mid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

endpoint! {
    /// `GET /operator/member`: looks a member up by exactly one of the fields. Errors: -401, -403, -400, -404.
    GetMember: GET "/operator/member", Operator<AdminOrModerator> -> Data {
        /// The mid.
        mid: Option<Mid>,
        /// The display name.
        uname: Option<String>,
        /// The user name.
        userid: Option<String>,
        /// The phone.
        tel: Option<String>,
        /// The mail address.
        mail: Option<String>,
    }
}

/// The record of a member. The parts are rows in the form of an export (docs/design/dump-format.md), so fields with
/// default values are absent. Private fields are masked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The mid.
    pub mid: Mid,
    /// The public card.
    pub card: Map<String, Value>,
    /// The further fields of the space.
    pub profile: Map<String, Value>,
    /// The fields that only the member sees. Phone and mail address are masked.
    pub account: Map<String, Value>,
    /// The exp.
    pub growth: Map<String, Value>,
    /// The statistics of works.
    pub upstat: Map<String, Value>,
    /// The balance of coins.
    pub coins: Coins,
    /// The number of members followed.
    pub following: u32,
    /// The number of followers.
    pub follower: u32,
    /// The state of real-name verification: none, waiting, verified or rejected.
    pub realname: String,
    /// True if the member has a second factor.
    pub second_factor: bool,
    /// The number of live sessions.
    pub sessions: usize,
    /// The time from which the account is deleted, if the member leaves, in seconds. Else 0.
    pub leaves_at: i64,
    /// True while the member is being deleted step by step.
    pub leaving: bool,
}
