//! What a day brings (D27).

use crate::value::{LARGEST, LARGEST_BALANCE};
use guanxi_types::Coins;
use serde::{Deserialize, Serialize};

/// The reason of the coin that the day's login brings.
pub const LOGIN_REASON: &str = "登录奖励";

/// What a member has been given for one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DailyRewards {
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
pub struct Reward {
    /// What the day has given once it is given.
    pub given: DailyRewards,
    /// Exp.
    pub exp: u64,
    /// Coins, for [`LOGIN_REASON`].
    pub coins: Coins,
}

/// What a request made with a session brings: the first of a day is that day's login.
pub fn login(given: DailyRewards) -> Option<Reward> {
    (!given.login).then(|| Reward {
        given: DailyRewards { login: true, ..given },
        exp: 5,
        coins: Coins::whole(1),
    })
}

/// What the first video watched on a day brings.
pub fn watch(given: DailyRewards) -> Option<Reward> {
    (!given.watch).then_some(Reward {
        given: DailyRewards { watch: true, ..given },
        exp: 5,
        coins: Coins::ZERO,
    })
}

/// What the first video shared on a day brings.
pub fn share(given: DailyRewards) -> Option<Reward> {
    (!given.share).then_some(Reward {
        given: DailyRewards { share: true, ..given },
        exp: 5,
        coins: Coins::ZERO,
    })
}

/// The most exp that a day gives for coins.
pub const COINS_EXP: u8 = 50;

/// What a tip of so many coins brings its giver: 10 exp a coin, at most 50 a day.
pub fn tip(given: DailyRewards, coins: u8) -> Option<Reward> {
    let sum = given.coins.saturating_add(coins.saturating_mul(10)).min(COINS_EXP);
    let exp = sum.saturating_sub(given.coins);
    (exp > 0).then(|| Reward {
        given: DailyRewards { coins: sum, ..given },
        exp: u64::from(exp),
        coins: Coins::ZERO,
    })
}

/// What a gain comes to beside a balance: no more than the largest balance leaves room for.
pub fn fitting(balance: Coins, gain: Coins) -> Coins {
    gain.min(LARGEST_BALANCE + -balance).max(Coins::ZERO)
}

/// Exp with more of it, at most the largest count.
pub fn grown(exp: u64, more: u64) -> u64 {
    exp.saturating_add(more).min(LARGEST)
}

/// What moves with a tip of so many coins: what its giver pays, and the tenth of it that its maker gets (D28).
pub fn tipped(coins: u8) -> (Coins, Coins) {
    (-Coins::whole(i64::from(coins)), Coins::tenths(i64::from(coins)))
}

/// The reason of both (D28).
pub fn tip_reason(bvid: &str) -> String {
    format!("给视频 {bvid} 打赏")
}

/// What verifying a phone brings, once ever, in exp.
pub const TEL_EXP: u64 = 100;

/// What verifying a real name brings, once ever, in exp.
pub const IDENTIFY_CARD_EXP: u64 = 50;

#[cfg(test)]
mod tests {
    use super::*;

    type Rule = fn(DailyRewards) -> Option<Reward>;

    #[test]
    fn the_first_of_a_day() {
        let none = DailyRewards::default();
        let some = DailyRewards { login: true, watch: true, coins: 30, share: true };
        let gift = |given, exp, coins| Some(Reward { given, exp, coins: Coins::whole(coins) });
        let cases: [(Rule, DailyRewards, Option<Reward>); 9] = [
            (login, none, gift(DailyRewards { login: true, ..none }, 5, 1)),
            (login, DailyRewards { login: false, ..some }, gift(some, 5, 1)),
            (login, some, None),
            (watch, none, gift(DailyRewards { watch: true, ..none }, 5, 0)),
            (watch, DailyRewards { watch: false, ..some }, gift(some, 5, 0)),
            (watch, some, None),
            (share, none, gift(DailyRewards { share: true, ..none }, 5, 0)),
            (share, DailyRewards { share: false, ..some }, gift(some, 5, 0)),
            (share, some, None),
        ];
        for (rule, given, expected) in cases {
            assert_eq!(rule(given), expected, "{given:?}");
        }
    }

    #[test]
    fn exp_for_coins_has_an_end_each_day() {
        // exp given, coins tipped -> exp then, exp that brings
        for (was, coins, next, exp) in
            [(0, 1, 10, 10), (0, 2, 20, 20), (30, 2, 50, 20), (40, 2, 50, 10), (45, 1, 50, 5)]
        {
            let given = DailyRewards { coins: was, ..DailyRewards::default() };
            let gift = tip(given, coins).unwrap();
            assert_eq!((gift.given.coins, gift.exp, gift.coins), (next, exp, Coins::ZERO), "{was} {coins}");
        }
        assert_eq!(tip(DailyRewards { coins: 50, ..DailyRewards::default() }, 2), None);
    }

    #[test]
    fn gains_end_at_the_largest_balance_and_count() {
        let most = LARGEST_BALANCE;
        for (balance, gain, fits) in [
            (Coins::ZERO, Coins::whole(1), Coins::whole(1)),
            (most + -Coins::tenths(3), Coins::whole(1), Coins::tenths(3)),
            (most, Coins::whole(1), Coins::ZERO),
            (most + Coins::whole(9), Coins::whole(1), Coins::ZERO),
            (Coins::tenths(i64::MAX), Coins::tenths(i64::MAX), Coins::ZERO),
        ] {
            assert_eq!(fitting(balance, gain), fits, "{balance:?} {gain:?}");
        }
        assert_eq!([grown(5, 5), grown(LARGEST - 1, 5), grown(u64::MAX, 5)], [10, LARGEST, LARGEST]);
    }

    #[test]
    fn a_tenth_goes_to_the_maker() {
        assert_eq!(tipped(1), (Coins::whole(-1), Coins::tenths(1)));
        assert_eq!(tipped(2), (Coins::whole(-2), Coins::tenths(2)));
        assert_eq!(tip_reason("BV1nb411C7aa"), "给视频 BV1nb411C7aa 打赏");
    }
}
