//! Commands of the bio (`sign` on the wire): a bio is submitted, and shown after its review (D29).

use super::news::add_news;
use super::{Command, Prefetch, require_member};
use crate::model::{BioReview, Card, Entity};
use crate::transaction::Transaction;
use crate::{CommandError, StorageError};
use guanxi_domain::bio::{self, ReviewPolicy, SensitiveWords};
use guanxi_domain::news::{NewsItem, NewsKind};
use guanxi_domain::review;
use guanxi_types::Mid;
use std::sync::Arc;

/// Submits a bio (`/x/member/web/sign/update`). It replaces a pending bio. An empty bio is set at once, without
/// review.
#[derive(Clone, Debug)]
pub struct SubmitBio {
    /// The member.
    pub me: Mid,
    /// The bio, as submitted.
    pub bio: String,
    /// The words that a bio must not contain.
    pub words: Arc<SensitiveWords>,
    /// The review policy.
    pub review: ReviewPolicy,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for SubmitBio {
    type Output = ();
    const PREFETCHES_ALL_LOCKS: bool = true;

    fn prefetch(&self) -> Prefetch {
        Prefetch::default().active_member(self.me).row::<BioReview>(self.me)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        require_member(tx, self.me).await?;
        let bio = bio::check_bio(&self.bio, &self.words)?;
        if bio.is_empty() {
            set_bio(tx, self.me, &bio).await?;
            return Ok(tx.delete::<BioReview>(self.me).await?);
        }
        let due = self.review.due_at(self.now);
        let previous = tx.get::<BioReview>(self.me).await?.map(|previous| previous.submitted);
        let submitted = review::submission_time(previous, self.now);
        let row = BioReview { mid: self.me, sign: bio, submitted, due, rejected: None, ended: 0 };
        Ok(tx.put(&row).await?)
    }
}

/// Approves a bio whose review period has passed. Has no effect if it ran before, or if a newer bio replaced
/// this one.
#[derive(Clone, Copy, Debug)]
pub struct ApproveDueBio {
    /// The member.
    pub mid: Mid,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for ApproveDueBio {
    type Output = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let review = tx.get::<BioReview>(self.mid).await?;
        match review.filter(|review| review.run_at().is_some_and(|due| due <= self.now)) {
            Some(review) => Ok(approve(tx, review, self.now).await?),
            None => Ok(()),
        }
    }
}

/// Sets a submitted bio on the member's card. The review stays stored, since the member's account shows it.
pub(super) async fn approve<T: Transaction>(
    tx: &mut T,
    review: BioReview,
    now: i64,
) -> Result<(), StorageError> {
    set_bio(tx, review.mid, &review.sign).await?;
    let item = NewsItem { text: review.sign.clone(), ..NewsItem::new(NewsKind::SignApproved, now) };
    add_news(tx, review.mid, item).await?;
    tx.put(&BioReview { due: None, ended: now, ..review }).await
}

async fn set_bio<T: Transaction>(tx: &mut T, mid: Mid, bio: &str) -> Result<(), StorageError> {
    let card = tx.get::<Card>(mid).await?.unwrap_or(Card::new(mid));
    if card.sign != bio {
        tx.put(&Card { sign: bio.to_owned(), ..card }).await?;
    }
    Ok(())
}
