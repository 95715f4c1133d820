//! `GET /x/vip/web/user/info`: one's VIP.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// Asks for one's VIP (seed 000).
    VipInfo: GET "/x/vip/web/user/info", Session -> Data {}
}

/// One's VIP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// Oneself.
    pub mid: Mid,
    /// 0 none, 1 by the month, 2 by the year.
    pub vip_type: u8,
    /// 0 none, 1 in force, 2 frozen, 3 locked.
    pub vip_status: u8,
    /// When it ends, in milliseconds.
    pub vip_due_date: i64,
    /// Whether it was bought.
    pub vip_pay_type: u8,
    /// 0.
    pub theme_type: u8,
}
