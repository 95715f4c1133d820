//! What the community's other services tell of its members: tips, videos watched and shared, counts. Each event has an id,
//! and counts once however often it is told.

use super::operate::{Change, OperatorCommand, OperatorOutcome};
use super::{Command, Prefetch, member};
use crate::row::{CoinRow, EventHorizon, EventRow, Growth, RewardRow, Upstat};
use crate::txn::Transaction;
use crate::vault::Hash;
use crate::{CommandError, StorageError};
use guanxi_api::operator::events::{Counted, Event, What};
use guanxi_domain::day;
use guanxi_domain::reward::{self, DailyRewards, Reward};
use guanxi_types::{Coins, ErrorCode, Mid};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// How far ahead of the service's clock another's may be, in seconds.
const AHEAD: i64 = 300;

/// Counts some events, in their order. One that cannot be counted does not spoil the others.
#[derive(Clone, Debug)]
pub struct Ingest {
    /// The events.
    pub events: Vec<Event>,
    /// How old an event may be, in seconds; for so long its id is remembered.
    pub remember: i64,
    /// The time, in seconds.
    pub now: i64,
}

impl Command for Ingest {
    type Answer = Vec<Result<Counted, ErrorCode>>;

    fn prefetch(&self) -> Prefetch {
        let ahead = Prefetch::default().row::<EventHorizon>(0);
        self.events.iter().fold(ahead, |ahead, event| {
            let ahead = ahead.row::<EventRow>(Sha256::digest(&event.id).into());
            let day = day::of(event.time.unwrap_or(self.now));
            let given =
                |ahead: Prefetch, mid| ahead.actor(mid).row::<RewardRow>((mid, day)).row::<Growth>(mid);
            match event.what {
                What::Tip { giver, maker, .. } => given(ahead, giver).actor(maker),
                What::Watch { mid } | What::Share { mid } => given(ahead, mid),
                What::Counts { mid, .. } => ahead.actor(mid).row::<Upstat>(mid),
            }
        })
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<Self::Answer, CommandError> {
        let horizon = tx.get::<EventHorizon>(0).await?.map_or(i64::MIN, |horizon| horizon.time);
        let oldest = self.now.saturating_sub(self.remember).max(horizon);
        let mut counted = Vec::with_capacity(self.events.len());
        for event in &self.events {
            counted.push(match self.count(tx, event, oldest).await {
                Ok(told) => Ok(told),
                Err(CommandError::Rejected(code)) => Err(code),
                Err(CommandError::Fault(fault)) => return Err(fault.into()),
            });
        }
        Ok(counted)
    }
}

impl OperatorCommand for Ingest {
    type Answer = <Ingest as Command>::Answer;
    const NAME: &'static str = "events";

    fn prefetch(&self) -> Prefetch {
        Command::prefetch(self)
    }

    /// The log tells how many counted; what they are is in the members' own logs.
    async fn apply<T: Transaction>(
        &self,
        tx: &mut T,
        _: i64,
    ) -> Result<OperatorOutcome<Self::Answer>, CommandError> {
        let answer = Command::apply(self, tx).await?;
        let counted = answer.iter().filter(|counted| **counted == Ok(Counted::Now)).count();
        let change = Change { mid: None, before: Value::Null, after: json!({"counted": counted}) };
        Ok(OperatorOutcome { answer, change: (counted > 0).then_some(change) })
    }
}

impl Ingest {
    /// Counts an event. As a refusal writes nothing, its id may be told again.
    async fn count<T: Transaction>(
        &self,
        tx: &mut T,
        event: &Event,
        oldest: i64,
    ) -> Result<Counted, CommandError> {
        let time = event.time.unwrap_or(self.now);
        if time > self.now.saturating_add(AHEAD) || time <= oldest {
            return Err(ErrorCode::EventTime.into());
        }
        let (hash, what) = (Sha256::digest(&event.id).into(), digest(event));
        if is_duplicate(tx, hash, what).await? {
            return Ok(Counted::Before);
        }
        match &event.what {
            What::Tip { giver, maker, bvid, coins } => {
                self.tip(tx, *giver, *maker, bvid.as_str(), coins.0, time).await?;
            }
            What::Watch { mid } => self.reward(tx, *mid, time, reward::watch).await?,
            What::Share { mid } => self.reward(tx, *mid, time, reward::share).await?,
            What::Counts { .. } => counts(tx, event, time).await?,
        }
        tx.put(&EventRow { hash, what, time, forgotten: time.saturating_add(self.remember) }).await?;
        Ok(Counted::Now)
    }

