//! `GET /x/member/web/account`: who one is.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// Asks for one's own account (seed 000).
    Account: GET "/x/member/web/account", Session -> Data {}
}

/// One's own account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// Oneself.
    pub mid: Mid,
    /// One's name.
    pub uname: String,
    /// One's user name.
    pub userid: String,
    /// One's sign.
    pub sign: String,
    /// `YYYY-MM-DD`, or empty.
    pub birthday: String,
    /// 男, 女 or 保密.
    pub sex: String,
    /// Whether one has yet to choose a name.
    pub nick_free: bool,
    /// The title of one's rank.
    pub rank: String,
}
