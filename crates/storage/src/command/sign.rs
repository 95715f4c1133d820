//! Signs are submitted, and shown once they were reviewed (8, D29).

use super::{Command, Prefetch, actor};
use crate::row::{Card, Record, SignReview};
use crate::txn::Transaction;
use crate::{CommandError, StorageError};
use guanxi_domain::sign::{self, Review, Words};
use guanxi_types::Mid;
use std::sync::Arc;

/// Submits a sign; a newer one replaces one that waits, and an empty one clears the sign at once.
#[derive(Clone, Debug)]
pub struct SubmitSign {
    /// Whose.
    pub me: Mid,
    /// The sign, as given.
    pub sign: String,
    /// What may not be in it.
    pub words: Arc<Words>,
    /// Who reviews it.
    pub review: Review,
    /// The time, in seconds.
    pub now: i64,
}

impl Command for SubmitSign {
    type Answer = ();

    fn prefetch(&self) -> Prefetch {
        Prefetch::default().actor(self.me).row::<SignReview>(self.me)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        actor(tx, self.me).await?;
        let sign = sign::check(&self.sign, &self.words)?;
        if sign.is_empty() {
            show(tx, self.me, &sign).await?;
            return Ok(tx.delete::<SignReview>(self.me).await?);
        }
        let due = self.review.due(self.now);
        // Each has a second of its own, so that a moderator's word is for the one that was looked at.
        let was = tx.get::<SignReview>(self.me).await?;
        let submitted = was.map_or(self.now, |was| self.now.max(was.submitted.saturating_add(1)));
        let review = SignReview { mid: self.me, sign, submitted, due, rejected: None, ended: 0 };
        Ok(tx.put(&review).await?)
    }
}

/// Shows a sign that has waited long enough. Said again, or of a sign that was replaced meanwhile, it does nothing.
#[derive(Clone, Copy, Debug)]
pub struct ApproveDue {
    /// Whose.
    pub mid: Mid,
    /// The time, in seconds.
    pub now: i64,
}

impl Command for ApproveDue {
    type Answer = ();

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let waiting = tx.get::<SignReview>(self.mid).await?;
        let due = waiting.filter(|review| review.due().is_some_and(|due| due <= self.now));
        match due {
            Some(review) => Ok(approve(tx, review, self.now).await?),
            None => Ok(()),
        }
    }
}

/// Shows a sign that waited from now on. Its review stays, for its member to read of.
pub(super) async fn approve<T: Transaction>(
    tx: &mut T,
    review: SignReview,
    now: i64,
) -> Result<(), StorageError> {
    show(tx, review.mid, &review.sign).await?;
    tx.put(&SignReview { due: None, ended: now, ..review }).await
}

async fn show<T: Transaction>(tx: &mut T, mid: Mid, sign: &str) -> Result<(), StorageError> {
    let card = tx.get::<Card>(mid).await?.unwrap_or(Card::of(mid));
    if card.sign != sign {
        tx.put(&Card { sign: sign.to_owned(), ..card }).await?;
    }
    Ok(())
}
