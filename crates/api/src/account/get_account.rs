//! `GET /x/member/web/account`: the account of the caller.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /x/member/web/account`: returns the caller's account (seed 000). Errors: -101.
    GetAccount: GET "/x/member/web/account", Session -> Data {}
}

/// The account of the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The mid of the caller.
    pub mid: Mid,
    /// The display name.
    pub uname: String,
    /// The user name, which can be used to log in.
    pub userid: String,
    /// The published bio.
    pub sign: String,
    /// The birthday as `YYYY-MM-DD`, or empty.
    pub birthday: String,
    /// The sex: 男, 女 or 保密.
    pub sex: String,
    /// True if the member has not chosen a name yet.
    pub nick_free: bool,
    /// The title of the rank: below 10000 普通用户, from 10000 正式会员, from 20000 字幕君, from 25000 VIP, from 30000 职人,
    /// from 32000 站长大人.
    pub rank: String,
}
