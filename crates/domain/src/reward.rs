//! Daily rewards and tips (D27, D28).

use crate::value::{MAX_BALANCE, MAX_COUNT, MAX_TIP_EXP};
use guanxi_types::{Coins, ErrorCode};
use serde::{Deserialize, Serialize};

/// The reason of the coin for the daily login.
pub const LOGIN_REASON: &str = "登录奖励";

/// The exp of the daily login, of the first video watched on a day, and of the first video shared.
pub const DAILY_TASK_EXP: u64 = 5;

/// The exp of a tipped coin. A day gives at most [`MAX_TIP_EXP`].
pub const EXP_PER_TIPPED_COIN: u8 = 10;

/// The rewards that a member got for one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DailyRewards {
    /// True after the login reward: exp and a coin.
    pub login: bool,
    /// True after the watch reward.
    pub watch: bool,
    /// The exp for tips, at most [`MAX_TIP_EXP`].
    pub coins: u8,
    /// True after the share reward.
    pub share: bool,
}

impl DailyRewards {
    /// Returns the exp of the rewards.
    pub fn exp(&self) -> u64 {
        let tasks = [self.login, self.watch, self.share];
        u64::from(self.coins) + DAILY_TASK_EXP * tasks.into_iter().map(u64::from).sum::<u64>()
    }
}

/// A reward to be granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reward {
    /// The rewards of the day, including this one.
    pub granted: DailyRewards,
    /// The exp of this reward.
    pub exp: u64,
    /// The coins of this reward, for [`LOGIN_REASON`].
    pub coins: Coins,
}

/// Returns the reward for the daily login: the first request of a day with a session.
pub fn grant_login(rewards: DailyRewards) -> Option<Reward> {
    (!rewards.login).then(|| Reward {
        granted: DailyRewards { login: true, ..rewards },
        exp: DAILY_TASK_EXP,
        coins: Coins::from_whole(1),
    })
}

/// Returns the reward for the first video watched on a day.
pub fn grant_watch(rewards: DailyRewards) -> Option<Reward> {
    (!rewards.watch).then_some(Reward {
        granted: DailyRewards { watch: true, ..rewards },
        exp: DAILY_TASK_EXP,
        coins: Coins::ZERO,
    })
}

/// Returns the reward for the first video shared on a day.
pub fn grant_share(rewards: DailyRewards) -> Option<Reward> {
    (!rewards.share).then_some(Reward {
        granted: DailyRewards { share: true, ..rewards },
        exp: DAILY_TASK_EXP,
        coins: Coins::ZERO,
    })
}

/// Returns the reward of the giver of a tip.
pub fn grant_tip(rewards: DailyRewards, coins: u8) -> Option<Reward> {
    let total = rewards.coins.saturating_add(coins.saturating_mul(EXP_PER_TIPPED_COIN)).min(MAX_TIP_EXP);
    let exp = total.saturating_sub(rewards.coins);
    (exp > 0).then(|| Reward {
        granted: DailyRewards { coins: total, ..rewards },
        exp: u64::from(exp),
        coins: Coins::ZERO,
    })
}

/// Returns a balance after a change. Error 30050 below 0, 30054 above the maximum.
pub fn change_balance(balance: Coins, delta: Coins) -> Result<Coins, ErrorCode> {
    let next = balance + delta;
    if next < Coins::ZERO {
        return Err(ErrorCode::InsufficientCoins);
    }
    if next > MAX_BALANCE { Err(ErrorCode::BalanceLimitExceeded) } else { Ok(next) }
}

/// Returns the part of a gain that fits below the maximum balance.
pub fn cap_gain(balance: Coins, amount: Coins) -> Coins {
    amount.min(MAX_BALANCE + -balance).max(Coins::ZERO)
}

/// Adds exp, up to the maximum count.
pub fn add_exp(exp: u64, added: u64) -> u64 {
    exp.saturating_add(added).min(MAX_COUNT)
}

/// Returns the changes of two balances for a tip: the giver pays it, the maker gets a tenth of it (D28).
pub fn split_tip(coins: u8) -> (Coins, Coins) {
    (-Coins::from_whole(i64::from(coins)), Coins::from_tenths(i64::from(coins)))
}

/// Returns the reason of both changes of a tip (D28).
pub fn format_tip_reason(bvid: &str) -> String {
    format!("给视频 {bvid} 打赏")
}

/// The one-time exp for a verified phone.
pub const VERIFIED_TEL_EXP: u64 = 100;

