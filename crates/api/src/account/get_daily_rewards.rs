//! `GET /x/member/web/exp/reward`: the caller's rewards of today.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /x/member/web/exp/reward`: returns the caller's rewards of today, and the rewards that are granted once
    /// (seed 000, D26, D27, D36). Errors: -101.
    GetDailyRewards: GET "/x/member/web/exp/reward", Session -> Data {}
}

/// The rewards of today, and the rewards that are granted once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// True after the first request of the day with a session: 5 exp and a coin.
    pub login: bool,
    /// True after watching a video today: 5 exp.
    pub watch: bool,
    /// The exp for today's tips, 0 to 50.
    pub coins: u8,
    /// True after sharing a video today: 5 exp.
    pub share: bool,
    /// True if the account has a mail address, verified or not (D36).
    pub email: bool,
    /// True if the account has a phone, verified or not (D36). The first verified phone gives 100 exp, once.
    pub tel: bool,
    /// True if the account has a security question.
    pub safe_question: bool,
    /// True if the real name is verified: 50 exp, once.
    pub identify_card: bool,
}
