//! The first request of a day made with a session is that day's login (D27).

use super::ingest::give;
use super::{Command, Prefetch, actor};
use crate::CommandError;
use crate::row::{Growth, RewardRow};
use crate::txn::Transaction;
use guanxi_domain::{day, reward};
use guanxi_types::Mid;

/// A member is here. What the day's login brings is given once, however often this is said.
#[derive(Clone, Copy, Debug)]
pub struct GrantDailyLogin {
    /// Who.
    pub me: Mid,
    /// The time, in seconds.
    pub now: i64,
}

impl Command for GrantDailyLogin {
    type Answer = ();

    fn prefetch(&self) -> Prefetch {
        Prefetch::default()
            .actor(self.me)
            .row::<RewardRow>((self.me, day::of(self.now)))
            .row::<Growth>(self.me)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let &GrantDailyLogin { me, now } = self;
        actor(tx, me).await?;
        Ok(give(tx, me, now, now, reward::login).await?)
    }
}
