//! The acts of 15, and what every list and counter tells after each.

use crate::community::{Community, LIMIT, mid, relate};
use crate::told::told;
use guanxi_api::api::relation::modify::{RelationAction, Source};
use guanxi_storage::Store;
use guanxi_storage::command::ChangeRelation;
use guanxi_types::{ErrorCode, Tagid};

const NOBODY: [u64; 0] = [];

pub(crate) async fn a_follow_is_seen_from_both_sides(store: impl Store) {
    let community = Community::of(store, 2).await;
    community.acts(&[(1, RelationAction::Follow, 2, 100)]).await;
    assert_eq!(community.attribute(1, 2).await, (2, 100));
    assert_eq!(community.attribute(2, 1).await, (0, 0));
    assert_eq!((community.followings(1).await, community.fans(1).await), (vec![2], vec![]));
    assert_eq!((community.followings(2).await, community.fans(2).await), (vec![], vec![1]));
    assert_eq!(community.group(1, Tagid::DEFAULT).await, [2]);
    assert_eq!((community.counts(1).await, community.counts(2).await), ([1, 0, 0, 0], [0, 0, 0, 1]));
}

pub(crate) async fn an_unfollow_leaves_nothing(store: impl Store) {
    let community = Community::of(store, 2).await;
    let tagid = community.create(1, "同学").await.expect("a new name");
    community.acts(&[(1, RelationAction::Follow, 2, 100)]).await;
    assert_eq!(community.assign(1, &[2], &[Tagid::SPECIAL, tagid]).await, Ok(()));
    community.acts(&[(1, RelationAction::Unfollow, 2, 200)]).await;
    assert_eq!(community.attribute(1, 2).await, (0, 0));
    assert_eq!((community.followings(1).await, community.fans(2).await), (vec![], vec![]));
    for tagid in [Tagid::SPECIAL, Tagid::DEFAULT, tagid] {
        assert_eq!(community.group(1, tagid).await, NOBODY, "{tagid}");
    }
    assert_eq!((community.counts(1).await, community.counts(2).await), ([0; 4], [0; 4]));
    assert_eq!((community.stat(1).await.special, community.stat(1).await.default), (0, 0));
}

pub(crate) async fn a_whisper_is_seen_by_its_owner_alone(store: impl Store) {
    let community = Community::of(store, 3).await;
    community.acts(&[(1, RelationAction::Whisper, 2, 100), (3, RelationAction::Follow, 2, 100)]).await;
    assert_eq!(community.attribute(1, 2).await, (1, 100));
    assert_eq!(community.fans(2).await, [3]);
    assert_eq!(community.followings(1).await, NOBODY);
    assert_eq!(community.group(1, Tagid::DEFAULT).await, NOBODY);
    assert_eq!((community.counts(1).await, community.counts(2).await), ([0, 1, 0, 0], [0, 0, 0, 1]));

    // 悄悄关注 taken for all to see.
    community.acts(&[(1, RelationAction::Follow, 2, 200)]).await;
    assert_eq!(community.attribute(1, 2).await, (2, 200));
    assert_eq!((community.followings(1).await, community.fans(2).await), (vec![2], vec![1, 3]));
    assert_eq!(community.counts(1).await, [1, 0, 0, 0]);
}

pub(crate) async fn a_whisper_makes_nobody_mutual(store: impl Store) {
    let community = Community::of(store, 2).await;
    community.acts(&[(1, RelationAction::Follow, 2, 100), (2, RelationAction::Whisper, 1, 200)]).await;
    assert_eq!(community.attribute(1, 2).await, (2, 100));
    assert_eq!(community.attribute(2, 1).await, (1, 200));
    community.acts(&[(1, RelationAction::Whisper, 2, 300)]).await;
    assert_eq!((community.attribute(1, 2).await, community.attribute(2, 1).await), ((1, 300), (1, 200)));
}

pub(crate) async fn a_whisper_of_a_following_leaves_lists_and_groups(store: impl Store) {
    let community = Community::of(store, 2).await;
    community.acts(&[(1, RelationAction::Follow, 2, 100), (2, RelationAction::Follow, 1, 200)]).await;
    assert_eq!(community.assign(1, &[2], &[Tagid::SPECIAL]).await, Ok(()));
    community.acts(&[(1, RelationAction::Whisper, 2, 300)]).await;
    assert_eq!(community.attribute(1, 2).await, (1, 300));
    assert_eq!(community.attribute(2, 1).await, (2, 200), "who stays keeps the time they became mutual");
    assert_eq!((community.fans(2).await, community.group(1, Tagid::SPECIAL).await), (vec![], vec![]));
    assert_eq!((community.counts(1).await, community.counts(2).await), ([0, 1, 0, 1], [1, 0, 0, 0]));

    // The groups are gone for good: a new follow starts in the default group.
    community.acts(&[(1, RelationAction::Follow, 2, 400)]).await;
    assert_eq!(community.group(1, Tagid::DEFAULT).await, [2]);
    assert_eq!((community.attribute(1, 2).await, community.attribute(2, 1).await), ((6, 400), (6, 400)));
}

