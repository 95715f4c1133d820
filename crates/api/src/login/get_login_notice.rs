//! `GET /x/safecenter/login_notice`: the latest login of the caller from a device.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /x/safecenter/login_notice`: returns the caller's latest successful login from a device (seed 003, D26,
    /// D31, D34). Without such a login every text is empty. The mid of another member is -403. Errors: -101, -400,
    /// -403.
    GetLoginNotice: GET "/x/safecenter/login_notice", Session -> Data {
        /// The mid of the caller.
        mid: Mid,
        /// The `buvid3` of the device. Absent or empty for logins without that cookie.
        buvid: Option<String>,
    }
}

/// A login. Every text is empty if there was none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The mid of the caller.
    pub mid: Mid,
    /// The name of the device, derived from its User-Agent.
    pub device_name: String,
    /// The login method: 密码登录, 扫码登录 or 通行密钥登录.
    pub login_type: String,
    /// The time as `YYYY-MM-DD HH:MM:SS`, Asia/Shanghai.
    pub login_time: String,
    /// The place of the login, derived from the address.
    pub location: String,
    /// The address, masked (D31): `36.40.***.**`.
    pub ip: String,
}
