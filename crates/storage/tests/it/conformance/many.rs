//! A change of the relations to many members, and its undoing.

use crate::community::{Community, FOLLOW_LIMIT, expect_read, mid};
use guanxi_domain::group::{GroupChange, LeftGroups};
use guanxi_storage::Store;
use guanxi_storage::commands::{ChangeMany, ManyChange, Prefetch, Undo, Undone, WithUndo};
use guanxi_storage::model::UndoRow;
use guanxi_storage::store::List;
use guanxi_types::{ErrorCode, RelationAction, RelationSource, Tagid};

const NOW: i64 = 300;

fn relation(action: RelationAction) -> ManyChange {
    ManyChange::Relation { action, groups: Vec::new() }
}

fn many(fids: impl IntoIterator<Item = u64>, change: ManyChange, limit: u32) -> ChangeMany {
    let (fids, source) = (fids.into_iter().map(mid).collect(), RelationSource(11));
    ChangeMany { me: mid(1), fids, change, source, limit, now: NOW }
}

impl<S: Store> Community<S> {
    /// Returns the refused members with their codes.
    async fn refused(&self, command: ChangeMany) -> Vec<(u64, ErrorCode)> {
        let results = self.run(command).await.expect("only single members are refused");
        let refused = results.into_iter().filter_map(|(fid, result)| Some((fid.get(), result.err()?)));
        refused.collect()
    }

    /// Runs a command with a record of the id, which must refuse nobody.
    async fn run_with_id(&self, id: u64, command: ChangeMany) {
        let results = self.run(WithUndo { command, id, expires: 400 }).await.expect("the group exists");
        assert!(results.iter().all(|(_, result)| result.is_ok()), "{results:?}");
    }

    async fn undo_batch(&self, id: u64) -> Result<Undone, ErrorCode> {
        let row = expect_read(self.store.get::<UndoRow>(mid(1)).await);
        let prefetch = row.map_or_else(Prefetch::default, |row| row.prefetch());
        let (following_limit, group_limit) = (1_000, FOLLOW_LIMIT as usize);
        self.run(Undo { me: mid(1), id, prefetch, following_limit, group_limit, now: NOW }).await
    }

    /// Returns the members that 1 follows with the times and groups.
    async fn followed(&self) -> Vec<(u64, i64, Vec<i64>)> {
        let entries = self.list(1, List::Followings).await.entries.into_iter();
        let row = |entry: guanxi_storage::store::ListEntry| {
            let tagids = entry.groups.iter().map(|joined| joined.tagid.0).collect();
            (entry.mid.get(), entry.mtime, tagids)
        };
        entries.map(row).collect()
    }
}

pub(crate) async fn each_member_is_changed_as_if_alone(store: impl Store) {
    let community = Community::with_members(store, 6).await;
    community.relate_all(&[(3, RelationAction::Block, 1, 100), (4, RelationAction::Follow, 1, 100)]).await;
    community.delete_member(5).await;
    // 2 twice, a blocker, a mutual follow, a deleted member, oneself, nobody, and the limit.
    let follow = many([2, 2, 3, 4, 5, 1, 99, 6], relation(RelationAction::Follow), 2);
    let refused = [
        (3, ErrorCode::Blocked),
        (5, ErrorCode::MemberDeleted),
        (1, ErrorCode::TargetIsSelf),
        (99, ErrorCode::MemberNeverExisted),
        (6, ErrorCode::FollowingLimitReached),
    ];
    assert_eq!(community.refused(follow).await, refused);
    assert_eq!(community.followings(1).await, [4, 2]);
    assert_eq!(community.attribute(1, 4).await, (6, NOW));
    assert_eq!(community.refused(many([4, 6], relation(RelationAction::RemoveFollower), 2)).await, []);
    assert_eq!(community.followers(1).await, [0; 0]);
    assert_eq!(community.refused(many([2, 4], relation(RelationAction::Block), 2)).await, []);
    assert_eq!(community.counts(1).await, [0, 0, 2, 0]);
    assert_eq!(community.refused(many([2, 3, 4], relation(RelationAction::Unblock), 2)).await, []);
    assert_eq!(community.counts(1).await, [0; 4]);
}

