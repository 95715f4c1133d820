//! `GET /x/safecenter/login_notice`: one's latest login from a device.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// Asks for one's latest successful login from a device (seed 003, D34). -403 for another's. Without such a login every text is empty.
    LoginNotice: GET "/x/safecenter/login_notice", Session -> Data {
        /// Oneself.
        mid: Mid,
        /// The device's `buvid3`; absent or empty for logins made without one.
        buvid: Option<String>,
    }
}

/// A login. Every text is empty if there was none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// Oneself.
    pub mid: Mid,
    /// What it was made with.
    pub device_name: String,
    /// 密码登录 or 扫码登录.
    pub login_type: String,
    /// `YYYY-MM-DD HH:MM:SS`, Asia/Shanghai.
    pub login_time: String,
    /// Where it was made.
    pub location: String,
    /// From which address, masked (D31).
    pub ip: String,
}
