//! Commands of a member's groups: `/x/relation/tag/create`, `/x/relation/tag/update`, `/x/relation/tag/del` and
//! `/x/relation/tags/addUsers`.

use super::{Command, Prefetch, UndoableCommand, require_member};
use crate::model::{Change, Group};
use crate::transaction::Transaction;
use crate::{CommandError, StorageError};
use guanxi_domain::group::{self, GroupChange};
use guanxi_domain::relation::{GroupMembership, Relation};
use guanxi_domain::undo::RelationChange;
use guanxi_types::{ErrorCode, Mid, Tagid};

/// Creates a group and returns the tagid.
#[derive(Clone, Debug)]
pub struct CreateGroup {
    /// The owner.
    pub me: Mid,
    /// The name, as submitted.
    pub name: String,
    /// The maximum number of groups of one member.
    pub limit: usize,
}

impl Command for CreateGroup {
    type Output = Tagid;
    const PREFETCHES_ALL_LOCKS: bool = true;

    fn prefetch(&self) -> Prefetch {
        Prefetch::default().active_member(self.me)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<Tagid, CommandError> {
        let name = group::normalize_group_name(&self.name)?;
        require_member(tx, self.me).await?;
        let own = tx.groups(self.me).await?;
        let names: Vec<&str> = own.iter().map(|group| group.name.as_str()).collect();
        group::check_create_group(name, &names, self.limit)?;
        let tagid = tx.allocate_tagid().await?;
        tx.put_group(&Group { mid: self.me, tagid, name: name.to_owned() }).await?;
        Ok(tagid)
    }
}

/// Renames a group.
#[derive(Clone, Debug)]
pub struct RenameGroup {
    /// The owner.
    pub me: Mid,
    /// The group.
    pub tagid: Tagid,
    /// The new name, as submitted.
    pub name: String,
}

impl Command for RenameGroup {
    type Output = ();
    const PREFETCHES_ALL_LOCKS: bool = true;

    fn prefetch(&self) -> Prefetch {
        Prefetch::default().active_member(self.me)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        group::check_own_group(self.tagid)?;
        let name = group::normalize_group_name(&self.name)?;
        require_member(tx, self.me).await?;
        let own = tx.groups(self.me).await?;
        let (this, others): (Vec<&Group>, Vec<&Group>) =
            own.iter().partition(|group| group.tagid == self.tagid);
        let names: Vec<&str> = others.iter().map(|group| group.name.as_str()).collect();
        group::check_rename_group(name, &names, !this.is_empty())?;
        if this.iter().any(|group| group.name != name) {
            tx.put_group(&Group { mid: self.me, tagid: self.tagid, name: name.to_owned() }).await?;
        }
        Ok(())
    }
}

/// Deletes a group. The members in it stay followed.
#[derive(Clone, Copy, Debug)]
pub struct DeleteGroup {
    /// The owner.
    pub me: Mid,
    /// The group. An unknown tagid counts as deleted (D23).
    pub tagid: Tagid,
}

impl Command for DeleteGroup {
    type Output = ();
    const PREFETCHES_ALL_LOCKS: bool = true;

    fn prefetch(&self) -> Prefetch {
        Prefetch::default().active_member(self.me).row::<Group>((self.me, self.tagid))
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        self.change(tx).await.map(drop)
    }
}

impl UndoableCommand for DeleteGroup {
    fn member(&self) -> Mid {
        self.me
    }

    async fn change<T: Transaction>(&self, tx: &mut T) -> Result<((), Change), CommandError> {
        let &DeleteGroup { me, tagid } = self;
        group::check_own_group(tagid)?;
        let leaving = GroupChange::leaving(vec![tagid]);
        let mut memberships = Regrouping::new(me, require_member(tx, me).await?.next_join_seq);
        for them in tx.group_members(me, tagid).await? {
            if let Some(old) = tx.relation(me, them).await? {
                let groups = leaving.apply(&old.groups, memberships.join_seq);
                memberships.put(tx, them, old, groups).await?;
            }
        }
        let group = tx.get::<Group>((me, tagid)).await?;
        if group.is_some() {
            tx.delete::<Group>((me, tagid)).await?;
        }
        Ok(((), Change { relations: memberships.changes, group, is_batch: false }))
    }
}

/// Sets the groups of some followings. Either all of them change or none does.
#[derive(Clone, Debug)]
pub struct AssignGroups {
    /// The owner.
    pub me: Mid,
    /// The followed members.
    pub fids: Vec<Mid>,
    /// The groups, in the order in which the members join them.
    pub tagids: Vec<Tagid>,
}

impl Command for AssignGroups {
    type Output = ();
    const PREFETCHES_ALL_LOCKS: bool = true;