pub(crate) async fn an_unwhisper_ends_a_whisper_alone(store: impl Store) {
    let community = Community::of(store, 3).await;
    community.acts(&[(1, RelationAction::Whisper, 2, 100), (1, RelationAction::Follow, 3, 100)]).await;
    community.acts(&[(1, RelationAction::Unwhisper, 2, 200), (1, RelationAction::Unwhisper, 3, 200)]).await;
    assert_eq!((community.attribute(1, 2).await, community.attribute(1, 3).await), ((0, 0), (2, 100)));
    assert_eq!(community.counts(1).await, [1, 0, 0, 0]);

    community.acts(&[(1, RelationAction::Whisper, 2, 300), (1, RelationAction::Unfollow, 2, 400)]).await;
    assert_eq!(community.attribute(1, 2).await, (0, 0), "an unfollow ends a whisper too");
}

pub(crate) async fn a_black_ends_both_ties_and_forbids_new_ones(store: impl Store) {
    let community = Community::of(store, 2).await;
    community
        .acts(&[
            (1, RelationAction::Follow, 2, 100),
            (2, RelationAction::Follow, 1, 200),
            (1, RelationAction::Black, 2, 300),
        ])
        .await;
    assert_eq!((community.attribute(1, 2).await, community.attribute(2, 1).await), ((128, 300), (0, 0)));
    assert_eq!((community.counts(1).await, community.counts(2).await), ([0, 0, 1, 0], [0; 4]));
    for member in [1, 2] {
        assert_eq!((community.followings(member).await, community.fans(member).await), (vec![], vec![]));
        assert_eq!(community.group(member, Tagid::DEFAULT).await, NOBODY);
    }
    for (me, them) in [(1, 2), (2, 1)] {
        for act in [RelationAction::Follow, RelationAction::Whisper] {
            assert_eq!(
                community.act(me, act, them, 400).await,
                Err(ErrorCode::Blocked),
                "{me} {act:?} {them}"
            );
        }
    }
    // Neither unfollowing nor unwhispering is a way out of a black.
    community.acts(&[(1, RelationAction::Unfollow, 2, 500), (1, RelationAction::Unwhisper, 2, 500)]).await;
    assert_eq!(community.attribute(1, 2).await, (128, 300));

    community.acts(&[(1, RelationAction::Unblack, 2, 600)]).await;
    assert_eq!((community.attribute(1, 2).await, community.counts(1).await), ((0, 0), [0; 4]));
    community.acts(&[(2, RelationAction::Follow, 1, 700)]).await;
    assert_eq!(community.fans(1).await, [2]);
}

pub(crate) async fn two_blacks_end_one_by_one(store: impl Store) {
    let community = Community::of(store, 2).await;
    community.acts(&[(1, RelationAction::Black, 2, 100), (2, RelationAction::Black, 1, 200)]).await;
    assert_eq!((community.attribute(1, 2).await, community.attribute(2, 1).await), ((128, 100), (128, 200)));
    assert_eq!((community.counts(1).await, community.counts(2).await), ([0, 0, 1, 0], [0, 0, 1, 0]));
    community.acts(&[(1, RelationAction::Kick, 2, 300)]).await;
    assert_eq!(community.attribute(2, 1).await, (128, 200), "a kick does not lift a black");

    community.acts(&[(1, RelationAction::Unblack, 2, 400)]).await;
    assert_eq!((community.attribute(1, 2).await, community.attribute(2, 1).await), ((0, 0), (128, 200)));
    assert_eq!(
        community.act(1, RelationAction::Follow, 2, 500).await,
        Err(ErrorCode::Blocked),
        "the other still blocks"
    );
    community.acts(&[(2, RelationAction::Unblack, 1, 600), (1, RelationAction::Follow, 2, 700)]).await;
    assert_eq!(community.attribute(1, 2).await, (2, 700));
}

