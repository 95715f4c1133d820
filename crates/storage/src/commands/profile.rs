//! Commands with which members change their name, sex and birthday.

use super::identifiers::{conflicts, replace_name};
use super::{Command, Prefetch, delete_existing, require_member};
use crate::CommandError;
use crate::encryption::{FieldCipher, IdentifierKind};
use crate::model::{Account, Card, Entity, NameReview, Profile, Sex};
use crate::transaction::Transaction;
use guanxi_domain::rate_limit::Decision;
use guanxi_domain::{name, review};
use guanxi_types::{ErrorCode, Mid};
use jiff::civil::Date;
use std::sync::Arc;

/// Changes the member's own name, or submits the new one for a review. A name in review is replaced. The current name
/// withdraws it. Rejects with 30002 if another member has the name, or one that looks like it.
#[derive(Clone, Debug)]
pub struct ChangeName {
    /// The member.
    pub me: Mid,
    /// The new name, normalized.
    pub uname: String,
    /// The minimum time between two changes, in seconds.
    pub interval: i64,
    /// True if a moderator reviews names.
    pub is_reviewed: bool,
    /// The cipher of private fields.
    pub cipher: Arc<FieldCipher>,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for ChangeName {
    /// The seconds to wait if the last change is too recent. Nothing is written then.
    type Output = Decision;

    fn prefetch(&self) -> Prefetch {
        let rows = Prefetch::default().active_member(self.me);
        rows.row::<Card>(self.me).row::<Account>(self.me).row::<NameReview>(self.me)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<Decision, CommandError> {
        let &ChangeName { me, ref uname, interval, is_reviewed, ref cipher, now } = self;
        require_member(tx, me).await?;
        let review = tx.get::<NameReview>(me).await?;
        if tx.get::<Card>(me).await?.is_some_and(|card| card.uname == *uname) {
            if review.is_some_and(|review| review.review_since().is_some()) {
                tx.delete::<NameReview>(me).await?;
            }
            return Ok(Decision::Allow);
        }
        let changed_at = tx.get::<Account>(me).await?.map_or(0, |account| account.name_changed);
        if let Some(seconds) = name::wait_for_change(changed_at, interval, now) {
            return Ok(Decision::RetryAfter(seconds));
        }
        if is_reviewed {
            reject_taken(tx, cipher, me, uname).await?;
            let submitted = review::submission_time(review.map(|review| review.submitted), now);
            let uname = uname.clone();
            tx.put(&NameReview { mid: me, uname, submitted, rejected: None, ended: 0 }).await?;
        } else {
            set_name(tx, cipher, me, uname, now).await?;
            delete_existing::<T, NameReview>(tx, me).await?;
        }
        Ok(Decision::Allow)
    }
}

async fn reject_taken<T: Transaction>(
    tx: &mut T,
    cipher: &FieldCipher,
    mid: Mid,
    uname: &str,
) -> Result<(), CommandError> {
    if conflicts(tx, cipher, IdentifierKind::Uname, uname, mid).await? {
        return Err(ErrorCode::NameTaken.into());
    }
    Ok(())
}

/// Sets the name that a member chose. Returns the name before. Rejects with 30002 if another member has it.
pub(super) async fn set_name<T: Transaction>(
    tx: &mut T,
    cipher: &FieldCipher,
    mid: Mid,
    uname: &str,
    now: i64,
) -> Result<String, CommandError> {
    reject_taken(tx, cipher, mid, uname).await?;
    let card = tx.get::<Card>(mid).await?.unwrap_or(Card::new(mid));
    let account = tx.get::<Account>(mid).await?.unwrap_or(Account::new(mid));
    let old = card.uname.clone();
    replace_name(tx, cipher, mid, Some(&old), Some(uname)).await?;
    tx.put(&Card { uname: uname.to_owned(), ..card }).await?;
    tx.put(&Account { name_changed: now, nick_free: false, ..account }).await?;
    Ok(old)
}

/// A field of the profile that a member changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileField {
    /// The sex.
    Sex(Sex),
    /// The birthday. `None` clears it.
    Birthday(Option<Date>),
}

/// Changes a field of the member's own profile.
#[derive(Clone, Copy, Debug)]
pub struct ChangeProfile {
    /// The member.
    pub me: Mid,
    /// The new value.
    pub field: ProfileField,
}

impl Command for ChangeProfile {
    type Output = ();
    const PREFETCHES_ALL_LOCKS: bool = true;

    fn prefetch(&self) -> Prefetch {
        Prefetch::default().active_member(self.me).row::<Profile>(self.me)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        require_member(tx, self.me).await?;
        let old = tx.get::<Profile>(self.me).await?.unwrap_or(Profile::new(self.me));
        let new = match self.field {
            ProfileField::Sex(sex) => Profile { sex, ..old.clone() },
            ProfileField::Birthday(birthday) => Profile { birthday, ..old.clone() },
        };
        if new != old {
            tx.put(&new).await?;
        }
        Ok(())
    }
}