/// The one-time exp for a verified real name.
pub const VERIFIED_REALNAME_EXP: u64 = 50;

#[cfg(test)]
mod tests {
    use super::*;

    type Rule = fn(DailyRewards) -> Option<Reward>;

    #[test]
    fn daily_rewards_are_granted_once() {
        let nothing = DailyRewards::default();
        let most_of_day = DailyRewards { login: true, watch: true, coins: 30, share: true };
        let reward = |granted, exp, coins| Some(Reward { granted, exp, coins: Coins::from_whole(coins) });
        let cases: [(Rule, DailyRewards, Option<Reward>); 9] = [
            (grant_login, nothing, reward(DailyRewards { login: true, ..nothing }, 5, 1)),
            (grant_login, DailyRewards { login: false, ..most_of_day }, reward(most_of_day, 5, 1)),
            (grant_login, most_of_day, None),
            (grant_watch, nothing, reward(DailyRewards { watch: true, ..nothing }, 5, 0)),
            (grant_watch, DailyRewards { watch: false, ..most_of_day }, reward(most_of_day, 5, 0)),
            (grant_watch, most_of_day, None),
            (grant_share, nothing, reward(DailyRewards { share: true, ..nothing }, 5, 0)),
            (grant_share, DailyRewards { share: false, ..most_of_day }, reward(most_of_day, 5, 0)),
            (grant_share, most_of_day, None),
        ];
        for (rule, rewards, expected) in cases {
            let given = rule(rewards).map_or(0, |reward| reward.granted.exp() - rewards.exp());
            assert_eq!(given, expected.map_or(0, |reward| reward.exp), "{rewards:?}");
            assert_eq!(rule(rewards), expected, "{rewards:?}");
        }
    }

    #[test]
    fn tip_exp_has_daily_maximum() {
        // exp of the day, coins tipped -> exp of the day afterwards, exp of the tip
        for (before, coins, next, exp) in
            [(0, 1, 10, 10), (0, 2, 20, 20), (30, 2, 50, 20), (40, 2, 50, 10), (45, 1, 50, 5)]
        {
            let rewards = DailyRewards { coins: before, ..DailyRewards::default() };
            let reward = grant_tip(rewards, coins).unwrap();
            let actual = (reward.granted.coins, reward.exp, reward.coins);
            assert_eq!(actual, (next, exp, Coins::ZERO), "{before} {coins}");
        }
        assert_eq!(grant_tip(DailyRewards { coins: 50, ..DailyRewards::default() }, 2), None);
    }

    #[test]
    fn balance_stays_within_its_limits() {
        let tenth = Coins::from_tenths(1);
        for (balance, delta, expected) in [
            (Coins::ZERO, Coins::from_whole(2), Ok(Coins::from_whole(2))),
            (tenth, -tenth, Ok(Coins::ZERO)),
            (Coins::ZERO, -tenth, Err(ErrorCode::InsufficientCoins)),
            (MAX_BALANCE + -tenth, tenth, Ok(MAX_BALANCE)),
            (MAX_BALANCE, tenth, Err(ErrorCode::BalanceLimitExceeded)),
        ] {
            assert_eq!(change_balance(balance, delta), expected, "{balance:?} {delta:?}");
        }
    }

    #[test]
    fn gains_are_capped_at_maximum() {
        let max = MAX_BALANCE;
        for (balance, amount, expected) in [
            (Coins::ZERO, Coins::from_whole(1), Coins::from_whole(1)),
            (max + -Coins::from_tenths(3), Coins::from_whole(1), Coins::from_tenths(3)),
            (max, Coins::from_whole(1), Coins::ZERO),
            (max + Coins::from_whole(9), Coins::from_whole(1), Coins::ZERO),
            (Coins::from_tenths(i64::MAX), Coins::from_tenths(i64::MAX), Coins::ZERO),
        ] {
            assert_eq!(cap_gain(balance, amount), expected, "{balance:?} {amount:?}");
        }
        let sums = [add_exp(5, 5), add_exp(MAX_COUNT - 1, 5), add_exp(u64::MAX, 5)];
        assert_eq!(sums, [10, MAX_COUNT, MAX_COUNT]);
    }

    #[test]
    fn maker_gets_tenth_of_tip() {
        assert_eq!(split_tip(1), (Coins::from_whole(-1), Coins::from_tenths(1)));
        assert_eq!(split_tip(2), (Coins::from_whole(-2), Coins::from_tenths(2)));
        assert_eq!(format_tip_reason("BV1nb411C7aa"), "给视频 BV1nb411C7aa 打赏");
    }
}
