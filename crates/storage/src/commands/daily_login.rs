//! The daily login: the first request of a day with a session (D27).

use super::rewards::grant_reward;
use super::{Command, Prefetch, require_member};
use crate::CommandError;
use crate::model::{Experience, RewardRow};
use crate::transaction::Transaction;
use guanxi_domain::{day, reward};
use guanxi_types::Mid;

/// Grants the reward of the daily login. It is granted once a day, even if the command runs several times.
#[derive(Clone, Copy, Debug)]
pub struct GrantDailyLogin {
    /// The member.
    pub me: Mid,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for GrantDailyLogin {
    type Output = ();
    const PREFETCHES_ALL_LOCKS: bool = true;

    fn prefetch(&self) -> Prefetch {
        Prefetch::default()
            .active_member(self.me)
            .row::<RewardRow>((self.me, day::date_at(self.now)))
            .row::<Experience>(self.me)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let &GrantDailyLogin { me, now } = self;
        require_member(tx, me).await?;
        Ok(grant_reward(tx, me, now, now, reward::grant_login).await?)
    }
}
