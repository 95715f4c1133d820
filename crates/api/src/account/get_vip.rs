//! `GET /x/vip/web/user/info`: the VIP state of the caller.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /x/vip/web/user/info`: returns the caller's VIP state (seed 000, D38). Errors: -101.
    GetVip: GET "/x/vip/web/user/info", Session -> Data {}
}

/// The VIP state of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The mid of the caller.
    pub mid: Mid,
    /// The kind of VIP: 0 none, 1 monthly, 2 yearly.
    pub vip_type: u8,
    /// The status: 0 none or ended, 1 active, 2 frozen (the address changed too often), 3 locked (too risky).
    pub vip_status: u8,
    /// The end of the VIP, in milliseconds. 0 for no end.
    pub vip_due_date: i64,
    /// 1 if the VIP was bought, else 0.
    pub vip_pay_type: u8,
    /// Always 0.
    pub theme_type: u8,
}