    fn prefetch(&self) -> Prefetch {
        let mut prefetch = Prefetch::default().active_member(self.me);
        prefetch.relations.extend(self.fids.iter().map(|fid| (self.me, *fid)));
        let own = self.tagids.iter().filter(|tagid| !tagid.is_built_in());
        own.fold(prefetch, |prefetch, tagid| prefetch.row::<Group>((self.me, *tagid)))
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        self.change(tx).await.map(drop)
    }
}

impl UndoableCommand for AssignGroups {
    fn member(&self) -> Mid {
        self.me
    }

    async fn change<T: Transaction>(&self, tx: &mut T) -> Result<((), Change), CommandError> {
        let me = self.me;
        let mut fids = self.fids.clone();
        fids.sort_unstable();
        fids.dedup();
        let wanted = group::normalize_tagids(&self.tagids);
        let mut relations = Vec::with_capacity(fids.len());
        for fid in &fids {
            relations.push(tx.relation(me, *fid).await?);
        }
        let mut all_exist = true;
        for tagid in wanted.iter().filter(|tagid| !tagid.is_built_in()) {
            all_exist &= tx.get::<Group>((me, *tagid)).await?.is_some();
        }
        group::check_assign_groups(&relations.iter().map(Option::as_ref).collect::<Vec<_>>(), all_exist)?;

        let mut memberships = Regrouping::new(me, require_member(tx, me).await?.next_join_seq);
        // The order of the request is the order in which the members join.
        for fid in &self.fids {
            let Ok(at) = fids.binary_search(fid) else { continue };
            if let Some(old) = relations[at].take() {
                let groups = group::replace_groups(&old.groups, &wanted, memberships.join_seq);
                memberships.put(tx, *fid, old, groups).await?;
            }
        }
        Ok(((), Change { relations: memberships.changes, ..Change::default() }))
    }
}

/// Rejects with 22104 unless the member has all groups that a change joins.
pub(super) async fn require_groups<T: Transaction>(
    tx: &mut T,
    me: Mid,
    tagids: &[Tagid],
) -> Result<(), CommandError> {
    for tagid in tagids.iter().filter(|tagid| !tagid.is_built_in()) {
        tx.get::<Group>((me, *tagid)).await?.ok_or(ErrorCode::GroupNotFound)?;
    }
    Ok(())
}

/// The changes of groups in one command.
pub(super) struct Regrouping {
    me: Mid,
    /// The join sequence number of the next membership.
    pub(super) join_seq: u32,
    pub(super) changes: Vec<RelationChange>,
}

impl Regrouping {
    pub(super) fn new(me: Mid, join_seq: u32) -> Regrouping {
        Regrouping { me, join_seq, changes: Vec::new() }
    }

    /// Replaces the groups of a relation.
    pub(super) async fn put<T: Transaction>(
        &mut self,
        tx: &mut T,
        them: Mid,
        old: Relation,
        groups: Vec<GroupMembership>,
    ) -> Result<(), StorageError> {
        if groups == old.groups {
            return Ok(());
        }
        self.join_seq =
            groups.iter().map(|joined| joined.seq.saturating_add(1)).fold(self.join_seq, u32::max);
        let new = Relation { groups, ..old.clone() };
        tx.put_relation(self.me, them, Some(&old), Some(&new)).await?;
        self.changes.push(RelationChange { from: self.me, to: them, before: Some(old), after: Some(new) });
        Ok(())
    }
}
