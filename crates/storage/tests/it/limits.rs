//! Numbers at their upper limits, and a relation in more groups than a list node has room for.

use crate::community::{Community, card, mid};
use crate::fixtures::{dump_text, relation};
use crate::tempdir::{empty_dir, open_with_small_memtable, reopen};
use guanxi_domain::relation::RelationKind;
use guanxi_storage::model::Group;
use guanxi_storage::{EmbeddedStore, Row, Store};
use guanxi_types::{RelationAction, Tagid};

/// The largest mid: the largest number that every JSON client reads exactly.
const MAX_MID: u64 = (1 << 53) - 1;
/// The largest tagid that an import accepts.
const MAX_TAGID: Tagid = Tagid(1 << 52);
const MAX_MTIME: i64 = u32::MAX as i64;

/// The tagids of member 1's 200 groups: the smallest and the largest ones.
fn tagids() -> impl Iterator<Item = i64> {
    (1..=100).chain(MAX_TAGID.0 - 99..=MAX_TAGID.0)
}

fn rows() -> Vec<Row> {
    let members = [1, 2, MAX_MID - 1, MAX_MID].into_iter().map(card);
    let groups =
        tagids().map(|tagid| Row::Group(Group { mid: mid(1), tagid: Tagid(tagid), name: tagid.to_string() }));
    let joined: Vec<(i64, u32)> = tagids().zip(u32::MAX / 2 - 300..).collect();
    let relations = [
        relation(1, RelationKind::Follow, MAX_MID, MAX_MTIME, &joined),
        relation(1, RelationKind::Follow, MAX_MID - 1, MAX_MTIME, &[(0, 0)]),
        relation(1, RelationKind::Whisper, 2, MAX_MTIME, &[]),
        relation(MAX_MID, RelationKind::Follow, 1, 0, &[(-10, 0)]),
        relation(MAX_MID, RelationKind::Block, MAX_MID - 1, 1, &[]),
    ];
    members.chain(groups).chain(relations).collect()
}

async fn assert_clean(store: &EmbeddedStore) {
    let report = store.check_integrity().await.expect("the store is readable");
    assert!(report.is_clean(), "{report}");
}

#[tokio::test]
async fn rows_at_upper_limits_are_stored_and_exported() {
    let home = empty_dir();
    let community = Community::new(open_with_small_memtable(home.path()));
    assert_eq!(community.import(rows()).await.error, None);
    assert_clean(&community.store).await;
    let expected = dump_text(&community.exported().await);
    assert_eq!(community.group_members(1, MAX_TAGID).await, [MAX_MID]);
    assert_eq!(community.followings(1).await, [MAX_MID, MAX_MID - 1]);
    assert_eq!(community.followers(MAX_MID).await, [1]);
    drop(community);

    let community = Community::new(reopen(home.path()));
    assert_eq!(dump_text(&community.exported().await), expected);
    // A relation that leaves all groups but one, and is then removed, leaves nothing behind.
    assert_eq!(community.assign_groups(1, &[MAX_MID], &[MAX_TAGID]).await, Ok(()));
    assert_clean(&community.store).await;
    assert_eq!(community.group_members(1, Tagid(1)).await, [0; 0]);
    assert_eq!(community.group_members(1, MAX_TAGID).await, [MAX_MID]);
    community
        .relate_all(&[
            (1, RelationAction::Unfollow, MAX_MID, 100),
            (1, RelationAction::Follow, MAX_MID, MAX_MTIME),
        ])
        .await;
    assert_eq!(community.followings(1).await, [MAX_MID, MAX_MID - 1]);
    drop(community);
    assert_clean(&reopen(home.path())).await;
}
