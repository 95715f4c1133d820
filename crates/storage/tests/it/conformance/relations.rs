//! The relation actions of `POST /x/relation/modify`, and all lists and counters after each.

use crate::community::{Community, FOLLOW_LIMIT, change_relation, mid};
use crate::dump_state::member_states;
use guanxi_storage::Store;
use guanxi_storage::commands::ChangeRelation;
use guanxi_types::{ErrorCode, RelationAction, RelationSource, Tagid};

const NOBODY: [u64; 0] = [];

pub(crate) async fn follow_is_visible_to_both_sides(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    community.relate_all(&[(1, RelationAction::Follow, 2, 100)]).await;
    assert_eq!(community.attribute(1, 2).await, (2, 100));
    assert_eq!(community.attribute(2, 1).await, (0, 0));
    assert_eq!((community.followings(1).await, community.followers(1).await), (vec![2], vec![]));
    assert_eq!((community.followings(2).await, community.followers(2).await), (vec![], vec![1]));
    assert_eq!(community.group_members(1, Tagid::DEFAULT).await, [2]);
    assert_eq!((community.counts(1).await, community.counts(2).await), ([1, 0, 0, 0], [0, 0, 0, 1]));
}

pub(crate) async fn unfollow_removes_all_entries(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    let tagid = community.create_group(1, "同学").await.expect("a new name");
    community.relate_all(&[(1, RelationAction::Follow, 2, 100)]).await;
    assert_eq!(community.assign_groups(1, &[2], &[Tagid::SPECIAL, tagid]).await, Ok(()));
    community.relate_all(&[(1, RelationAction::Unfollow, 2, 200)]).await;
    assert_eq!(community.attribute(1, 2).await, (0, 0));
    assert_eq!((community.followings(1).await, community.followers(2).await), (vec![], vec![]));
    for tagid in [Tagid::SPECIAL, Tagid::DEFAULT, tagid] {
        assert_eq!(community.group_members(1, tagid).await, NOBODY, "{tagid}");
    }
    assert_eq!((community.counts(1).await, community.counts(2).await), ([0; 4], [0; 4]));
    assert_eq!((community.counters(1).await.special, community.counters(1).await.default), (0, 0));
}

pub(crate) async fn whisper_is_visible_to_its_owner_only(store: impl Store) {
    let community = Community::with_members(store, 3).await;
    community.relate_all(&[(1, RelationAction::Whisper, 2, 100), (3, RelationAction::Follow, 2, 100)]).await;
    assert_eq!(community.attribute(1, 2).await, (1, 100));
    assert_eq!(community.followers(2).await, [3]);
    assert_eq!(community.followings(1).await, NOBODY);
    assert_eq!(community.group_members(1, Tagid::DEFAULT).await, NOBODY);
    assert_eq!((community.counts(1).await, community.counts(2).await), ([0, 1, 0, 0], [0, 0, 0, 1]));

    // A follow replaces the private follow (悄悄关注).
    community.relate_all(&[(1, RelationAction::Follow, 2, 200)]).await;
    assert_eq!(community.attribute(1, 2).await, (2, 200));
    assert_eq!((community.followings(1).await, community.followers(2).await), (vec![2], vec![1, 3]));
    assert_eq!(community.counts(1).await, [1, 0, 0, 0]);
}

pub(crate) async fn whisper_is_not_mutual(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    community.relate_all(&[(1, RelationAction::Follow, 2, 100), (2, RelationAction::Whisper, 1, 200)]).await;
    assert_eq!(community.attribute(1, 2).await, (2, 100));
    assert_eq!(community.attribute(2, 1).await, (1, 200));
    community.relate_all(&[(1, RelationAction::Whisper, 2, 300)]).await;
    assert_eq!((community.attribute(1, 2).await, community.attribute(2, 1).await), ((1, 300), (1, 200)));
}

pub(crate) async fn whisper_of_a_following_leaves_lists_and_groups(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    community.relate_all(&[(1, RelationAction::Follow, 2, 100), (2, RelationAction::Follow, 1, 200)]).await;
    assert_eq!(community.assign_groups(1, &[2], &[Tagid::SPECIAL]).await, Ok(()));
    community.relate_all(&[(1, RelationAction::Whisper, 2, 300)]).await;
    assert_eq!(community.attribute(1, 2).await, (1, 300));
    assert_eq!(community.attribute(2, 1).await, (2, 200), "the remaining follow keeps its time");
    assert_eq!(
        (community.followers(2).await, community.group_members(1, Tagid::SPECIAL).await),
        (vec![], vec![])
    );
    assert_eq!((community.counts(1).await, community.counts(2).await), ([0, 1, 0, 1], [1, 0, 0, 0]));

    // The groups are not restored: a new follow starts in the default group.
    community.relate_all(&[(1, RelationAction::Follow, 2, 400)]).await;
    assert_eq!(community.group_members(1, Tagid::DEFAULT).await, [2]);
    assert_eq!((community.attribute(1, 2).await, community.attribute(2, 1).await), ((6, 400), (6, 400)));
}

