//! One member acts upon their tie to another (15).

use super::{Ahead, Command, actor, member};
use crate::row::Tombstone;
use crate::txn::Txn;
use crate::{Error, Fault};
use guanxi_api::api::relation::modify::{Act, Source};
use guanxi_domain::relation::{self, Circumstances, Other};
use guanxi_types::Mid;

/// One member acts upon their tie to another.
#[derive(Clone, Copy, Debug)]
pub struct Relate {
    /// Who acts.
    pub me: Mid,
    /// Upon whom.
    pub them: Mid,
    /// How.
    pub act: Act,
    /// Where a follow comes from.
    pub source: Source,
    /// How many one may follow.
    pub limit: u32,
    /// The time, in seconds.
    pub now: i64,
}

impl Command for Relate {
    type Answer = ();

    fn ahead(&self) -> Ahead {
        Ahead::default().actor(self.me).actor(self.them).pair(self.me, self.them)
    }

    async fn apply<T: Txn>(&self, tx: &mut T) -> Result<(), Error> {
        let &Relate { me, them, act, source, limit, now } = self;
        let was = tx.pair(me, them).await?;
        let my = actor(tx, me).await?;
        let other = match member(tx, them).await? {
            Some(_) => Other::Member,
            None if tx.get::<Tombstone>(them).await?.is_some() => Other::Left,
            None => Other::Never,
        };
        let about = Circumstances {
            other,
            oneself: me == them,
            following: my.following,
            limit,
            turn: my.turn,
            seq: next_seq(tx, me, now).await?.max(next_seq(tx, them, now).await?),
            source: source.0,
            now,
        };
        let next = relation::act(&was, act, about)?;
        if next.mine != was.mine {
            tx.put_tie(me, them, was.mine.as_ref(), next.mine.as_ref()).await?;
        }
        if next.theirs != was.theirs {
            tx.put_tie(them, me, was.theirs.as_ref(), next.theirs.as_ref()).await?;
        }
        Ok(())
    }
}

/// The `seq` behind all relations of a member's lists that began in this second (D15).
async fn next_seq<T: Txn>(tx: &mut T, mid: Mid, now: i64) -> Result<u32, Fault> {
    match tx.stat(mid).await?.unwrap_or_default().next_seq(now) {
        Some(seq) => Ok(seq),
        None => Ok(tx.last_seq(mid, now).await?.map_or(0, |last| last.saturating_add(1))),
    }
}
