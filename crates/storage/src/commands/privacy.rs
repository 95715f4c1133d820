//! The command behind `/passport/privacy`.

use super::{Command, Prefetch, require_member};
use crate::CommandError;
use crate::model::Privacy;
use crate::transaction::Transaction;
use guanxi_domain::privacy::Audience;
use guanxi_types::Mid;

/// Sets the audiences of a member's lists.
#[derive(Clone, Copy, Debug)]
pub struct ChangePrivacy {
    /// The member.
    pub me: Mid,
    /// The new audience of the followings. `None` leaves it.
    pub followings: Option<Audience>,
    /// The new audience of the followers. `None` leaves it.
    pub followers: Option<Audience>,
}

impl Command for ChangePrivacy {
    type Output = ();
    const PREFETCHES_ALL_LOCKS: bool = true;

    fn prefetch(&self) -> Prefetch {
        Prefetch::default().active_member(self.me).row::<Privacy>(self.me)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let &ChangePrivacy { me: mid, followings, followers } = self;
        require_member(tx, mid).await?;
        let stored = tx.get::<Privacy>(mid).await?;
        let old = stored.clone().unwrap_or(Privacy::new(mid));
        let new = Privacy {
            mid,
            followings: followings.unwrap_or(old.followings),
            followers: followers.unwrap_or(old.followers),
        };
        match stored {
            _ if new == old => Ok(()),
            // Members without a row are read fastest.
            Some(_) if new == Privacy::new(mid) => Ok(tx.delete::<Privacy>(mid).await?),
            _ => Ok(tx.put(&new).await?),
        }
    }
}
