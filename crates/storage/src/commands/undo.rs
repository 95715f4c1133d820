//! Commands that can be undone for a while, and the command that undoes the last of them.

use super::{Command, Prefetch, active_member, require_member};
use crate::CommandError;
use crate::model::{Change, Group, UndoRow};
use crate::transaction::Transaction;
use guanxi_domain::group;
use guanxi_domain::relation::{Relation, memberships};
use guanxi_domain::undo::RelationChange;
use guanxi_types::{ErrorCode, Mid, Tagid};
use std::collections::HashSet;

/// A command of a member that can be undone.
pub trait UndoableCommand: Command {
    /// Returns the member.
    fn member(&self) -> Mid;

    /// Applies the command as [`Command::apply`] does, and also returns what it changed.
    fn change<T: Transaction>(
        &self,
        tx: &mut T,
    ) -> impl Future<Output = Result<(Self::Output, Change), CommandError>> + Send;
}

/// A command with the record that undoes it. The record replaces that of the member's command before, which can
/// then no longer be undone. A command that lost nothing leaves no record. Commands with one id are one change: the
/// record of the last one undoes all of them.
#[derive(Clone, Debug)]
pub struct WithUndo<C> {
    /// The command.
    pub command: C,
    /// The random id of the record.
    pub id: u64,
    /// The second from which the record is expired.
    pub expires: i64,
}

impl<C: UndoableCommand> Command for WithUndo<C> {
    type Output = C::Output;
    const PREFETCHES_ALL_LOCKS: bool = C::PREFETCHES_ALL_LOCKS;

    fn prefetch(&self) -> Prefetch {
        self.command.prefetch().row::<UndoRow>(self.command.member())
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<C::Output, CommandError> {
        let &WithUndo { ref command, id, expires } = self;
        let ((output, change), mid) = (command.change(tx).await?, command.member());
        let last = tx.get::<UndoRow>(mid).await?;
        if change.is_undoable() {
            let mut whole = last.filter(|row| row.id == id).map(|row| row.change).unwrap_or_default();
            whole.append(change);
            tx.put(&UndoRow { mid, id, expires, change: whole }).await?;
        } else if last.is_some_and(|row| row.id != id) {
            tx.delete::<UndoRow>(mid).await?;
        }
        Ok(output)
    }
}

impl UndoRow {
    /// Returns the rows that the next [`Undo`] of the record needs.
    pub fn prefetch(&self) -> Prefetch {
        self.change.last_part(self.mid).iter().fold(Prefetch::default(), |mut prefetch, change| {
            prefetch.relations.push((change.from, change.to));
            if change.is_regrouping() {
                prefetch
            } else {
                prefetch.active_member(change.from).active_member(change.to)
            }
        })
    }
}

/// Undoes the last change of a member: relations, groups, times and orders are again as before. Rejects with 30070
/// if the record is expired or replaced, or if a relation or group of it has changed since. All is undone or nothing.
///
/// Of a batch each member is undone on its own. One command undoes a part of a large batch, and leaves the rest in the
/// record.
///
/// After the clock was set back, a relation created since may have the time and `seq` of a restored one. Their mids
/// then order them, as those of imported relations.
#[derive(Clone, Debug)]
pub struct Undo {
    /// The member.
    pub me: Mid,
    /// The id of the record.
    pub id: u64,
    /// The rows that the change of the record needs, from [`UndoRow::prefetch`]. Only a hint.
    pub prefetch: Prefetch,
    /// The maximum number of members that one member may follow.
    pub following_limit: u32,
    /// The maximum number of groups of one member.
    pub group_limit: usize,
    /// The current time, in seconds.
    pub now: i64,
}

/// The result of an [`Undo`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// The number of members of a batch that could not be undone.
    pub refused: usize,
    /// True if the record has further members, which the next command undoes.
    pub has_rest: bool,
}

/// A relation to restore: owner, target, the current one and the one before the change.
type Reverted = (Mid, Mid, Option<Relation>, Option<Relation>);

impl Command for Undo {
    type Output = Undone;

    fn prefetch(&self) -> Prefetch {
        let mut prefetch = Prefetch::default().active_member(self.me).row::<UndoRow>(self.me);
        prefetch.append(self.prefetch.clone());
        prefetch
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<Undone, CommandError> {
        let me = self.me;
        require_member(tx, me).await?;
        let row = tx.get::<UndoRow>(me).await?.filter(|row| row.id == self.id && row.expires > self.now);
        let mut row = row.ok_or(ErrorCode::UndoExpired)?;
        let Change { relations, group, is_batch } = &row.change;
        let own_groups = tx.groups(me).await?;
        if let Some(group) = group {
            let names: Vec<&str> = own_groups.iter().map(|group| group.name.as_str()).collect();
            group::check_create_group(&group.name, &names, self.group_limit)?;
        }
        let own_groups: HashSet<_> = own_groups.iter().chain(group).map(|group| group.tagid).collect();
        if !is_batch {
            let reverted = self.revert(tx, relations, &own_groups).await?;
            if let Some(group) = group {
                tx.put_group(group).await?;
            }
            restore(tx, reverted).await?;
            tx.delete::<UndoRow>(me).await?;
            return Ok(Undone::default());
        }
        let (part, mut refused) = (row.change.last_part(me), 0);
        for changes in crate::model::members(part, me) {
            match self.revert(tx, changes, &own_groups).await {
                Ok(reverted) => restore(tx, reverted).await?,
                Err(CommandError::Rejected(_)) => refused += 1,
                Err(fault) => return Err(fault),
            }
        }
        let rest = relations.len() - part.len();
        row.change.relations.truncate(rest);
        if rest > 0 {
            tx.put(&row).await?;
        } else {
            tx.delete::<UndoRow>(me).await?;
        }
        Ok(Undone { refused, has_rest: rest > 0 })
    }
}

impl Undo {
    /// Returns the relations to restore, or a rejection if one of the changes cannot be undone.
    async fn revert<T: Transaction>(
        &self,
        tx: &mut T,
        changes: &[RelationChange],
        own_groups: &HashSet<Tagid>,
    ) -> Result<Vec<Reverted>, CommandError> {
        let mut reverted = Vec::with_capacity(changes.len());
        for change in changes {
            let current = tx.relation(change.from, change.to).await?;
            let before = change.revert(current.as_ref())?;
            if before == current {
                continue;
            }
            for tagid in memberships(before.as_ref()).iter().map(|joined| joined.tagid) {
                let exists = tagid.is_built_in()
                    || if change.from == self.me {
                        own_groups.contains(&tagid)
                    } else {
                        tx.get::<Group>((change.from, tagid)).await?.is_some()
                    };
                if !exists {
                    return Err(ErrorCode::UndoExpired.into());
                }
            }
            if !change.is_regrouping() {
                let owner = active_member(tx, change.from).await?.ok_or(ErrorCode::MemberDeleted)?;
                active_member(tx, change.to).await?.ok_or(ErrorCode::MemberDeleted)?;
                let is_follow =
                    |relation: &Option<Relation>| relation.as_ref().is_some_and(Relation::is_follow);
                if is_follow(&before) && !is_follow(&current) && owner.following >= self.following_limit {
                    return Err(ErrorCode::FollowingLimitReached.into());
                }
            }
            reverted.push((change.from, change.to, current, before));
        }
        Ok(reverted)
    }
}

async fn restore<T: Transaction>(tx: &mut T, reverted: Vec<Reverted>) -> Result<(), CommandError> {
    for (from, to, current, before) in reverted {
        tx.put_relation(from, to, current.as_ref(), before.as_ref()).await?;
    }
    Ok(())
}
