//! Versions of lists: a version changes exactly if the relations of the list do (D17).

use crate::community::{Community, WHOLE_LIST, mid};
use guanxi_storage::Store;
use guanxi_storage::commands::GrantDailyLogin;
use guanxi_storage::store::{List, ListQuery};
use guanxi_types::{Order, RelationAction, Tagid};

pub(crate) async fn version_changes_with_the_relations_of_its_list(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    #[rustfmt::skip]
    let cases = [
        // me, action, them -> changed versions: [followers of 1, relations of 1, followers of 2, relations of 2]
        (1, RelationAction::Follow,         2, [false, true,  true,  false]),
        (2, RelationAction::Follow,         1, [true,  true,  true,  true]), // both times are renewed
        (2, RelationAction::Whisper,        1, [true,  false, false, true]),
        (2, RelationAction::Unwhisper,      1, [false, false, false, true]),
        (2, RelationAction::RemoveFollower, 1, [false, true,  true,  false]),
        (1, RelationAction::Whisper,        2, [false, true,  false, false]),
        (1, RelationAction::Follow,         2, [false, true,  true,  false]),
        (2, RelationAction::Block,          1, [false, true,  true,  true]),
        (2, RelationAction::Unblock,        1, [false, false, false, true]),
        (2, RelationAction::Unblock,        1, [false, false, false, false]),
        (2, RelationAction::RemoveFollower, 1, [false, false, false, false]),
    ];
    let versions = async || {
        let ([a, b], [c, d]) = (community.versions(1).await, community.versions(2).await);
        [a, b, c, d]
    };
    for (now, (me, action, them, expected)) in (100..).zip(cases) {
        let before = versions().await;
        community.relate_all(&[(me, action, them, now)]).await;
        let after = versions().await;
        let changed: [bool; 4] = std::array::from_fn(|index| before[index] != after[index]);
        assert_eq!(changed, expected, "{me} {action:?} {them}");
    }
}

pub(crate) async fn version_is_stable_without_relation_changes(store: impl Store) {
    let community = Community::with_members(store, 3).await;
    community.relate_all(&[(1, RelationAction::Follow, 2, 100), (2, RelationAction::Follow, 1, 100)]).await;
    let before = (community.versions(1).await, community.versions(2).await);

    let tagid = community.create_group(1, "同学").await.expect("a new name");
    assert_eq!(community.assign_groups(1, &[2], &[tagid, Tagid::SPECIAL]).await, Ok(()));
    assert_eq!(community.rename_group(1, tagid, "膜法师").await, Ok(()));
    assert_eq!(community.delete_group(1, tagid).await, Ok(()));
    assert_eq!(community.run(GrantDailyLogin { me: mid(1), now: 100 }).await, Ok(()));
    // Relations of other members, and actions without effect, change no version.
    community
        .relate_all(&[
            (1, RelationAction::Follow, 2, 200),
            (3, RelationAction::Whisper, 2, 200),
            (3, RelationAction::Unwhisper, 2, 300),
        ])
        .await;
    assert_eq!((community.versions(1).await, community.versions(2).await), before);
}

pub(crate) async fn page_has_the_version_of_its_list(store: impl Store) {
    let community = Community::with_members(store, 3).await;
    community
        .relate_all(&[
            (1, RelationAction::Follow, 2, 100),
            (3, RelationAction::Follow, 2, 100),
            (2, RelationAction::Block, 3, 100),
        ])
        .await;
    for member in [1, 2, 3] {
        let [followers, followings] = community.versions(member).await;
        assert_eq!(community.list(member, List::Followers).await.version, followers);
        assert_eq!(community.list(member, List::Followings).await.version, followings);
    }
}

pub(crate) async fn version_hides_whispers_from_other_viewers(store: impl Store) {
    let community = Community::with_members(store, 3).await;
    let version = async || {
        let query = ListQuery {
            owner: mid(1),
            list: List::Followings,
            viewer: Some(mid(2)),
            window: WHOLE_LIST,
            order: Order::Desc,
        };
        community.page(query).await.expect("the list exists").version
    };
    let before = version().await;
    community
        .relate_all(&[
            (1, RelationAction::Whisper, 2, 100),
            (1, RelationAction::Block, 3, 200),
            (1, RelationAction::Unwhisper, 2, 300),
        ])
        .await;
    assert_eq!(version().await, before);
    community.relate_all(&[(1, RelationAction::Follow, 2, 400)]).await;
    assert_ne!(version().await, before);
}
