//! Moderators review signs and real names.

use super::super::sign::approve;
use super::{Change, OperatorCommand, OperatorOutcome};
use crate::row::{Card, Growth, Realname, Record, SignReview};
use crate::txn::Transaction;
use crate::{CommandError, StorageError};
use guanxi_domain::realname::VerificationStatus;
use guanxi_domain::reward::{IDENTIFY_CARD_EXP, TEL_EXP, grown};
use guanxi_types::{ErrorCode, Mid};
use serde_json::json;

/// What a moderator says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Approve,
    /// No, and why.
    Reject(String),
}

/// Reviews a sign. 30040 if none waits, 30041 if it is another than was looked at.
#[derive(Clone, Debug)]
pub struct ReviewSign {
    /// Whose.
    pub mid: Mid,
    /// When it was submitted: which one was looked at. None means whichever waits.
    pub submitted: Option<i64>,
    /// What is said.
    pub verdict: Verdict,
}

impl OperatorCommand for ReviewSign {
    type Answer = ();
    const NAME: &'static str = "review/sign";

    async fn apply<T: Transaction>(&self, tx: &mut T, now: i64) -> Result<OperatorOutcome<()>, CommandError> {
        let waits = tx.get::<SignReview>(self.mid).await?.filter(|review| review.waits().is_some());
        let review = waits.ok_or(ErrorCode::NothingWaits)?;
        if self.submitted.is_some_and(|submitted| submitted != review.submitted) {
            return Err(ErrorCode::WaitsAnew.into());
        }
        let was = tx.get::<Card>(self.mid).await?.map(|card| card.sign).unwrap_or_default();
        let sign = review.sign.clone();
        let (before, after) = match &self.verdict {
            Verdict::Approve => {
                approve(tx, review, now).await?;
                (json!({"sign": was}), json!({"sign": sign}))
            }
            Verdict::Reject(remark) => {
                let rejected = Some(remark.clone());
                tx.put(&SignReview { rejected, due: None, ended: now, ..review }).await?;
                (json!({"waits": sign}), json!({"waits": null, "remark": remark}))
            }
        };
        Ok(OperatorOutcome { answer: (), change: Some(Change::of(self.mid, before, after)) })
    }
}

/// Reviews a real name. Verifying it brings its exp once ever. 30040, 30041.
#[derive(Clone, Debug)]
pub struct ReviewRealname {
    /// Whose.
    pub mid: Mid,
    /// When it was submitted: which one was looked at. None means whichever waits.
    pub submitted: Option<i64>,
    /// What is said.
    pub verdict: Verdict,
}

impl OperatorCommand for ReviewRealname {
    type Answer = ();
    const NAME: &'static str = "review/realname";

    async fn apply<T: Transaction>(&self, tx: &mut T, now: i64) -> Result<OperatorOutcome<()>, CommandError> {
        let waits =
            tx.get::<Realname>(self.mid).await?.filter(|row| row.standing == VerificationStatus::Waiting);
        let row = waits.ok_or(ErrorCode::NothingWaits)?;
        if self.submitted.is_some_and(|submitted| submitted != row.submitted) {
            return Err(ErrorCode::WaitsAnew.into());
        }
        let standing = match &self.verdict {
            Verdict::Approve => VerificationStatus::Verified,
            Verdict::Reject(remark) => VerificationStatus::Rejected(remark.clone()),
        };
        let (before, after) = (json!({"standing": row.standing}), json!({"standing": standing}));
        if standing == VerificationStatus::Verified {
            reward_once(tx, self.mid, Once::IdentifyCard).await?;
        }
        tx.put(&Realname { standing, ended: now, ..row }).await?;
        Ok(OperatorOutcome { answer: (), change: Some(Change::of(self.mid, before, after)) })
    }
}

/// The rewards that are given once ever (D27).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Once {
    Tel,
    IdentifyCard,
}

pub(super) async fn reward_once<T: Transaction>(
    tx: &mut T,
    mid: Mid,
    once: Once,
) -> Result<(), StorageError> {
    let was = tx.get::<Growth>(mid).await?.unwrap_or(Growth::of(mid));
    let next = match once {
        Once::Tel if !was.tel => Growth { tel: true, exp: grown(was.exp, TEL_EXP), ..was },
        Once::IdentifyCard if !was.identify_card => {
            Growth { identify_card: true, exp: grown(was.exp, IDENTIFY_CARD_EXP), ..was }
        }
        _ => return Ok(()),
    };
    tx.put(&next).await
}
