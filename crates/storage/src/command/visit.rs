//! The first request of a day made with a session is that day's login (D27).

use super::ingest::give;
use super::{Ahead, Command, actor};
use crate::Error;
use crate::row::{Growth, RewardRow};
use crate::txn::Txn;
use guanxi_domain::{day, reward};
use guanxi_types::Mid;

/// A member is here. What the day's login brings is given once, however often this is said.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    /// Who.
    pub me: Mid,
    /// The time, in seconds.
    pub now: i64,
}

impl Command for Visit {
    type Answer = ();

    fn ahead(&self) -> Ahead {
        Ahead::default().actor(self.me).row::<RewardRow>((self.me, day::of(self.now))).row::<Growth>(self.me)
    }

    async fn apply<T: Txn>(&self, tx: &mut T) -> Result<(), Error> {
        let &Visit { me, now } = self;
        actor(tx, me).await?;
        Ok(give(tx, me, now, now, reward::login).await?)
    }
}
