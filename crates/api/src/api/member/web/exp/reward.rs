//! `GET /x/member/web/exp/reward`: what today has brought.

use crate::endpoint::endpoint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// Asks how today's rewards stand (seed 000, D27).
    Reward: GET "/x/member/web/exp/reward", Session -> Data {}
}

/// Today's rewards, and the one-off ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// Logged in today: 5 exp.
    pub login: bool,
    /// Watched today: 5 exp.
    pub watch: bool,
    /// Exp that today's tips brought, 0 to 50.
    pub coins: u8,
    /// Shared today: 5 exp.
    pub share: bool,
    /// Has a mail address, verified or not (D36).
    pub email: bool,
    /// Has a phone, verified or not (D36). The first that is verified brings 100 exp, once.
    pub tel: bool,
    /// Has a safe question.
    pub safe_question: bool,
    /// Has a verified real name: 50 exp, once.
    pub identify_card: bool,
}