pub(crate) async fn followed_members_join_groups(store: impl Store) {
    let community = Community::with_members(store, 4).await;
    community.relate_all(&[(1, RelationAction::Follow, 3, 100), (2, RelationAction::Block, 1, 100)]).await;
    let tagid = community.create_group(1, "同学").await.expect("a new name");
    let groups = vec![Tagid::SPECIAL, tagid];
    let change = ManyChange::Relation { action: RelationAction::Follow, groups };
    let refused = community.refused(many([2, 3, 4], change, 9)).await;
    assert_eq!(refused, [(2, ErrorCode::Blocked)]);
    let groups = vec![-10, tagid.0];
    assert_eq!(community.followed().await, [(4, NOW, groups.clone()), (3, 100, groups)]);
    assert_eq!(community.group_members(1, tagid).await, [4, 3]);
}

pub(crate) async fn groups_are_joined_left_and_moved(store: impl Store) {
    let community = Community::with_members(store, 4).await;
    community.relate_all(&[2, 3].map(|them| (1, RelationAction::Follow, them, 100))).await;
    let old = community.create_group(1, "同学").await.expect("a new name");
    let new = community.create_group(1, "同事").await.expect("a new name");
    assert_eq!(community.assign_groups(1, &[2], &[old, Tagid::SPECIAL]).await, Ok(()));
    let groups = async |change: GroupChange| {
        let refused = community.refused(many([2, 3, 4], ManyChange::Groups(change), 9)).await;
        assert_eq!(refused, [(4, ErrorCode::NotFollowing)]);
        community.followed().await.into_iter().map(|(.., groups)| groups).rev().collect::<Vec<_>>()
    };
    let (special, old_id, new_id) = (Tagid::SPECIAL.0, old.0, new.0);
    let joined = groups(GroupChange::joining(vec![new])).await;
    assert_eq!(joined, [vec![old_id, special, new_id], vec![new_id]]);
    let left = groups(GroupChange::leaving(vec![new, Tagid::SPECIAL])).await;
    assert_eq!(left, [vec![old_id], vec![0]]);
    let from = LeftGroups::These(vec![old]);
    let moved = groups(GroupChange { leaves: from, joins: vec![new] }).await;
    assert_eq!(moved, [vec![new_id], vec![new_id]]);
    let moved = groups(GroupChange { leaves: LeftGroups::All, joins: vec![Tagid::SPECIAL] }).await;
    assert_eq!(moved, [vec![special], vec![special]]);
    assert_eq!(community.counters(1).await.special, 2);
}

pub(crate) async fn unknown_group_rejects_all(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    let of_other = community.create_group(2, "同学").await.expect("a new name");
    let groups = vec![of_other];
    let follow = ManyChange::Relation { action: RelationAction::Follow, groups: groups.clone() };
    for change in [follow, ManyChange::Groups(GroupChange::joining(groups.clone()))] {
        assert_eq!(community.run(many([2], change, 9)).await, Err(ErrorCode::GroupNotFound));
    }
    assert_eq!(community.followings(1).await, [0; 0]);
    // A group that is left may be gone.
    let leave = ManyChange::Groups(GroupChange::leaving(groups));
    assert_eq!(community.refused(many([2], leave, 9)).await, [(2, ErrorCode::NotFollowing)]);
}

