//! One member acts upon their tie to another (15).

use super::{Command, Prefetch, actor, member};
use crate::row::Tombstone;
use crate::txn::Transaction;
use crate::{CommandError, StorageError};
use guanxi_api::api::relation::modify::{RelationAction, Source};
use guanxi_domain::relation::{self, Other, RelationContext};
use guanxi_types::Mid;

/// One member acts upon their tie to another.
#[derive(Clone, Copy, Debug)]
pub struct ChangeRelation {
    /// Who acts.
    pub me: Mid,
    /// Upon whom.
    pub them: Mid,
    /// How.
    pub act: RelationAction,
    /// Where a follow comes from.
    pub source: Source,
    /// How many one may follow.
    pub limit: u32,
    /// The time, in seconds.
    pub now: i64,
}

impl Command for ChangeRelation {
    type Answer = ();

    fn prefetch(&self) -> Prefetch {
        Prefetch::default().actor(self.me).actor(self.them).pair(self.me, self.them)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let &ChangeRelation { me, them, act, source, limit, now } = self;
        let was = tx.relation_pair(me, them).await?;
        let my = actor(tx, me).await?;
        let other = match member(tx, them).await? {
            Some(_) => Other::Member,
            None if tx.get::<Tombstone>(them).await?.is_some() => Other::Left,
            None => Other::Never,
        };
        let about = RelationContext {
            other,
            oneself: me == them,
            following: my.following,
            limit,
            turn: my.turn,
            seq: next_seq(tx, me, now).await?.max(next_seq(tx, them, now).await?),
            source: source.0,
            now,
        };
        let next = relation::apply_action(&was, act, about)?;
        if next.outgoing != was.outgoing {
            tx.put_relation(me, them, was.outgoing.as_ref(), next.outgoing.as_ref()).await?;
        }
        if next.incoming != was.incoming {
            tx.put_relation(them, me, was.incoming.as_ref(), next.incoming.as_ref()).await?;
        }
        Ok(())
    }
}

/// The `seq` behind all relations of a member's lists that began in this second (D15).
async fn next_seq<T: Transaction>(tx: &mut T, mid: Mid, now: i64) -> Result<u32, StorageError> {
    match tx.counters(mid).await?.unwrap_or_default().next_seq(now) {
        Some(seq) => Ok(seq),
        None => Ok(tx.last_seq(mid, now).await?.map_or(0, |last| last.saturating_add(1))),
    }
}
