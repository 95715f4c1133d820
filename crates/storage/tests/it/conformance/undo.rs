//! The undoing of relation actions, group deletions and group assignments.

use crate::community::{Community, FOLLOW_LIMIT, change_relation, expect_read, mid};
use guanxi_storage::Store;
use guanxi_storage::commands::{
    AssignGroups, ChangeRelation, DeleteGroup, Prefetch, RunDueTask, Undo, UndoableCommand, Undone, WithUndo,
};
use guanxi_storage::model::{DueTask, Table, UndoRow};
use guanxi_storage::store::List;
use guanxi_types::{ErrorCode, Mid, RelationAction, Tagid};
use std::sync::Arc;

const MEMBERS: u64 = 4;
/// The time of the undoable commands, and the end of their records.
const NOW: i64 = 300;
const EXPIRES: i64 = 400;

/// A list: member, time and groups of each entry.
type ShownList = Vec<(Mid, i64, Vec<i64>)>;

impl<S: Store> Community<S> {
    /// Creates four members: 1 and 2 follow each other, 1 follows 3 and 4 and has a group with 2 and 3.
    async fn for_undo(store: S) -> (Community<S>, Tagid) {
        let community = Community::with_members(store, MEMBERS).await;
        let follows = [(1, 3, 100), (3, 2, 100), (2, 1, 100), (1, 2, 200), (1, 4, 200), (4, 2, 200)];
        community.relate_all(&follows.map(|(me, them, now)| (me, RelationAction::Follow, them, now))).await;
        let tagid = community.create_group(1, "同学").await.expect("a new name");
        assert_eq!(community.assign_groups(1, &[3, 2], &[tagid]).await, Ok(()));
        assert_eq!(community.assign_groups(1, &[2], &[Tagid::SPECIAL, tagid]).await, Ok(()));
        (community, tagid)
    }

    /// Runs a command with a record of the id.
    async fn run_undoable<C: UndoableCommand<Output = ()>>(&self, id: u64, command: C) {
        assert_eq!(self.run(WithUndo { command, id, expires: EXPIRES }).await, Ok(()));
    }

    /// Undoes the record of the id, with the hints of the stored record.
    async fn undo(&self, me: u64, id: u64, now: i64) -> Result<(), ErrorCode> {
        let row = self.undo_row(me).await;
        let prefetch = row.map_or_else(Prefetch::default, |row| row.prefetch());
        let limits = (FOLLOW_LIMIT, FOLLOW_LIMIT as usize);
        let (following_limit, group_limit) = limits;
        let undo = Undo { me: mid(me), id, prefetch, following_limit, group_limit, now };
        self.run(undo).await.map(|undone| assert_eq!(undone, Undone::default()))
    }

    async fn undo_row(&self, me: u64) -> Option<UndoRow> {
        expect_read(self.store.get::<UndoRow>(mid(me)).await)
    }

    /// Returns what lists, groups and counters of all members show.
    async fn shown(&self) -> Vec<(Vec<ShownList>, Vec<(Tagid, String, u32)>, [u32; 6])> {
        let mut all = Vec::new();
        for owner in 1..=MEMBERS {
            let groups = self.groups(owner).await;
            let mut shown = Vec::new();
            let own = groups.iter().map(|(tagid, ..)| List::Group(*tagid));
            let lists = [List::Followers, List::Followings, List::Whispers, List::Blocks];
            let built_in = [Tagid::SPECIAL, Tagid::DEFAULT].map(List::Group);
            for list in lists.into_iter().chain(built_in).chain(own) {
                let entries = self.list(owner, list).await.entries.into_iter();
                let tagids = |entry: &guanxi_storage::store::ListEntry| {
                    entry.groups.iter().map(|joined| joined.tagid.0).collect()
                };
                shown.push(entries.map(|entry| (entry.mid, entry.mtime, tagids(&entry))).collect());
            }
            let counters = self.counters(owner).await;
            let [following, whisper, blocked, follower] = self.counts(owner).await;
            let counts = [following, whisper, blocked, follower, counters.special, counters.default];
            all.push((shown, groups, counts));
        }
        all
    }
}

fn act(action: RelationAction, them: u64) -> ChangeRelation {
    change_relation(1, action, them, NOW)
}

