//! `GET /passport/exp/log`: the caller's exp by day.

use crate::endpoint::endpoint;
use guanxi_types::Month;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /passport/exp/log`: returns the exp that each day of a month gave the caller, newest first. Days are those of
    /// Asia/Shanghai. Days without exp are left out. Errors: -101, -400.
    ListExpDays: GET "/passport/exp/log", Session -> Data {
        /// The month, as `YYYY-MM`. By default the current one.
        month: Option<Month>,
    }
}

/// The exp of a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ExpLog")]
pub struct Data {
    /// The month.
    pub month: Month,
    /// The exp of the month.
    pub total: i64,
    /// The days, newest first.
    pub list: Vec<ExpDay>,
}

/// The exp of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExpDay {
    /// The day, as `YYYY-MM-DD`.
    pub day: String,
    /// The exp for the first request of the day.
    pub login: u64,
    /// The exp for a watched video.
    pub watch: u64,
    /// The exp for tips.
    pub coins: u64,
    /// The exp for a shared video.
    pub share: u64,
    /// Other exp: for a verified phone or real name, and corrections by operators. May be negative.
    pub other: i64,
    /// The sum.
    pub total: i64,
}
