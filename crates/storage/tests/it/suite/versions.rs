//! A list's version changes when, and only when, the ties of its owner do (D17).

use crate::community::{ALL, Community, mid};
use guanxi_api::api::relation::modify::RelationAction;
use guanxi_storage::Store;
use guanxi_storage::command::GrantDailyLogin;
use guanxi_storage::store::{List, ListQuery};
use guanxi_types::Order;
use guanxi_types::Tagid;

pub(crate) async fn a_version_changes_with_the_ties_of_its_list(store: impl Store) {
    let community = Community::of(store, 2).await;
    #[rustfmt::skip]
    let cases = [
        // who, act, upon whom -> whether it changes [fans of 1, ties of 1, fans of 2, ties of 2]
        (1, RelationAction::Follow,    2, [false, true,  true,  false]),
        (2, RelationAction::Follow,    1, [true,  true,  true,  true]), // both times are told anew
        (2, RelationAction::Whisper,   1, [true,  false, false, true]),
        (2, RelationAction::Unwhisper, 1, [false, false, false, true]),
        (2, RelationAction::Kick,      1, [false, true,  true,  false]),
        (1, RelationAction::Whisper,   2, [false, true,  false, false]),
        (1, RelationAction::Follow,    2, [false, true,  true,  false]),
        (2, RelationAction::Black,     1, [false, true,  true,  true]),
        (2, RelationAction::Unblack,   1, [false, false, false, true]),
        (2, RelationAction::Unblack,   1, [false, false, false, false]),
        (2, RelationAction::Kick,      1, [false, false, false, false]),
    ];
    let versions = async || {
        let ([a, b], [c, d]) = (community.versions(1).await, community.versions(2).await);
        [a, b, c, d]
    };
    for (now, (me, act, them, changes)) in (100..).zip(cases) {
        let before = versions().await;
        community.acts(&[(me, act, them, now)]).await;
        let after = versions().await;
        let changed = std::array::from_fn(|at| before[at] != after[at]);
        assert_eq!(changes, changed, "{me} {act:?} {them}");
    }
}

pub(crate) async fn a_version_stays_when_the_ties_do(store: impl Store) {
    let community = Community::of(store, 3).await;
    community.acts(&[(1, RelationAction::Follow, 2, 100), (2, RelationAction::Follow, 1, 100)]).await;
    let before = (community.versions(1).await, community.versions(2).await);

    let tagid = community.create(1, "同学").await.expect("a new name");
    assert_eq!(community.assign(1, &[2], &[tagid, Tagid::SPECIAL]).await, Ok(()));
    assert_eq!(community.rename(1, tagid, "膜法师").await, Ok(()));
    assert_eq!(community.delete(1, tagid).await, Ok(()));
    assert_eq!(community.run(GrantDailyLogin { me: mid(1), now: 100 }).await, Ok(()));
    // Neither what others do among themselves nor an act that changes nothing is a tie of theirs.
    community
        .acts(&[
            (1, RelationAction::Follow, 2, 200),
            (3, RelationAction::Whisper, 2, 200),
            (3, RelationAction::Unwhisper, 2, 300),
        ])
        .await;
    assert_eq!((community.versions(1).await, community.versions(2).await), before);
}

pub(crate) async fn a_page_tells_the_version_of_its_list(store: impl Store) {
    let community = Community::of(store, 3).await;
    community
        .acts(&[
            (1, RelationAction::Follow, 2, 100),
            (3, RelationAction::Follow, 2, 100),
            (2, RelationAction::Black, 3, 100),
        ])
        .await;
    for member in [1, 2, 3] {
        let [fans, followings] = community.versions(member).await;
        assert_eq!(community.list(member, List::Fans).await.version, fans);
        assert_eq!(community.list(member, List::Followings).await.version, followings);
    }
}

pub(crate) async fn a_version_tells_nobody_else_of_a_whisper(store: impl Store) {
    let community = Community::of(store, 3).await;
    let seen = async || {
        let page = ListQuery {
            owner: mid(1),
            list: List::Followings,
            viewer: Some(mid(2)),
            window: ALL,
            order: Order::Desc,
        };
        community.page(page).await.expect("there is such a list").version
    };
    let before = seen().await;
    community
        .acts(&[
            (1, RelationAction::Whisper, 2, 100),
            (1, RelationAction::Black, 3, 200),
            (1, RelationAction::Unwhisper, 2, 300),
        ])
        .await;
    assert_eq!(seen().await, before);
    community.acts(&[(1, RelationAction::Follow, 2, 400)]).await;
    assert_ne!(seen().await, before);
}
