//! Operators' commands that review bios, names and real names.

use super::super::bio::approve;
use super::super::news::add_news;
use super::super::profile::set_name;
use super::super::rewards::{OneTimeReward, grant_one_time_reward};
use super::{Change, OperatorCommand, OperatorOutcome};
use crate::CommandError;
use crate::encryption::FieldCipher;
use crate::model::{BioReview, Card, Entity, NameReview, Realname};
use crate::transaction::Transaction;
use guanxi_domain::news::{NewsItem, NewsKind};
use guanxi_domain::review::check_reviewed;
use guanxi_domain::verification::VerificationStatus;
use guanxi_types::{ErrorCode, Mid};
use serde_json::json;
use std::sync::Arc;

/// The verdict of a review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The submission is approved.
    Approve,
    /// The submission is rejected for this reason.
    Reject(String),
}

/// Returns the submission of a member that is in review. Rejects with 30040 if none is, and with 30041 if another one
/// than `submitted` is.
async fn load_pending<T: Transaction, R: Entity<Key = Mid>>(
    tx: &mut T,
    mid: Mid,
    submitted: Option<i64>,
) -> Result<R, CommandError> {
    let row: R = tx.get(mid).await?.ok_or(ErrorCode::NothingToReview)?;
    let since = row.review_since().ok_or(ErrorCode::NothingToReview)?;
    check_reviewed(since, submitted)?;
    Ok(row)
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
        let review: BioReview = load_pending(tx, self.mid, self.submitted).await?;
        let old = tx.get::<Card>(self.mid).await?.map(|card| card.sign).unwrap_or_default();
        let bio = review.sign.clone();
        let (before, after) = match &self.verdict {
            Verdict::Approve => {
                approve(tx, review, now).await?;
                (json!({"sign": old}), json!({"sign": bio}))
            }
            Verdict::Reject(remark) => {
                let (text, remark) = (bio.clone(), remark.clone());
                let item =
                    NewsItem { text, remark: remark.clone(), ..NewsItem::new(NewsKind::SignRejected, now) };
                add_news(tx, self.mid, item).await?;
                let rejected = Some(remark.clone());
                tx.put(&BioReview { rejected, due: None, ended: now, ..review }).await?;
                (json!({"pending": bio}), json!({"pending": null, "remark": remark}))
            }
        };
        Ok(OperatorOutcome { output: (), change: Some(Change::new(self.mid, before, after)) })
    }
}

/// Reviews a name. Rejects with 30040 and 30041 as [`ReviewBio`] does, and with 30002 if another member has taken an
/// approved name meanwhile.
#[derive(Clone, Debug)]
pub struct ReviewName {
    /// The member.
    pub mid: Mid,
    /// The time of the reviewed submission, in seconds. `None` reviews any pending one.
    pub submitted: Option<i64>,
    /// The verdict.
    pub verdict: Verdict,
    /// The cipher of private fields.
    pub cipher: Arc<FieldCipher>,
}

impl OperatorCommand for ReviewName {
    type Output = ();
    const ACTION: &'static str = "/operator/reviews/name";

    async fn apply<T: Transaction>(&self, tx: &mut T, now: i64) -> Result<OperatorOutcome<()>, CommandError> {
        let review: NameReview = load_pending(tx, self.mid, self.submitted).await?;
        let name = review.uname.clone();
        let (before, after) = match &self.verdict {
            Verdict::Approve => {
                let old = set_name(tx, &self.cipher, self.mid, &name, now).await?;
                tx.put(&NameReview { ended: now, ..review }).await?;
                (json!({"uname": old}), json!({"uname": name}))
            }
            Verdict::Reject(remark) => {
                tx.put(&NameReview { rejected: Some(remark.clone()), ended: now, ..review }).await?;
                (json!({"pending": name}), json!({"pending": null, "remark": remark}))
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
        let row: Realname = load_pending(tx, self.mid, self.submitted).await?;
        let status = match &self.verdict {
            Verdict::Approve => VerificationStatus::Verified,
            Verdict::Reject(remark) => VerificationStatus::Rejected(remark.clone()),
        };
        let (before, after) = (json!({"status": row.status}), json!({"status": status}));
        if status == VerificationStatus::Verified {
            grant_one_time_reward(tx, self.mid, OneTimeReward::IdentifyCard, now).await?;
        }
        let item = match &self.verdict {
            Verdict::Approve => NewsItem::new(NewsKind::RealnameVerified, now),
            Verdict::Reject(remark) => {
                NewsItem { remark: remark.clone(), ..NewsItem::new(NewsKind::RealnameRejected, now) }
            }
        };
        add_news(tx, self.mid, item).await?;
        tx.put(&Realname { status, ended: now, ..row }).await?;
        Ok(OperatorOutcome { output: (), change: Some(Change::new(self.mid, before, after)) })
    }
}
