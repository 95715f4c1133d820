//! Operators' commands that review bios and real names.

use super::super::bio::approve;
use super::super::rewards::{OneTimeReward, grant_one_time_reward};
use super::{Change, OperatorCommand, OperatorOutcome};
use crate::CommandError;
use crate::model::{BioReview, Card, Entity, Realname};
use crate::transaction::Transaction;
use guanxi_domain::review::check_reviewed;
use guanxi_domain::verification::VerificationStatus;
use guanxi_types::{ErrorCode, Mid};
use serde_json::json;

/// The verdict of a review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The submission is approved.
    Approve,
    /// The submission is rejected for this reason.
    Reject(String),
}

/// Reviews a bio. Rejects with 30040 if none is pending, and with 30041 if another one than `submitted` is pending.
#[derive(Clone, Debug)]
pub struct ReviewBio {
    /// The member.
    pub mid: Mid,
    /// The time of the reviewed submission, in seconds. `None` reviews any pending one.
    pub submitted: Option<i64>,
    /// The verdict.
    pub verdict: Verdict,
}

impl OperatorCommand for ReviewBio {
    type Output = ();
    const ACTION: &'static str = "/operator/reviews/sign";

    async fn apply<T: Transaction>(&self, tx: &mut T, now: i64) -> Result<OperatorOutcome<()>, CommandError> {
        let pending = tx.get::<BioReview>(self.mid).await?.filter(|review| review.review_since().is_some());
        let review = pending.ok_or(ErrorCode::NothingToReview)?;
        check_reviewed(review.submitted, self.submitted)?;
        let old = tx.get::<Card>(self.mid).await?.map(|card| card.sign).unwrap_or_default();
        let bio = review.sign.clone();
        let (before, after) = match &self.verdict {
            Verdict::Approve => {
                approve(tx, review, now).await?;
                (json!({"sign": old}), json!({"sign": bio}))
            }
            Verdict::Reject(remark) => {
                let rejected = Some(remark.clone());
                tx.put(&BioReview { rejected, due: None, ended: now, ..review }).await?;
                (json!({"pending": bio}), json!({"pending": null, "remark": remark}))
            }
        };
        Ok(OperatorOutcome { output: (), change: Some(Change::new(self.mid, before, after)) })
    }
}

/// Reviews a real name. A verified real name is rewarded once ever. Rejects with 30040 and 30041 as
/// [`ReviewBio`] does.
#[derive(Clone, Debug)]
pub struct ReviewRealname {
    /// The member.
    pub mid: Mid,
    /// The time of the reviewed submission, in seconds. `None` reviews any pending one.
    pub submitted: Option<i64>,
    /// The verdict.
    pub verdict: Verdict,
}

impl OperatorCommand for ReviewRealname {
    type Output = ();
    const ACTION: &'static str = "/operator/reviews/realname";

    async fn apply<T: Transaction>(&self, tx: &mut T, now: i64) -> Result<OperatorOutcome<()>, CommandError> {
        let pending =
            tx.get::<Realname>(self.mid).await?.filter(|row| row.status == VerificationStatus::Waiting);
        let row = pending.ok_or(ErrorCode::NothingToReview)?;
        check_reviewed(row.submitted, self.submitted)?;
        let status = match &self.verdict {
            Verdict::Approve => VerificationStatus::Verified,
            Verdict::Reject(remark) => VerificationStatus::Rejected(remark.clone()),
        };
        let (before, after) = (json!({"status": row.status}), json!({"status": status}));
        if status == VerificationStatus::Verified {
            grant_one_time_reward(tx, self.mid, OneTimeReward::IdentifyCard).await?;
        }
        tx.put(&Realname { status, ended: now, ..row }).await?;
        Ok(OperatorOutcome { output: (), change: Some(Change::new(self.mid, before, after)) })
    }
}