pub(crate) async fn unwhisper_ends_only_a_whisper(store: impl Store) {
    let community = Community::with_members(store, 3).await;
    community.relate_all(&[(1, RelationAction::Whisper, 2, 100), (1, RelationAction::Follow, 3, 100)]).await;
    community
        .relate_all(&[(1, RelationAction::Unwhisper, 2, 200), (1, RelationAction::Unwhisper, 3, 200)])
        .await;
    assert_eq!((community.attribute(1, 2).await, community.attribute(1, 3).await), ((0, 0), (2, 100)));
    assert_eq!(community.counts(1).await, [1, 0, 0, 0]);

    community
        .relate_all(&[(1, RelationAction::Whisper, 2, 300), (1, RelationAction::Unfollow, 2, 400)])
        .await;
    assert_eq!(community.attribute(1, 2).await, (0, 0), "an unfollow ends a whisper too");
}

pub(crate) async fn block_ends_both_relations_and_forbids_new(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    community
        .relate_all(&[
            (1, RelationAction::Follow, 2, 100),
            (2, RelationAction::Follow, 1, 200),
            (1, RelationAction::Block, 2, 300),
        ])
        .await;
    assert_eq!((community.attribute(1, 2).await, community.attribute(2, 1).await), ((128, 300), (0, 0)));
    assert_eq!((community.counts(1).await, community.counts(2).await), ([0, 0, 1, 0], [0; 4]));
    for member in [1, 2] {
        assert_eq!((community.followings(member).await, community.followers(member).await), (vec![], vec![]));
        assert_eq!(community.group_members(member, Tagid::DEFAULT).await, NOBODY);
    }
    for (me, them) in [(1, 2), (2, 1)] {
        for action in [RelationAction::Follow, RelationAction::Whisper] {
            assert_eq!(
                community.relate(me, action, them, 400).await,
                Err(ErrorCode::Blocked),
                "{me} {action:?} {them}"
            );
        }
    }
    // Neither an unfollow nor an unwhisper lifts a block.
    community
        .relate_all(&[(1, RelationAction::Unfollow, 2, 500), (1, RelationAction::Unwhisper, 2, 500)])
        .await;
    assert_eq!(community.attribute(1, 2).await, (128, 300));

    community.relate_all(&[(1, RelationAction::Unblock, 2, 600)]).await;
    assert_eq!((community.attribute(1, 2).await, community.counts(1).await), ((0, 0), [0; 4]));
    community.relate_all(&[(2, RelationAction::Follow, 1, 700)]).await;
    assert_eq!(community.followers(1).await, [2]);
}

pub(crate) async fn mutual_blocks_end_separately(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    community.relate_all(&[(1, RelationAction::Block, 2, 100), (2, RelationAction::Block, 1, 200)]).await;
    assert_eq!((community.attribute(1, 2).await, community.attribute(2, 1).await), ((128, 100), (128, 200)));
    assert_eq!((community.counts(1).await, community.counts(2).await), ([0, 0, 1, 0], [0, 0, 1, 0]));
    community.relate_all(&[(1, RelationAction::RemoveFollower, 2, 300)]).await;
    assert_eq!(community.attribute(2, 1).await, (128, 200), "a kick does not lift a block");

    community.relate_all(&[(1, RelationAction::Unblock, 2, 400)]).await;
    assert_eq!((community.attribute(1, 2).await, community.attribute(2, 1).await), ((0, 0), (128, 200)));
    assert_eq!(
        community.relate(1, RelationAction::Follow, 2, 500).await,
        Err(ErrorCode::Blocked),
        "the other member still blocks"
    );
    community.relate_all(&[(2, RelationAction::Unblock, 1, 600), (1, RelationAction::Follow, 2, 700)]).await;
    assert_eq!(community.attribute(1, 2).await, (2, 700));
}

pub(crate) async fn kick_ends_only_the_incoming_relation(store: impl Store) {
    let community = Community::with_members(store, 3).await;
    community
        .relate_all(&[
            (1, RelationAction::Follow, 2, 100),
            (2, RelationAction::Follow, 1, 200),
            (3, RelationAction::Whisper, 1, 200),
        ])
        .await;
    community.relate_all(&[(1, RelationAction::RemoveFollower, 2, 300)]).await;
    assert_eq!((community.attribute(1, 2).await, community.attribute(2, 1).await), ((2, 200), (0, 0)));
    assert_eq!((community.followers(1).await, community.followings(1).await), (vec![], vec![2]));
    assert_eq!((community.counts(1).await, community.counts(2).await), ([1, 0, 0, 0], [0, 0, 0, 1]));

    community.relate_all(&[(1, RelationAction::RemoveFollower, 3, 300)]).await;
    assert_eq!(community.counts(3).await, [0; 4], "a kick ends a private follow too");
    community.relate_all(&[(2, RelationAction::Follow, 1, 400)]).await;
    assert_eq!(community.followers(1).await, [2], "a kicked member may follow again");
}

