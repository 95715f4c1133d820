//! The rewards of a member: for a day, and once ever (D27).

use super::news::add_news;
use crate::StorageError;
use crate::model::{CoinRow, Experience, RewardRow};
use crate::transaction::Transaction;
use guanxi_domain::news::{NewsItem, NewsKind};
use guanxi_domain::reward::{self, DailyRewards, Reward, VERIFIED_REALNAME_EXP, VERIFIED_TEL_EXP};
use guanxi_domain::{day, level};
use guanxi_types::{Coins, Mid};
use jiff::civil::Date;

/// Grants a member the reward that a rule computes for the day of `time`. Coins are credited at `now`.
pub(super) async fn grant_reward<T: Transaction>(
    tx: &mut T,
    mid: Mid,
    time: i64,
    now: i64,
    rule: impl FnOnce(DailyRewards) -> Option<Reward> + Send,
) -> Result<(), StorageError> {
    let day = day::date_at(time);
    let row = tx.get::<RewardRow>((mid, day)).await?.unwrap_or(empty_day(mid, day));
    let Some(reward) = rule(row.granted) else { return Ok(()) };
    let old = tx.get::<Experience>(mid).await?.unwrap_or(Experience::new(mid));
    tx.put(&RewardRow { granted: reward.granted, ..row }).await?;
    let exp = reward::add_exp(old.exp, reward.exp);
    report_level(tx, &old, exp, now).await?;
    let active = old.active.max(Some(day));
    tx.put(&Experience { exp, active, ..old }).await?;
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
    now: i64,
) -> Result<(), StorageError> {
    let old = tx.get::<Experience>(mid).await?.unwrap_or(Experience::new(mid));
    let (new, exp) = match kind {
        OneTimeReward::Tel if !old.tel => (Experience { tel: true, ..old }, VERIFIED_TEL_EXP),
        OneTimeReward::IdentifyCard if !old.identify_card => {
            (Experience { identify_card: true, ..old }, VERIFIED_REALNAME_EXP)
        }
        _ => return Ok(()),
    };
    let exp = reward::add_exp(new.exp, exp);
    record_exp(tx, &new, exp, now).await?;
    tx.put(&Experience { exp, ..new }).await
}

fn empty_day(mid: Mid, day: Date) -> RewardRow {
    RewardRow { mid, day, granted: DailyRewards::default(), other: 0 }
}

/// Records a change of exp that is no daily reward: in the exp of the day, and as news of a new level.
pub(super) async fn record_exp<T: Transaction>(
    tx: &mut T,
    old: &Experience,
    exp: u64,
    now: i64,
) -> Result<(), StorageError> {
    if exp == old.exp {
        return Ok(());
    }
    let (mid, day) = (old.mid, day::date_at(now));
    let row = tx.get::<RewardRow>((mid, day)).await?.unwrap_or(empty_day(mid, day));
    let change = exp.cast_signed().saturating_sub(old.exp.cast_signed());
    tx.put(&RewardRow { other: row.other.saturating_add(change), ..row }).await?;
    report_level(tx, old, exp, now).await
}

/// Adds the news of a higher level. Level 1 is none, since everybody reaches it with the first request.
async fn report_level<T: Transaction>(
    tx: &mut T,
    old: &Experience,
    exp: u64,
    now: i64,
) -> Result<(), StorageError> {
    let level = level::compute_level(exp).level;
    if level <= level::compute_level(old.exp).level.max(1) {
        return Ok(());
    }
    add_news(tx, old.mid, NewsItem { level, ..NewsItem::new(NewsKind::Level, now) }).await
}
