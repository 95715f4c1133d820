//! Groups are made, renamed, deleted, filled (21 to 24).

use super::{Command, Prefetch, actor};
use crate::row::Group;
use crate::txn::Transaction;
use crate::{CommandError, StorageError};
use guanxi_domain::group;
use guanxi_domain::tie::{GroupMembership, Relation};
use guanxi_types::{Mid, Tagid};

/// Makes a group (21).
#[derive(Clone, Debug)]
pub struct CreateGroup {
    /// Whose.
    pub me: Mid,
    /// Its name, as given.
    pub name: String,
    /// How many groups one may have.
    pub limit: usize,
}

impl Command for CreateGroup {
    type Answer = Tagid;

    fn prefetch(&self) -> Prefetch {
        Prefetch::default().actor(self.me)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<Tagid, CommandError> {
        let name = group::name(&self.name)?;
        actor(tx, self.me).await?;
        let own = tx.groups(self.me).await?;
        let names: Vec<&str> = own.iter().map(|group| group.name.as_str()).collect();
        group::create(name, &names, self.limit)?;
        let tagid = tx.new_tagid().await?;
        tx.put_group(&Group { mid: self.me, tagid, name: name.to_owned() }).await?;
        Ok(tagid)
    }
}

/// Renames a group (22).
#[derive(Clone, Debug)]
pub struct RenameGroup {
    /// Whose.
    pub me: Mid,
    /// Which.
    pub tagid: Tagid,
    /// Its new name, as given.
    pub name: String,
}

impl Command for RenameGroup {
    type Answer = ();

    fn prefetch(&self) -> Prefetch {
        Prefetch::default().actor(self.me)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        group::own(self.tagid)?;
        let name = group::name(&self.name)?;
        actor(tx, self.me).await?;
        let own = tx.groups(self.me).await?;
        let (this, others): (Vec<&Group>, Vec<&Group>) =
            own.iter().partition(|group| group.tagid == self.tagid);
        let names: Vec<&str> = others.iter().map(|group| group.name.as_str()).collect();
        group::rename(name, &names, !this.is_empty())?;
        if this.iter().any(|group| group.name != name) {
            tx.put_group(&Group { mid: self.me, tagid: self.tagid, name: name.to_owned() }).await?;
        }
        Ok(())
    }
}

/// Deletes a group; its members stay followed (23).
#[derive(Clone, Copy, Debug)]
pub struct DeleteGroup {
    /// Whose.
    pub me: Mid,
    /// Which; none of that tagid is as good as deleted (D23).
    pub tagid: Tagid,
}

impl Command for DeleteGroup {
    type Answer = ();

    fn prefetch(&self) -> Prefetch {
        Prefetch::default().actor(self.me)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let &DeleteGroup { me, tagid } = self;
        group::own(tagid)?;
        let mut turn = actor(tx, me).await?.turn;
        for them in tx.grouped(me, tagid).await? {
            if let Some(was) = tx.relation(me, them).await? {
                let groups = group::leave(&was.groups, tagid, turn);
                turn = put_groups(tx, me, them, &was, groups, turn).await?;
            }
        }
        Ok(tx.delete::<Group>((me, tagid)).await?)
    }
}

/// Sets the groups of some followings, of all or of none (24).
#[derive(Clone, Debug)]
pub struct AssignGroups {
    /// Whose.
    pub me: Mid,
    /// Of whom.
    pub fids: Vec<Mid>,
    /// Which groups, in the order in which they join them.
    pub tagids: Vec<Tagid>,
}

impl Command for AssignGroups {
    type Answer = ();

    fn prefetch(&self) -> Prefetch {
        let mut ahead = Prefetch::default().actor(self.me);
        ahead.ties.extend(self.fids.iter().map(|fid| (self.me, *fid)));
        let own = self.tagids.iter().filter(|tagid| !tagid.is_built_in());
        own.fold(ahead, |ahead, tagid| ahead.row::<Group>((self.me, *tagid)))
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let me = self.me;
        let mut fids = self.fids.clone();
        fids.sort_unstable();
        fids.dedup();
        let wanted = group::wanted(&self.tagids);
        let mut ties = Vec::with_capacity(fids.len());
        for fid in &fids {
            ties.push(tx.relation(me, *fid).await?);
        }
        let mut exist = true;
        for tagid in wanted.iter().filter(|tagid| !tagid.is_built_in()) {
            exist &= tx.get::<Group>((me, *tagid)).await?.is_some();
        }
        group::assign(&ties.iter().map(Option::as_ref).collect::<Vec<_>>(), exist)?;

        let mut turn = actor(tx, me).await?.turn;
        // In the order given: that is the order in which they join.
        for fid in &self.fids {
            let Ok(at) = fids.binary_search(fid) else { continue };
            if let Some(was) = ties[at].take() {
                let groups = group::regroup(&was.groups, &wanted, turn);
                turn = put_groups(tx, me, *fid, &was, groups, turn).await?;
            }
        }
        Ok(())
    }
}

/// Puts a tie into other groups; gives the turn at which the next one joins.
async fn put_groups<T: Transaction>(
    tx: &mut T,
    me: Mid,
    them: Mid,
    was: &Relation,
    groups: Vec<GroupMembership>,
    turn: u32,
) -> Result<u32, StorageError> {
    if groups == was.groups {
        return Ok(turn);
    }
    let next = Relation { groups, ..was.clone() };
    tx.put_relation(me, them, Some(was), Some(&next)).await?;
    Ok(next.groups.iter().map(|joined| joined.seq.saturating_add(1)).fold(turn, u32::max))
}