pub(crate) async fn undone_action_leaves_everything_as_before(store: impl Store) {
    let (community, tagid) = Community::for_undo(store).await;
    community.relate_all(&[(3, RelationAction::Whisper, 1, 250)]).await;
    let before = community.shown().await;
    for (id, (action, them)) in (1..).zip([
        (RelationAction::Unfollow, 2),
        (RelationAction::Whisper, 2),
        (RelationAction::Block, 2),
        (RelationAction::Block, 3),
        (RelationAction::RemoveFollower, 2),
        (RelationAction::RemoveFollower, 3),
        (RelationAction::Unfollow, 4),
    ]) {
        let version = community.versions(1).await;
        community.run_undoable(id, act(action, them)).await;
        assert_ne!(community.shown().await, before, "{action:?} {them}");
        assert_eq!(community.undo(1, id, NOW + 1).await, Ok(()), "{action:?} {them}");
        assert_eq!(community.shown().await, before, "{action:?} {them}");
        assert_eq!(community.undo(1, id, NOW + 1).await, Err(ErrorCode::UndoExpired), "it is undone once");
        // A private follow by another member is in no list of the member.
        let is_hidden = (action, them) == (RelationAction::RemoveFollower, 3);
        assert_eq!(community.versions(1).await == version, is_hidden, "clients read a changed list again");
    }
    for (id, fids) in [(8, vec![4, 2]), (9, vec![3, 2, 4])] {
        let fids = fids.into_iter().map(mid).collect();
        community.run_undoable(id, AssignGroups { me: mid(1), fids, tagids: vec![Tagid::DEFAULT] }).await;
        assert_eq!(community.undo(1, id, NOW).await, Ok(()));
        assert_eq!(community.shown().await, before, "assignment {id}");
    }
    community.run_undoable(10, DeleteGroup { me: mid(1), tagid }).await;
    assert_eq!(community.groups(1).await, []);
    assert_eq!(community.undo(1, 10, NOW).await, Ok(()));
    assert_eq!(community.shown().await, before);
}

pub(crate) async fn undone_unblock_restores_the_block(store: impl Store) {
    let (community, _) = Community::for_undo(store).await;
    community.relate_all(&[(1, RelationAction::Block, 4, 210), (1, RelationAction::Block, 3, 220)]).await;
    let before = community.shown().await;
    community.run_undoable(1, act(RelationAction::Unblock, 4)).await;
    assert_eq!(community.undo(1, 1, NOW).await, Ok(()));
    assert_eq!(community.shown().await, before);
}

pub(crate) async fn change_after_the_record_forbids_undo(store: impl Store) {
    let (community, tagid) = Community::for_undo(store).await;
    let expired = Err(ErrorCode::UndoExpired);
    // Each side changes the pair.
    community.run_undoable(1, act(RelationAction::Unfollow, 2)).await;
    community.relate_all(&[(2, RelationAction::Block, 1, NOW)]).await;
    assert_eq!(community.undo(1, 1, NOW).await, expired);
    community.run_undoable(2, act(RelationAction::Unfollow, 4)).await;
    community.relate_all(&[(4, RelationAction::Follow, 1, NOW)]).await;
    assert_eq!(community.undo(1, 2, NOW).await, expired);
    community.run_undoable(3, act(RelationAction::Block, 4)).await;
    community.relate_all(&[(1, RelationAction::Unblock, 4, NOW)]).await;
    assert_eq!(community.undo(1, 3, NOW).await, expired);
    // A group of the lost follow is deleted.
    community.run_undoable(4, act(RelationAction::Unfollow, 3)).await;
    assert_eq!(community.delete_group(1, tagid).await, Ok(()));
    assert_eq!(community.undo(1, 4, NOW).await, expired);
    assert_eq!(community.relation(1, 3).await, None);
}

pub(crate) async fn regrouping_is_undone_despite_a_new_time(store: impl Store) {
    let (community, tagid) = Community::for_undo(store).await;
    community.run_undoable(1, DeleteGroup { me: mid(1), tagid }).await;
    community.relate_all(&[(3, RelationAction::Follow, 1, NOW)]).await;
    assert_eq!(community.undo(1, 1, NOW).await, Ok(()));
    assert_eq!(community.group_members(1, tagid).await, [2, 3]);
    assert_eq!(community.attribute(1, 3).await, (6, NOW), "the pair became mutual meanwhile");
    community.run_undoable(2, DeleteGroup { me: mid(1), tagid }).await;
    assert_eq!(community.assign_groups(1, &[3], &[Tagid::SPECIAL]).await, Ok(()));
    assert_eq!(community.undo(1, 2, NOW).await, Err(ErrorCode::UndoExpired));
    assert_eq!(community.groups(1).await, [], "all is undone or nothing");
}