pub(crate) async fn mutual_follow_renews_both_times(store: impl Store) {
    let community = Community::with_members(store, 3).await;
    community
        .relate_all(&[
            (1, RelationAction::Follow, 2, 100),
            (1, RelationAction::Follow, 3, 200),
            (3, RelationAction::Follow, 2, 150),
        ])
        .await;
    assert_eq!((community.followings(1).await, community.followers(2).await), (vec![3, 2], vec![3, 1]));

    community.relate_all(&[(2, RelationAction::Follow, 1, 300)]).await;
    assert_eq!((community.attribute(1, 2).await, community.attribute(2, 1).await), ((6, 300), (6, 300)));
    assert_eq!(community.followings(1).await, [2, 3], "the renewed relation is first");
    assert_eq!(community.followers(2).await, [1, 3]);
    assert_eq!((community.counts(1).await, community.counts(2).await), ([2, 0, 0, 1], [1, 0, 0, 2]));

    community.relate_all(&[(2, RelationAction::Unfollow, 1, 400)]).await;
    assert_eq!(community.attribute(1, 2).await, (2, 300), "the remaining relation keeps its time");
    assert_eq!((community.followings(1).await, community.followers(2).await), (vec![2, 3], vec![1, 3]));
}

pub(crate) async fn action_without_effect_writes_nothing(store: impl Store) {
    let community = Community::with_members(store, 4).await;
    community
        .relate_all(&[
            (1, RelationAction::Follow, 2, 100),
            (1, RelationAction::Whisper, 3, 100),
            (1, RelationAction::Block, 4, 100),
        ])
        .await;
    let before = member_states(&community.store, 4).await;
    let actions = [
        (1, RelationAction::Follow, 2, 200),
        (1, RelationAction::Unwhisper, 2, 200),
        (1, RelationAction::Unblock, 2, 200),
        (1, RelationAction::RemoveFollower, 2, 200),
        (1, RelationAction::Whisper, 3, 200),
        (1, RelationAction::Unblock, 3, 200),
        (1, RelationAction::Block, 4, 200),
        (1, RelationAction::Unfollow, 4, 200),
        (1, RelationAction::RemoveFollower, 4, 200),
        (2, RelationAction::Unfollow, 3, 200),
    ];
    community.relate_all(&actions).await;
    assert_eq!(member_states(&community.store, 4).await, before);
}

pub(crate) async fn follow_limit_counts_only_followings(store: impl Store) {
    let community = Community::with_members(store, 6).await;
    let with_limit_two = |action, them| ChangeRelation { limit: 2, ..change_relation(1, action, them, 200) };
    community
        .relate_all(&[
            (1, RelationAction::Whisper, 5, 100),
            (1, RelationAction::Block, 6, 100),
            (1, RelationAction::Follow, 2, 100),
        ])
        .await;
    assert_eq!(community.run(with_limit_two(RelationAction::Follow, 3)).await, Ok(()));
    for action in [RelationAction::Follow, RelationAction::Whisper] {
        assert_eq!(
            community.run(with_limit_two(action, 4)).await,
            Err(ErrorCode::FollowingLimitReached),
            "{action:?}"
        );
    }
    // Actions without effect, and actions that end a relation, ignore the limit.
    for (action, them) in [
        (RelationAction::Follow, 2),
        (RelationAction::Whisper, 5),
        (RelationAction::Block, 4),
        (RelationAction::Unfollow, 2),
    ] {
        assert_eq!(community.run(with_limit_two(action, them)).await, Ok(()), "{action:?} {them}");
    }
    assert_eq!(
        community.run(with_limit_two(RelationAction::Follow, 5)).await,
        Ok(()),
        "the limit is not reached"
    );
}

pub(crate) async fn follow_source_is_stored(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    let follow = ChangeRelation {
        me: mid(1),
        them: mid(2),
        action: RelationAction::Follow,
        source: RelationSource(14),
        limit: FOLLOW_LIMIT,
        now: 100,
    };
    assert_eq!(community.run(follow).await, Ok(()));
    community.relate_all(&[(2, RelationAction::Follow, 1, 200)]).await;
    let source = async |me, them| community.relation(me, them).await.map(|relation| relation.source);
    assert_eq!((source(1, 2).await, source(2, 1).await), (Some(14), Some(11)));
}