pub(crate) async fn a_kick_ends_their_tie_alone(store: impl Store) {
    let community = Community::of(store, 3).await;
    community
        .acts(&[
            (1, RelationAction::Follow, 2, 100),
            (2, RelationAction::Follow, 1, 200),
            (3, RelationAction::Whisper, 1, 200),
        ])
        .await;
    community.acts(&[(1, RelationAction::Kick, 2, 300)]).await;
    assert_eq!((community.attribute(1, 2).await, community.attribute(2, 1).await), ((2, 200), (0, 0)));
    assert_eq!((community.fans(1).await, community.followings(1).await), (vec![], vec![2]));
    assert_eq!((community.counts(1).await, community.counts(2).await), ([1, 0, 0, 0], [0, 0, 0, 1]));

    community.acts(&[(1, RelationAction::Kick, 3, 300)]).await;
    assert_eq!(community.counts(3).await, [0; 4], "a fan nobody sees goes as well");
    community.acts(&[(2, RelationAction::Follow, 1, 400)]).await;
    assert_eq!(community.fans(1).await, [2], "who was kicked may come again");
}

pub(crate) async fn becoming_mutual_tells_both_times_anew(store: impl Store) {
    let community = Community::of(store, 3).await;
    community
        .acts(&[
            (1, RelationAction::Follow, 2, 100),
            (1, RelationAction::Follow, 3, 200),
            (3, RelationAction::Follow, 2, 150),
        ])
        .await;
    assert_eq!((community.followings(1).await, community.fans(2).await), (vec![3, 2], vec![3, 1]));

    community.acts(&[(2, RelationAction::Follow, 1, 300)]).await;
    assert_eq!((community.attribute(1, 2).await, community.attribute(2, 1).await), ((6, 300), (6, 300)));
    assert_eq!(community.followings(1).await, [2, 3], "the renewed tie comes first");
    assert_eq!(community.fans(2).await, [1, 3]);
    assert_eq!((community.counts(1).await, community.counts(2).await), ([2, 0, 0, 1], [1, 0, 0, 2]));

    community.acts(&[(2, RelationAction::Unfollow, 1, 400)]).await;
    assert_eq!(community.attribute(1, 2).await, (2, 300), "the tie that stays keeps its time");
    assert_eq!((community.followings(1).await, community.fans(2).await), (vec![2, 3], vec![1, 3]));
}

pub(crate) async fn an_act_that_changes_nothing_writes_nothing(store: impl Store) {
    let community = Community::of(store, 4).await;
    community
        .acts(&[
            (1, RelationAction::Follow, 2, 100),
            (1, RelationAction::Whisper, 3, 100),
            (1, RelationAction::Black, 4, 100),
        ])
        .await;
    let before = told(&community.store, 4).await;
    let acts = [
        (1, RelationAction::Follow, 2, 200),
        (1, RelationAction::Unwhisper, 2, 200),
        (1, RelationAction::Unblack, 2, 200),
        (1, RelationAction::Kick, 2, 200),
        (1, RelationAction::Whisper, 3, 200),
        (1, RelationAction::Unblack, 3, 200),
        (1, RelationAction::Black, 4, 200),
        (1, RelationAction::Unfollow, 4, 200),
        (1, RelationAction::Kick, 4, 200),
        (2, RelationAction::Unfollow, 3, 200),
    ];
    community.acts(&acts).await;
    assert_eq!(told(&community.store, 4).await, before);
}

pub(crate) async fn the_limit_counts_followings_alone(store: impl Store) {
    let community = Community::of(store, 6).await;
    let at_most_two = |act, them| ChangeRelation { limit: 2, ..relate(1, act, them, 200) };
    community
        .acts(&[
            (1, RelationAction::Whisper, 5, 100),
            (1, RelationAction::Black, 6, 100),
            (1, RelationAction::Follow, 2, 100),
        ])
        .await;
    assert_eq!(community.run(at_most_two(RelationAction::Follow, 3)).await, Ok(()));
    for act in [RelationAction::Follow, RelationAction::Whisper] {
        assert_eq!(community.run(at_most_two(act, 4)).await, Err(ErrorCode::FollowingFull), "{act:?}");
    }
    // What changes nothing, and what takes away, needs no room.
    for (act, them) in [
        (RelationAction::Follow, 2),
        (RelationAction::Whisper, 5),
        (RelationAction::Black, 4),
        (RelationAction::Unfollow, 2),
    ] {
        assert_eq!(community.run(at_most_two(act, them)).await, Ok(()), "{act:?} {them}");
    }
    assert_eq!(community.run(at_most_two(RelationAction::Follow, 5)).await, Ok(()), "there is room again");
}

pub(crate) async fn a_source_is_kept(store: impl Store) {
    let community = Community::of(store, 2).await;
    let follow = ChangeRelation {
        me: mid(1),
        them: mid(2),
        act: RelationAction::Follow,
        source: Source(14),
        limit: LIMIT,
        now: 100,
    };
    assert_eq!(community.run(follow).await, Ok(()));
    community.acts(&[(2, RelationAction::Follow, 1, 200)]).await;
    let source = async |me, them| community.tie(me, them).await.map(|tie| tie.source);
    assert_eq!((source(1, 2).await, source(2, 1).await), (Some(14), Some(11)));
}
