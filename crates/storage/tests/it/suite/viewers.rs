//! What a viewer is told beside a list and a space (D16).

use crate::community::{ALL, Community, mid, read};
use guanxi_api::api::relation::modify::RelationAction;
use guanxi_domain::tie::GroupMembership;
use guanxi_storage::Store;
use guanxi_storage::store::{List, ListQuery};
use guanxi_types::Order;
use guanxi_types::Tagid;

/// What a viewer is told beside each of a list: the member, the viewer's attribute, the groups.
async fn seen<S: Store>(
    community: &Community<S>,
    owner: u64,
    list: List,
    viewer: Option<u64>,
) -> Vec<(u64, u8, Vec<Tagid>)> {
    let page = ListQuery { owner: mid(owner), list, viewer: viewer.map(mid), window: ALL, order: Order::Asc };
    let entries = community.page(page).await.expect("there is such a list").entries;
    let groups = |joined: Vec<GroupMembership>| joined.iter().map(|joined| joined.tagid).collect();
    entries.into_iter().map(|entry| (entry.mid.get(), entry.attribute, groups(entry.groups))).collect()
}

pub(crate) async fn each_viewer_is_told_their_own_ties(store: impl Store) {
    let community = Community::of(store, 7).await;
    for fan in [2, 3, 4, 5, 6] {
        community.acts(&[(fan, RelationAction::Follow, 1, 100)]).await;
    }
    // 7 whispers 2, follows 3, is mutual with 4, blocks 5, and is followed by 6 alone.
    let acts = [
        (7, RelationAction::Whisper, 2, 200),
        (7, RelationAction::Follow, 3, 200),
        (7, RelationAction::Follow, 4, 200),
    ];
    community.acts(&acts).await;
    community
        .acts(&[
            (4, RelationAction::Follow, 7, 300),
            (7, RelationAction::Black, 5, 300),
            (6, RelationAction::Follow, 7, 300),
        ])
        .await;
    let attributes = async |viewer| -> Vec<u8> {
        seen(&community, 1, List::Fans, viewer).await.into_iter().map(|(_, attribute, _)| attribute).collect()
    };
    assert_eq!(attributes(Some(7)).await, [1, 2, 6, 128, 0]);
    assert_eq!(attributes(None).await, [0, 0, 0, 0, 0]);
    assert_eq!(attributes(Some(1)).await, [0, 0, 0, 0, 0], "the owner follows none of their fans");
    assert_eq!(attributes(Some(4)).await, [0, 0, 0, 0, 0], "one has no tie to oneself");
    assert_eq!(attributes(Some(99)).await, [0, 0, 0, 0, 0], "who is no member has no ties");
}

pub(crate) async fn groups_are_told_to_the_owner_of_the_followings_alone(store: impl Store) {
    let community = Community::of(store, 3).await;
    let tagid = community.create(1, "同学").await.expect("a new name");
    // 1 and 3 follow each other and 2; 1 keeps groups.
    let acts = [
        (1, RelationAction::Follow, 2, 100),
        (1, RelationAction::Follow, 3, 200),
        (3, RelationAction::Follow, 1, 200),
    ];
    community.acts(&acts).await;
    community.acts(&[(3, RelationAction::Follow, 2, 200)]).await;
    assert_eq!(community.assign(1, &[2], &[tagid, Tagid::SPECIAL]).await, Ok(()));

    let own = seen(&community, 1, List::Followings, Some(1)).await;
    assert_eq!(own, [(2, 2, vec![tagid, Tagid::SPECIAL]), (3, 6, vec![Tagid::DEFAULT])]);
    let others = seen(&community, 1, List::Followings, Some(3)).await;
    assert_eq!(others, [(2, 2, vec![]), (3, 0, vec![])]);
    assert_eq!(seen(&community, 1, List::Followings, None).await, [(2, 0, vec![]), (3, 0, vec![])]);
    assert_eq!(seen(&community, 1, List::Fans, Some(1)).await, [(3, 6, vec![])], "fans are in no group");
    assert_eq!(seen(&community, 3, List::Followings, Some(1)).await, [(1, 0, vec![]), (2, 2, vec![])]);
}

pub(crate) async fn a_space_tells_whether_it_is_followed(store: impl Store) {
    let community = Community::of(store, 5).await;
    let acts = [
        (2, RelationAction::Follow, 1, 100),
        (3, RelationAction::Whisper, 1, 100),
        (4, RelationAction::Black, 1, 100),
    ];
    community.acts(&acts).await;
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
        let space = read(community.store.space(mid(1), viewer.map(mid)).await).expect("the member exists");
        assert_eq!(space.followed, followed, "seen by {viewer:?}");
        assert_eq!(space.stat, community.stat(1).await);
    }
}
