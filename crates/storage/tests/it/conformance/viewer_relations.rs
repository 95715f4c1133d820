//! The viewer's relations in lists and spaces (D16).

use crate::community::{Community, WHOLE_LIST, expect_read, mid};
use guanxi_domain::relation::GroupMembership;
use guanxi_storage::Store;
use guanxi_storage::store::{List, ListQuery};
use guanxi_types::{Order, RelationAction, Tagid};

/// Returns the entries of a list for a viewer: member, the viewer's attribute, groups.
async fn entries_for<S: Store>(
    community: &Community<S>,
    owner: u64,
    list: List,
    viewer: Option<u64>,
) -> Vec<(u64, u8, Vec<Tagid>)> {
    let query =
        ListQuery { owner: mid(owner), list, viewer: viewer.map(mid), window: WHOLE_LIST, order: Order::Asc };
    let entries = community.page(query).await.expect("the list exists").entries;
    let groups = |joined: Vec<GroupMembership>| joined.iter().map(|joined| joined.tagid).collect();
    entries.into_iter().map(|entry| (entry.mid.get(), entry.attribute, groups(entry.groups))).collect()
}

pub(crate) async fn page_has_the_viewers_own_relations(store: impl Store) {
    let community = Community::with_members(store, 7).await;
    for follower in [2, 3, 4, 5, 6] {
        community.relate_all(&[(follower, RelationAction::Follow, 1, 100)]).await;
    }
    // Member 7 whispers 2, follows 3, is mutual with 4, blocks 5, and is followed by 6.
    let actions = [
        (7, RelationAction::Whisper, 2, 200),
        (7, RelationAction::Follow, 3, 200),
        (7, RelationAction::Follow, 4, 200),
    ];
    community.relate_all(&actions).await;
    community
        .relate_all(&[
            (4, RelationAction::Follow, 7, 300),
            (7, RelationAction::Block, 5, 300),
            (6, RelationAction::Follow, 7, 300),
        ])
        .await;
    let attributes = async |viewer| -> Vec<u8> {
        entries_for(&community, 1, List::Followers, viewer)
            .await
            .into_iter()
            .map(|(_, attribute, _)| attribute)
            .collect()
    };
    assert_eq!(attributes(Some(7)).await, [1, 2, 6, 128, 0]);
    assert_eq!(attributes(None).await, [0, 0, 0, 0, 0]);
    assert_eq!(attributes(Some(1)).await, [0, 0, 0, 0, 0], "the owner follows none of their followers");
    assert_eq!(attributes(Some(4)).await, [0, 0, 0, 0, 0], "a member has no relation to themselves");
    assert_eq!(attributes(Some(99)).await, [0, 0, 0, 0, 0], "an unknown viewer has no relations");
}

pub(crate) async fn groups_are_visible_to_the_list_owner_only(store: impl Store) {
    let community = Community::with_members(store, 3).await;
    let tagid = community.create_group(1, "同学").await.expect("a new name");
    // 1 and 3 follow each other and 2. Only 1 has groups.
    let actions = [
        (1, RelationAction::Follow, 2, 100),
        (1, RelationAction::Follow, 3, 200),
        (3, RelationAction::Follow, 1, 200),
    ];
    community.relate_all(&actions).await;
    community.relate_all(&[(3, RelationAction::Follow, 2, 200)]).await;
    assert_eq!(community.assign_groups(1, &[2], &[tagid, Tagid::SPECIAL]).await, Ok(()));

    let own = entries_for(&community, 1, List::Followings, Some(1)).await;
    assert_eq!(own, [(2, 2, vec![tagid, Tagid::SPECIAL]), (3, 6, vec![Tagid::DEFAULT])]);
    let others = entries_for(&community, 1, List::Followings, Some(3)).await;
    assert_eq!(others, [(2, 2, vec![]), (3, 0, vec![])]);
    assert_eq!(entries_for(&community, 1, List::Followings, None).await, [(2, 0, vec![]), (3, 0, vec![])]);
    assert_eq!(
        entries_for(&community, 1, List::Followers, Some(1)).await,
        [(3, 6, vec![])],
        "followers are in no group"
    );
    assert_eq!(entries_for(&community, 3, List::Followings, Some(1)).await, [(1, 0, vec![]), (2, 2, vec![])]);
}

pub(crate) async fn space_has_the_viewers_follow_state(store: impl Store) {
    let community = Community::with_members(store, 5).await;
    let actions = [
        (2, RelationAction::Follow, 1, 100),
        (3, RelationAction::Whisper, 1, 100),
        (4, RelationAction::Block, 1, 100),
    ];
    community.relate_all(&actions).await;
    // viewer -> followed
    let cases = [
        (None, false),
        (Some(1), false),
        (Some(2), true),
        (Some(3), true),
        (Some(4), false),
        (Some(5), false),
    ];
    for (viewer, followed) in cases {
        let space =
            expect_read(community.store.space(mid(1), viewer.map(mid)).await).expect("the member exists");
        assert_eq!(space.is_followed, followed, "seen by {viewer:?}");
        assert_eq!(space.counters, community.counters(1).await);
    }
}