pub(crate) async fn undo_respects_limits_and_names(store: impl Store) {
    let (community, tagid) = Community::for_undo(store).await;
    let undo = |id, following_limit, group_limit| Undo {
        me: mid(1),
        id,
        prefetch: Prefetch::default(),
        following_limit,
        group_limit,
        now: NOW,
    };
    community.run_undoable(1, act(RelationAction::Unfollow, 4)).await;
    assert_eq!(community.run(undo(1, 2, 9)).await, Err(ErrorCode::FollowingLimitReached));
    assert_eq!(community.run(undo(1, 3, 9)).await, Ok(Undone::default()));
    // The limit of the other member counts for their follow.
    community.run_undoable(2, act(RelationAction::RemoveFollower, 2)).await;
    assert_eq!(community.run(undo(2, 0, 9)).await, Err(ErrorCode::FollowingLimitReached));
    assert_eq!(community.run(undo(2, 1, 9)).await, Ok(Undone::default()));
    community.run_undoable(3, DeleteGroup { me: mid(1), tagid }).await;
    assert_eq!(community.run(undo(3, 9, 0)).await, Err(ErrorCode::GroupLimitReached));
    let other = community.create_group(1, "同学").await.expect("the name is free");
    assert_eq!(community.run(undo(3, 9, 9)).await, Err(ErrorCode::GroupExists));
    assert_eq!(community.rename_group(1, other, "同事").await, Ok(()));
    assert_eq!(community.run(undo(3, 9, 9)).await, Ok(Undone::default()));
    let next = community.create_group(1, "邻居").await.expect("a new name");
    assert!(next > other, "the restored tagid is not assigned again");
}

pub(crate) async fn undo_record_is_replaced_and_expires(store: impl Store) {
    let (community, _) = Community::for_undo(store).await;
    community.run_undoable(1, act(RelationAction::Unfollow, 2)).await;
    community.run_undoable(2, act(RelationAction::Unfollow, 3)).await;
    assert_eq!(community.undo(1, 1, NOW).await, Err(ErrorCode::UndoExpired), "a newer record replaced it");
    assert_eq!(community.undo(2, 2, NOW).await, Err(ErrorCode::UndoExpired), "a record has one owner");
    assert_eq!(community.undo(1, 2, EXPIRES).await, Err(ErrorCode::UndoExpired));
    let task = |now| RunDueTask {
        task: DueTask { table: Table::Undo, key: mid(1).get().to_be_bytes().to_vec() },
        cipher: Arc::clone(&community.cipher),
        now,
    };
    let due = expect_read(community.store.due_tasks(EXPIRES, Table::scheduled()).await);
    assert_eq!(due, [task(0).task]);
    assert_eq!(community.run(task(EXPIRES - 1)).await, Ok(()));
    assert!(community.undo_row(1).await.is_some());
    assert_eq!(community.run(task(EXPIRES)).await, Ok(()));
    assert_eq!(community.undo_row(1).await, None);
    // A command that loses nothing leaves none.
    community.run_undoable(3, act(RelationAction::Unfollow, 4)).await;
    community.run_undoable(4, act(RelationAction::Follow, 3)).await;
    assert_eq!(community.undo_row(1).await, None);
}

pub(crate) async fn undo_needs_both_members(store: impl Store) {
    let (community, _) = Community::for_undo(store).await;
    community.run_undoable(1, act(RelationAction::Unfollow, 4)).await;
    community.delete_member(4).await;
    assert_eq!(community.undo(1, 1, NOW).await, Err(ErrorCode::MemberDeleted));
    community.run_undoable(2, act(RelationAction::Unfollow, 3)).await;
    community.delete_member(1).await;
    assert_eq!(community.undo_row(1).await, None, "the deletion of a member deletes the record");
    assert_eq!(community.undo(1, 2, NOW).await, Err(ErrorCode::MemberNotFound));
}
