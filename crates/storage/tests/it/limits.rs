//! Numbers as large as they get, and a tie in more groups than a node of its list has room for.

use crate::community::{Community, card, mid};
use crate::dumped::{dump, tie};
use crate::home::{empty, hurried, reopen};
use guanxi_api::api::relation::modify::RelationAction;
use guanxi_domain::tie::RelationKind;
use guanxi_storage::row::Group;
use guanxi_storage::{EmbeddedStore, Row, Store};
use guanxi_types::Tagid;

/// The last member there can be: the largest number that every client can read.
const LAST: u64 = (1 << 53) - 1;
/// The last group that may be imported.
const LAST_GROUP: Tagid = Tagid(1 << 52);
const LATEST: i64 = u32::MAX as i64;

/// The groups of member 1: 200, of numbers as small and as large as they get.
fn tagids() -> impl Iterator<Item = i64> {
    (1..=100).chain(LAST_GROUP.0 - 99..=LAST_GROUP.0)
}

fn rows() -> Vec<Row> {
    let members = [1, 2, LAST - 1, LAST].into_iter().map(card);
    let groups =
        tagids().map(|tagid| Row::Group(Group { mid: mid(1), tagid: Tagid(tagid), name: tagid.to_string() }));
    let joined: Vec<(i64, u32)> = tagids().zip(u32::MAX / 2 - 300..).collect();
    let ties = [
        tie(1, RelationKind::Follow, LAST, LATEST, &joined),
        tie(1, RelationKind::Follow, LAST - 1, LATEST, &[(0, 0)]),
        tie(1, RelationKind::Whisper, 2, LATEST, &[]),
        tie(LAST, RelationKind::Follow, 1, 0, &[(-10, 0)]),
        tie(LAST, RelationKind::Black, LAST - 1, 1, &[]),
    ];
    members.chain(groups).chain(ties).collect()
}

async fn is_clean(store: &EmbeddedStore) {
    let report = store.check().await.expect("everything can be read");
    assert!(report.is_clean(), "{report}");
}

#[tokio::test]
async fn what_is_as_large_as_it_gets_comes_back() {
    let home = empty();
    let community = Community::empty(hurried(home.path()));
    assert_eq!(community.load(rows()).await.fault, None);
    is_clean(&community.store).await;
    let told = dump(&community.exported().await);
    assert_eq!(community.group(1, LAST_GROUP).await, [LAST]);
    assert_eq!(community.followings(1).await, [LAST, LAST - 1]);
    assert_eq!(community.fans(LAST).await, [1]);
    drop(community);

    let community = Community::empty(reopen(home.path()));
    assert_eq!(dump(&community.exported().await), told);
    // Who leaves all groups but one, and then goes, leaves nothing behind.
    assert_eq!(community.assign(1, &[LAST], &[LAST_GROUP]).await, Ok(()));
    is_clean(&community.store).await;
    assert_eq!(community.group(1, Tagid(1)).await, [0; 0]);
    assert_eq!(community.group(1, LAST_GROUP).await, [LAST]);
    community
        .acts(&[(1, RelationAction::Unfollow, LAST, 100), (1, RelationAction::Follow, LAST, LATEST)])
        .await;
    assert_eq!(community.followings(1).await, [LAST, LAST - 1]);
    drop(community);
    is_clean(&reopen(home.path())).await;
}
