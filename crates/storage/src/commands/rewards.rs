//! The rewards of a member: for a day, and once ever (D27).

use crate::StorageError;
use crate::model::{CoinRow, Experience, RewardRow};
use crate::transaction::Transaction;
use guanxi_domain::day;
use guanxi_domain::reward::{self, DailyRewards, Reward, VERIFIED_REALNAME_EXP, VERIFIED_TEL_EXP};
use guanxi_types::{Coins, Mid};

/// Grants a member the reward that a rule computes for the day of `time`. Coins are credited at `now`.
pub(super) async fn grant_reward<T: Transaction>(
    tx: &mut T,
    mid: Mid,
    time: i64,
    now: i64,
    rule: impl FnOnce(DailyRewards) -> Option<Reward> + Send,
) -> Result<(), StorageError> {
    let day = day::date_at(time);
    let granted = tx.get::<RewardRow>((mid, day)).await?.map(|row| row.granted).unwrap_or_default();
    let Some(reward) = rule(granted) else { return Ok(()) };
    let old = tx.get::<Experience>(mid).await?.unwrap_or(Experience::new(mid));
    tx.put(&RewardRow { mid, day, granted: reward.granted }).await?;
    tx.put(&Experience { exp: reward::add_exp(old.exp, reward.exp), ..old }).await?;
    if reward.coins > Coins::ZERO {
        let (balance, reason) =
            (tx.counters(mid).await?.unwrap_or_default().coins, reward::LOGIN_REASON.to_owned());
        credit_coins(tx, CoinRow { mid, time: now, delta: reward.coins, reason }, balance).await?;
    }
    Ok(())
}

/// Credits coins to a member, up to the maximum balance.
pub(super) async fn credit_coins<T: Transaction>(
    tx: &mut T,
    row: CoinRow,
    balance: Coins,
) -> Result<(), StorageError> {
    match reward::cap_gain(balance, row.delta) {
        Coins::ZERO => Ok(()),
        delta => tx.append_coin_entry(&CoinRow { delta, ..row }).await,
    }
}

/// The rewards that are granted once ever (D27).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OneTimeReward {
    /// The reward for a verified phone.
    Tel,
    /// The reward for a verified real name.
    IdentifyCard,
}

/// Grants a reward unless the member had it before.
pub(super) async fn grant_one_time_reward<T: Transaction>(
    tx: &mut T,
    mid: Mid,
    kind: OneTimeReward,
) -> Result<(), StorageError> {
    let old = tx.get::<Experience>(mid).await?.unwrap_or(Experience::new(mid));
    let (new, exp) = match kind {
        OneTimeReward::Tel if !old.tel => (Experience { tel: true, ..old }, VERIFIED_TEL_EXP),
        OneTimeReward::IdentifyCard if !old.identify_card => {
            (Experience { identify_card: true, ..old }, VERIFIED_REALNAME_EXP)
        }
        _ => return Ok(()),
    };
    tx.put(&Experience { exp: reward::add_exp(new.exp, exp), ..new }).await
}