pub(crate) async fn batch_is_undone_member_by_member(store: impl Store) {
    let community = Community::with_members(store, 5).await;
    let follows = [(1, 2), (2, 1), (1, 3), (1, 4)];
    community.relate_all(&follows.map(|(me, them)| (me, RelationAction::Follow, them, 100))).await;
    assert_eq!(community.assign_groups(1, &[3], &[Tagid::SPECIAL]).await, Ok(()));
    let before = community.followed().await;
    // 5 is not followed, so the undo depends on nothing of 5.
    community.run_with_id(1, many([2, 3, 4, 5], relation(RelationAction::Unfollow), 9)).await;
    assert_eq!(community.followed().await, []);
    community.relate_all(&[(5, RelationAction::Block, 1, NOW), (3, RelationAction::Block, 1, NOW)]).await;
    assert_eq!(community.undo_batch(1).await, Ok(Undone { refused: 1, has_rest: false }));
    let kept: Vec<_> = before.into_iter().filter(|(fid, ..)| *fid != 3).collect();
    assert_eq!(community.followed().await, kept);
    assert_eq!(community.undo_batch(1).await, Err(ErrorCode::UndoExpired), "it is undone once");
    // A batch that only gained can be undone too.
    community.relate_all(&[(3, RelationAction::Unblock, 1, NOW), (5, RelationAction::Unblock, 1, NOW)]).await;
    community.run_with_id(2, many([3, 5], relation(RelationAction::Follow), 9)).await;
    assert_eq!(community.followings(1).await.len(), 4);
    assert_eq!(community.undo_batch(2).await, Ok(Undone::default()));
    assert_eq!(community.followed().await, kept);
    let join = ManyChange::Groups(GroupChange::joining(vec![Tagid::SPECIAL]));
    community.run_with_id(3, many([2, 4], join, 9)).await;
    assert_eq!(community.undo_batch(3).await, Ok(Undone::default()));
    assert_eq!(community.followed().await, kept);
    // A batch without an effect leaves no record.
    community.run_with_id(4, many([2, 4], relation(RelationAction::Follow), 9)).await;
    assert_eq!(community.undo_batch(4).await, Err(ErrorCode::UndoExpired));
}

pub(crate) async fn commands_with_one_id_are_undone_together(store: impl Store) {
    let community = Community::with_members(store, 6).await;
    community.run_with_id(7, many([2, 3], relation(RelationAction::Follow), 9)).await;
    community.run_with_id(7, many([4], relation(RelationAction::Follow), 9)).await;
    // A part without a change leaves the record as it is.
    community.run_with_id(7, many([4], relation(RelationAction::Follow), 9)).await;
    community.run_with_id(8, many([6], relation(RelationAction::Unfollow), 9)).await;
    assert_eq!(community.undo_batch(7).await, Err(ErrorCode::UndoExpired), "another change follows");
    community.run_with_id(9, many([5], relation(RelationAction::Follow), 9)).await;
    community.run_with_id(9, many([2, 3], relation(RelationAction::Unfollow), 9)).await;
    assert_eq!(community.followings(1).await, [5, 4]);
    assert_eq!(community.undo_batch(9).await, Ok(Undone::default()));
    assert_eq!(community.followings(1).await, [4, 3, 2]);
}

pub(crate) async fn large_batch_is_undone_in_parts(store: impl Store) {
    let community = Community::with_members(store, 252).await;
    let all = 2..=251;
    community.run_with_id(1, many(all.clone(), relation(RelationAction::Block), 0)).await;
    assert_eq!(community.counts(1).await, [0, 0, 250, 0]);
    community
        .relate_all(&[(1, RelationAction::Unblock, 2, NOW), (1, RelationAction::Unblock, 251, NOW)])
        .await;
    assert_eq!(community.undo_batch(1).await, Ok(Undone { refused: 1, has_rest: true }));
    assert_eq!(community.counts(1).await, [0, 0, 49, 0]);
    // An interruption may come here: the record has the rest.
    assert_eq!(community.undo_batch(1).await, Ok(Undone { refused: 1, has_rest: false }));
    assert_eq!(community.counts(1).await, [0; 4]);
}
