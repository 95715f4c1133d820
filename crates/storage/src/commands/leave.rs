//! The commands behind `/passport/leave`.

use super::{Command, Prefetch, delete_existing, require_member, session};
use crate::CommandError;
use crate::model::Leaving;
use crate::transaction::Transaction;
use guanxi_types::Mid;

/// Ends all sessions of a member, and schedules the deletion. A member who leaves already keeps the earlier time.
/// Returns the second from which the deletion starts.
#[derive(Clone, Copy, Debug)]
pub struct Leave {
    /// The member.
    pub me: Mid,
    /// The second from which the deletion starts.
    pub due: i64,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for Leave {
    type Output = i64;

    fn prefetch(&self) -> Prefetch {
        Prefetch::default().active_member(self.me).row::<Leaving>(self.me)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<i64, CommandError> {
        let &Leave { me: mid, due, now: since } = self;
        require_member(tx, mid).await?;
        let earlier = tx.get::<Leaving>(mid).await?;
        session::revoke_all(tx, mid).await?;
        if let Some(earlier) = earlier {
            return Ok(earlier.due);
        }
        tx.put(&Leaving { mid, since, due }).await?;
        Ok(due)
    }
}

/// Cancels the deletion of a member. Has no effect for a member who does not leave.
#[derive(Clone, Copy, Debug)]
pub struct Stay(
    /// The member.
    pub Mid,
);

impl Command for Stay {
    type Output = ();
    const PREFETCHES_ALL_LOCKS: bool = true;

    fn prefetch(&self) -> Prefetch {
        Prefetch::default().active_member(self.0).row::<Leaving>(self.0)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        require_member(tx, self.0).await?;
        Ok(delete_existing::<T, Leaving>(tx, self.0).await?)
    }
}
