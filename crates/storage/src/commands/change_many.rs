//! The command that changes the relations of a member to many others.

use super::group::{Regrouping, require_groups};
use super::{ChangeRelation, Command, Prefetch, UndoableCommand, require_member};
use crate::CommandError;
use crate::model::{Change, Group};
use crate::transaction::Transaction;
use guanxi_domain::group::GroupChange;
use guanxi_domain::relation::Relation;
use guanxi_domain::undo::RelationChange;
use guanxi_types::{ErrorCode, Mid, RelationAction, RelationSource, Tagid};
use std::collections::HashSet;

/// A change of the relation to each of many members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ManyChange {
    /// An action, as that of [`ChangeRelation`].
    Relation {
        /// The action.
        action: RelationAction,
        /// The groups that a followed member joins.
        groups: Vec<Tagid>,
    },
    /// A change of the groups of followed members.
    Groups(GroupChange),
}

impl ManyChange {
    /// Returns the groups that members join.
    fn joined_groups(&self) -> &[Tagid] {
        match self {
            ManyChange::Relation { groups, .. } => groups,
            ManyChange::Groups(change) => &change.joins,
        }
    }
}

/// Changes the relations to many members, each as if alone. A refusal leaves the others. Rejects with 22104 if a group
/// does not exist.
#[derive(Clone, Debug)]
pub struct ChangeMany {
    /// The acting member.
    pub me: Mid,
    /// The other members.
    pub fids: Vec<Mid>,
    /// The change.
    pub change: ManyChange,
    /// The source of a follow (`re_src` on the wire).
    pub source: RelationSource,
    /// The maximum number of members that one member may follow.
    pub limit: u32,
    /// The current time, in seconds.
    pub now: i64,
}

/// The result for one of many members.
pub type ManyResult = (Mid, Result<(), ErrorCode>);

impl ChangeMany {
    fn one(&self, them: Mid, action: RelationAction) -> ChangeRelation {
        let &ChangeMany { me, source, limit, now, .. } = self;
        ChangeRelation { me, them, action, source, limit, now }
    }

    /// Changes the relation to one member. A rejection has written nothing.
    async fn change_one<T: Transaction>(
        &self,
        tx: &mut T,
        them: Mid,
    ) -> Result<Vec<RelationChange>, CommandError> {
        match &self.change {
            ManyChange::Relation { action, groups } => {
                let ((), Change { mut relations, .. }) = self.one(them, *action).change(tx).await?;
                if *action == RelationAction::Follow && !groups.is_empty() {
                    let regrouped = self.regroup(tx, them, &GroupChange::joining(groups.clone())).await?;
                    if let (Some(first), Some(RelationChange { after, .. })) =
                        (relations.first_mut(), regrouped.into_iter().next())
                    {
                        first.after = after;
                    }
                }
                // A relation without an effect depends on nothing.
                let is_change = relations.iter().any(RelationChange::is_change);
                Ok(if is_change { relations } else { Vec::new() })
            }
            ManyChange::Groups(change) => self.regroup(tx, them, change).await,
        }
    }

    async fn regroup<T: Transaction>(
        &self,
        tx: &mut T,
        them: Mid,
        change: &GroupChange,
    ) -> Result<Vec<RelationChange>, CommandError> {
        let old = tx.relation(self.me, them).await?.filter(Relation::is_follow);
        let old = old.ok_or(ErrorCode::NotFollowing)?;
        let mut memberships = Regrouping::new(self.me, require_member(tx, self.me).await?.next_join_seq);
        let groups = change.apply(&old.groups, memberships.join_seq);
        memberships.put(tx, them, old, groups).await?;
        Ok(memberships.changes)
    }
}

impl Command for ChangeMany {
    type Output = Vec<ManyResult>;
    const PREFETCHES_ALL_LOCKS: bool = true;

    fn prefetch(&self) -> Prefetch {
        let start = Prefetch::default().active_member(self.me);
        let groups = self.change.joined_groups().iter().filter(|tagid| !tagid.is_built_in());
        let start = groups.fold(start, |prefetch, tagid| prefetch.row::<Group>((self.me, *tagid)));
        self.fids.iter().fold(start, |mut prefetch, fid| match self.change {
            ManyChange::Relation { action, .. } => {
                prefetch.append(self.one(*fid, action).prefetch());
                prefetch
            }
            ManyChange::Groups(_) => {
                prefetch.relations.push((self.me, *fid));
                prefetch
            }
        })
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<Self::Output, CommandError> {
        Ok(self.change(tx).await?.0)
    }
}

impl UndoableCommand for ChangeMany {
    fn member(&self) -> Mid {
        self.me
    }

    async fn change<T: Transaction>(&self, tx: &mut T) -> Result<(Self::Output, Change), CommandError> {
        require_member(tx, self.me).await?;
        require_groups(tx, self.me, self.change.joined_groups()).await?;
        let (mut results, mut relations) = (Vec::with_capacity(self.fids.len()), Vec::new());
        let mut seen = HashSet::with_capacity(self.fids.len());
        for them in self.fids.iter().copied().filter(|fid| seen.insert(*fid)) {
            let result = match self.change_one(tx, them).await {
                Ok(changes) => {
                    relations.extend(changes);
                    Ok(())
                }
                Err(CommandError::Rejected(code)) => Err(code),
                Err(fault) => return Err(fault),
            };
            results.push((them, result));
        }
        Ok((results, Change { relations, group: None, is_batch: true }))
    }
}