    /// A tip moves coins, and brings its giver the day's exp for them.
    async fn tip<T: Transaction>(
        &self,
        tx: &mut T,
        giver: Mid,
        maker: Mid,
        bvid: &str,
        coins: u8,
        time: i64,
    ) -> Result<(), CommandError> {
        let was = member(tx, giver).await?.ok_or(ErrorCode::NoMember)?;
        let makers = member(tx, maker).await?.ok_or(ErrorCode::NoMember)?;
        if giver == maker {
            return Err(ErrorCode::Oneself.into());
        }
        let (pays, gets) = reward::tipped(coins);
        if was.coins + pays < Coins::ZERO {
            return Err(ErrorCode::CoinsShort.into());
        }
        let reason = reward::tip_reason(bvid);
        // The ledger stands in the order in which coins moved, so that no balance in it is ever below 0.
        tx.append_coin_entry(&CoinRow { mid: giver, time: self.now, delta: pays, reason: reason.clone() })
            .await?;
        gain(tx, CoinRow { mid: maker, time: self.now, delta: gets, reason }, makers.coins).await?;
        Ok(give(tx, giver, time, self.now, |given| reward::tip(given, coins)).await?)
    }

    async fn reward<T: Transaction>(
        &self,
        tx: &mut T,
        mid: Mid,
        time: i64,
        rule: fn(DailyRewards) -> Option<Reward>,
    ) -> Result<(), CommandError> {
        member(tx, mid).await?.ok_or(ErrorCode::NoMember)?;
        Ok(give(tx, mid, time, self.now, rule).await?)
    }
}

/// Returns whether something of that id was counted before; 30052 if the id was used for something else.
pub(super) async fn is_duplicate<T: Transaction>(
    tx: &mut T,
    hash: Hash,
    what: u64,
) -> Result<bool, CommandError> {
    match tx.get::<EventRow>(hash).await? {
        Some(row) if row.what == what => Ok(true),
        Some(_) => Err(ErrorCode::EventChanged.into()),
        None => Ok(false),
    }
}

/// Gives a member what a rule says that the day of a second brings; coins come now.
pub(super) async fn give<T: Transaction>(
    tx: &mut T,
    mid: Mid,
    time: i64,
    now: i64,
    rule: impl FnOnce(DailyRewards) -> Option<Reward> + Send,
) -> Result<(), StorageError> {
    let day = day::of(time);
    let given = tx.get::<RewardRow>((mid, day)).await?.map(|row| row.given).unwrap_or_default();
    let Some(gift) = rule(given) else { return Ok(()) };
    let growth = tx.get::<Growth>(mid).await?.unwrap_or(Growth::of(mid));
    tx.put(&RewardRow { mid, day, given: gift.given }).await?;
    tx.put(&Growth { exp: reward::grown(growth.exp, gift.exp), ..growth }).await?;
    if gift.coins > Coins::ZERO {
        let (balance, reason) =
            (tx.counters(mid).await?.unwrap_or_default().coins, reward::LOGIN_REASON.to_owned());
        gain(tx, CoinRow { mid, time: now, delta: gift.coins, reason }, balance).await?;
    }
    Ok(())
}

/// Adds what a member gains to their balance, as far as there is room.
async fn gain<T: Transaction>(tx: &mut T, row: CoinRow, balance: Coins) -> Result<(), StorageError> {
    match reward::fitting(balance, row.delta) {
        Coins::ZERO => Ok(()),
        delta => tx.append_coin_entry(&CoinRow { delta, ..row }).await,
    }
}

/// Counts are absolute, and told of a moment: those of an earlier one than what is known change nothing.
async fn counts<T: Transaction>(tx: &mut T, event: &Event, time: i64) -> Result<(), CommandError> {
    let What::Counts { mid, archive_view, article_view, likes, archive_count, article_count } = event.what
    else {
        return Ok(());
    };
    member(tx, mid).await?.ok_or(ErrorCode::NoMember)?;
    let was = tx.get::<Upstat>(mid).await?.unwrap_or(Upstat::of(mid));
    if time < was.told {
        return Ok(());
    }
    Ok(tx
        .put(&Upstat {
            mid,
            archive_view: archive_view.unwrap_or(was.archive_view),
            article_view: article_view.unwrap_or(was.article_view),
            likes: likes.unwrap_or(was.likes),
            archive_count: archive_count.unwrap_or(was.archive_count),
            article_count: article_count.unwrap_or(was.article_count),
            told: time,
        })
        .await?)
}

/// Tells two events of one id apart.
fn digest(event: &Event) -> u64 {
    digest_of(&(&event.time, &event.what))
}

/// Tells two contents of one id apart.
pub(super) fn digest_of(content: &impl Serialize) -> u64 {
    let text = serde_json::to_vec(content).unwrap_or_default();
    let hash: [u8; 32] = Sha256::digest(text).into();
    hash.first_chunk().map_or(0, |head| u64::from_be_bytes(*head))
}
