//! The ingestion of events from the community's other services: tips, videos watched and shared, counts. Each
//! event has an id and is applied once (idempotent).

use super::operator::{Change, OperatorCommand, OperatorOutcome};
use super::rewards::{credit_coins, grant_reward};
use super::{Command, Prefetch, require_member};
use crate::CommandError;
use crate::encryption::Hash;
use crate::model::{CoinRow, EventIdWatermark, EventRow, Experience, RewardRow, Upstat};
use crate::transaction::Transaction;
use guanxi_domain::reward::{self, DailyRewards, Reward};
use guanxi_domain::{day, event as event_rules};
use guanxi_types::{ErrorCode, Event, EventKind, EventOutcome, Mid};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Applies events in their order (`/operator/events`). A rejected event does not affect the others.
#[derive(Clone, Debug)]
pub struct IngestEvents {
    /// The events.
    pub events: Vec<Event>,
    /// The maximum age of an event, and the retention time of its id, in seconds.
    pub id_retention: i64,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for IngestEvents {
    type Output = Vec<Result<EventOutcome, ErrorCode>>;
    const PREFETCHES_ALL_LOCKS: bool = true;

    fn prefetch(&self) -> Prefetch {
        let prefetch = Prefetch::default().row::<EventIdWatermark>(0);
        self.events.iter().fold(prefetch, |prefetch, event| {
            let prefetch = prefetch.row::<EventRow>(Sha256::digest(&event.id).into());
            let day = day::date_at(event.time.unwrap_or(self.now));
            let with_reward = |prefetch: Prefetch, mid| {
                prefetch.active_member(mid).row::<RewardRow>((mid, day)).row::<Experience>(mid)
            };
            match event.kind {
                EventKind::Tip { giver, maker, .. } => with_reward(prefetch, giver).active_member(maker),
                EventKind::Watch { mid } | EventKind::Share { mid } => with_reward(prefetch, mid),
                EventKind::Counts { mid, .. } => prefetch.active_member(mid).row::<Upstat>(mid),
            }
        })
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<Self::Output, CommandError> {
        let watermark = tx.get::<EventIdWatermark>(0).await?.map_or(i64::MIN, |watermark| watermark.time);
        let cutoff = self.now.saturating_sub(self.id_retention).max(watermark);
        let mut outcomes = Vec::with_capacity(self.events.len());
        for event in &self.events {
            outcomes.push(match self.apply_event(tx, event, cutoff).await {
                Ok(outcome) => Ok(outcome),
                Err(CommandError::Rejected(code)) => Err(code),
                Err(CommandError::Fault(fault)) => return Err(fault.into()),
            });
        }
        Ok(outcomes)
    }
}

impl OperatorCommand for IngestEvents {
    type Output = <IngestEvents as Command>::Output;
    const ACTION: &'static str = "/operator/events";

    fn prefetch(&self) -> Prefetch {
        Command::prefetch(self)
    }

    /// Applies the events. The audit log has only their number, since the members' own logs have the details.
    async fn apply<T: Transaction>(
        &self,
        tx: &mut T,
        _: i64,
    ) -> Result<OperatorOutcome<Self::Output>, CommandError> {
        let output = Command::apply(self, tx).await?;
        let applied = output.iter().filter(|outcome| **outcome == Ok(EventOutcome::Applied)).count();
        let change = Change { mid: None, before: Value::Null, after: json!({"counted": applied}) };
        Ok(OperatorOutcome { output, change: (applied > 0).then_some(change) })
    }
}

impl IngestEvents {
    /// Applies an event. A rejection writes nothing, so the event may be sent again under the same id.
    async fn apply_event<T: Transaction>(
        &self,
        tx: &mut T,
        event: &Event,
        cutoff: i64,
    ) -> Result<EventOutcome, CommandError> {
        let time = event.time.unwrap_or(self.now);
        event_rules::check_event_time(time, cutoff, self.now)?;
        let (hash, content_hash) = (Sha256::digest(&event.id).into(), event_digest(event));
        if is_duplicate(tx, hash, content_hash).await? {
            return Ok(EventOutcome::Duplicate);
        }
        match &event.kind {
            EventKind::Tip { giver, maker, bvid, coins } => {
                self.apply_tip(tx, *giver, *maker, bvid.as_str(), coins.0, time).await?;
            }
            EventKind::Watch { mid } => self.apply_reward(tx, *mid, time, reward::grant_watch).await?,
            EventKind::Share { mid } => self.apply_reward(tx, *mid, time, reward::grant_share).await?,
            EventKind::Counts { .. } => update_upstat(tx, event, time).await?,
        }
        tx.put(&EventRow { hash, content_hash, time, expires: time.saturating_add(self.id_retention) })
            .await?;
        Ok(EventOutcome::Applied)
    }

    /// Transfers the coins of a tip, and grants the giver the day's exp for it.
    async fn apply_tip<T: Transaction>(
        &self,
        tx: &mut T,
        giver: Mid,
        maker: Mid,
        bvid: &str,
        coins: u8,
        time: i64,
    ) -> Result<(), CommandError> {
        let giver_counters = require_member(tx, giver).await?;
        let maker_counters = require_member(tx, maker).await?;
        if giver == maker {
            return Err(ErrorCode::TargetIsSelf.into());
        }
        let (debit, credit) = reward::split_tip(coins);
        reward::change_balance(giver_counters.coins, debit)?;
        let reason = reward::format_tip_reason(bvid);
        // The coin log has the time of the transfer, not of the event, so that no balance in it is ever below 0.
        tx.append_coin_entry(&CoinRow { mid: giver, time: self.now, delta: debit, reason: reason.clone() })
            .await?;
        credit_coins(tx, CoinRow { mid: maker, time: self.now, delta: credit, reason }, maker_counters.coins)
            .await?;
        Ok(grant_reward(tx, giver, time, self.now, |granted| reward::grant_tip(granted, coins)).await?)
    }

    async fn apply_reward<T: Transaction>(
        &self,
        tx: &mut T,
        mid: Mid,
        time: i64,
        rule: fn(DailyRewards) -> Option<Reward>,
    ) -> Result<(), CommandError> {
        require_member(tx, mid).await?;
        Ok(grant_reward(tx, mid, time, self.now, rule).await?)
    }
}

/// Returns true if an event of this id and content was applied before. Rejects with 30052 if the content differs.
pub(super) async fn is_duplicate<T: Transaction>(
    tx: &mut T,
    hash: Hash,
    content_hash: u64,
) -> Result<bool, CommandError> {
    match tx.get::<EventRow>(hash).await? {
        Some(row) if row.content_hash == content_hash => Ok(true),
        Some(_) => Err(ErrorCode::EventIdReused.into()),
        None => Ok(false),
    }
}

/// Sets the counts of a member's works. Counts are absolute values at a time, so older ones than the stored are
/// ignored.
async fn update_upstat<T: Transaction>(tx: &mut T, event: &Event, time: i64) -> Result<(), CommandError> {
    let EventKind::Counts { mid, archive_view, article_view, likes, archive_count, article_count } =
        event.kind
    else {
        return Ok(());
    };
    require_member(tx, mid).await?;
    let old = tx.get::<Upstat>(mid).await?.unwrap_or(Upstat::new(mid));
    if time < old.counted_at {
        return Ok(());
    }
    Ok(tx
        .put(&Upstat {
            mid,
            archive_view: archive_view.unwrap_or(old.archive_view),
            article_view: article_view.unwrap_or(old.article_view),
            likes: likes.unwrap_or(old.likes),
            archive_count: archive_count.unwrap_or(old.archive_count),
            article_count: article_count.unwrap_or(old.article_count),
            counted_at: time,
        })
        .await?)
}

/// Returns the hash of an event without its id, to detect an id that is reused for another event.
fn event_digest(event: &Event) -> u64 {
    content_digest(&(&event.time, &event.kind))
}

/// Returns the hash of a content, to detect an id that is reused for another content.
pub(super) fn content_digest(content: &impl Serialize) -> u64 {
    let text = serde_json::to_vec(content).unwrap_or_default();
    let hash: [u8; 32] = Sha256::digest(text).into();
    hash.first_chunk().map_or(0, |head| u64::from_be_bytes(*head))
}
