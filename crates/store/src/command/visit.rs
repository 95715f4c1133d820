//! The first request of a day made with a session is that day's login (D27).

use super::{Command, actor};
use crate::Error;
use crate::row::{CoinRow, Growth, RewardRow};
use crate::txn::Txn;
use guanxi_rules::{day, reward};
use guanxi_wire::Mid;

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

    async fn apply<T: Txn>(&self, tx: &mut T) -> Result<(), Error> {
        let &Visit { me, now } = self;
        actor(tx, me).await?;
        let day = day::of(now);
        let given = tx.get::<RewardRow>((me, day)).await?.map(|row| row.given).unwrap_or_default();
        let Some(gift) = reward::login(given) else { return Ok(()) };
        let growth = tx.get::<Growth>(me).await?.unwrap_or(Growth::of(me));

        tx.put(&RewardRow { mid: me, day, given: gift.given }).await?;
        tx.put(&Growth { exp: growth.exp.saturating_add(gift.exp), ..growth }).await?;
        tx.pay(&CoinRow { mid: me, time: now, delta: gift.coins, reason: reward::LOGIN_REASON.to_owned() })
            .await?;
        Ok(())
    }
}
