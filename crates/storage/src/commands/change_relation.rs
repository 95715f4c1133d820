//! The command behind `/x/relation/modify`.

use super::{Command, Prefetch, UndoableCommand, active_member, require_member};
use crate::model::{Change, Tombstone};
use crate::transaction::Transaction;
use crate::{CommandError, StorageError};
use guanxi_domain::relation_action::{self, RelationContext, TargetStatus};
use guanxi_domain::undo::RelationChange;
use guanxi_types::{Mid, RelationAction, RelationSource};

/// Applies an action of a member to the relations with another member.
#[derive(Clone, Copy, Debug)]
pub struct ChangeRelation {
    /// The acting member.
    pub me: Mid,
    /// The other member.
    pub them: Mid,
    /// The action.
    pub action: RelationAction,
    /// The source of a follow (`re_src` on the wire).
    pub source: RelationSource,
    /// The maximum number of members that one member may follow.
    pub limit: u32,
    /// The current time, in seconds.
    pub now: i64,
}

impl Command for ChangeRelation {
    type Output = ();
    const PREFETCHES_ALL_LOCKS: bool = true;

    fn prefetch(&self) -> Prefetch {
        Prefetch::default().active_member(self.me).active_member(self.them).relation_pair(self.me, self.them)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        self.change(tx).await.map(drop)
    }
}

impl UndoableCommand for ChangeRelation {
    fn member(&self) -> Mid {
        self.me
    }

    async fn change<T: Transaction>(&self, tx: &mut T) -> Result<((), Change), CommandError> {
        let &ChangeRelation { me, them, action, source, limit, now } = self;
        let old = tx.relation_pair(me, them).await?;
        let counters = require_member(tx, me).await?;
        let target = match active_member(tx, them).await? {
            Some(_) => TargetStatus::Member,
            None if tx.get::<Tombstone>(them).await?.is_some() => TargetStatus::Deleted,
            None => TargetStatus::NeverExisted,
        };
        let context = RelationContext {
            target,
            is_self: me == them,
            following_count: counters.following,
            following_limit: limit,
            join_seq: counters.next_join_seq,
            seq: next_seq(tx, me, now).await?.max(next_seq(tx, them, now).await?),
            source: source.0,
            now,
        };
        let next = relation_action::apply_action(&old, action, context)?;
        if next.outgoing != old.outgoing {
            tx.put_relation(me, them, old.outgoing.as_ref(), next.outgoing.as_ref()).await?;
        }
        if next.incoming != old.incoming {
            tx.put_relation(them, me, old.incoming.as_ref(), next.incoming.as_ref()).await?;
        }
        let relations = vec![
            RelationChange { from: me, to: them, before: old.outgoing, after: next.outgoing },
            RelationChange { from: them, to: me, before: old.incoming, after: next.incoming },
        ];
        Ok(((), Change { relations, ..Change::default() }))
    }
}

/// Returns the next free `seq` among the relations in a member's lists that began in this second (D15).
async fn next_seq<T: Transaction>(tx: &mut T, mid: Mid, now: i64) -> Result<u32, StorageError> {
    match tx.counters(mid).await?.unwrap_or_default().next_seq(now) {
        Some(seq) => Ok(seq),
        None => Ok(tx.last_seq(mid, now).await?.map_or(0, |last| last.saturating_add(1))),
    }
}
