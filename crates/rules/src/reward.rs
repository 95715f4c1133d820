//! What a day brings (D27).

use guanxi_wire::Coins;
use serde::{Deserialize, Serialize};

/// The reason of the coin that the day's login brings.
pub const LOGIN_REASON: &str = "登录奖励";

/// What a member has been given for one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Given {
    /// For logging in: 5 exp and a coin.
    pub login: bool,
    /// For watching: 5 exp.
    pub watch: bool,
    /// Exp for coins: 10 a coin, 0 to 50.
    pub coins: u8,
    /// For sharing: 5 exp.
    pub share: bool,
}

/// A gift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gift {
    /// What the day has given once it is given.
    pub given: Given,
    /// Exp.
    pub exp: u64,
    /// Coins, for [`LOGIN_REASON`].
    pub coins: Coins,
}

/// What a request made with a session brings: the first of a day is that day's login.
pub fn login(given: Given) -> Option<Gift> {
    (!given.login).then(|| Gift { given: Given { login: true, ..given }, exp: 5, coins: Coins::whole(1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_request_of_a_day() {
        let watched = Given { watch: true, coins: 30, ..Given::default() };
        let gift =
            |given: Given| Gift { given: Given { login: true, ..given }, exp: 5, coins: Coins::whole(1) };
        let cases = [
            (Given::default(), Some(gift(Given::default()))),
            (watched, Some(gift(watched))),
            (Given { login: true, ..watched }, None),
        ];
        for (given, expected) in cases {
            assert_eq!(login(given), expected);
        }
    }
}
