//! Writes, reads and backups during checkpoints: every reader sees all acknowledged writes.

use crate::community::{Community, WHOLE_LIST, change_relation, large_member, mid};
use crate::tempdir::{empty_dir, open_with_small_memtable, reopen};
use guanxi_storage::embedded::Options;
use guanxi_storage::embedded::data_dir::BackupTarget;
use guanxi_storage::store::{List, ListQuery, all_cards};
use guanxi_storage::{EmbeddedStore, Store};
use guanxi_types::{Order, RelationAction};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::task::JoinSet;

const MEMBERS: u64 = 32;

/// Returns all entries of a list. Asserts that it has as many as its counter says.
async fn list(store: &EmbeddedStore, owner: u64, list: List) -> Vec<u64> {
    let owner = mid(owner);
    let query = ListQuery { owner, list, viewer: Some(owner), window: WHOLE_LIST, order: Order::Desc };
    let page = store.page(query, all_cards).await.expect("the store is readable").expect("the list exists");
    assert_eq!(page.entries.len(), page.total as usize, "counters and {list:?} differ");
    page.entries.iter().map(|entry| entry.mid.get()).collect()
}

/// Follows all other members, unfollows some of them, and reads the lists after each write.
async fn follow_and_unfollow(store: EmbeddedStore, me: u64) {
    for them in (1..MEMBERS).map(|off| (me - 1 + off) % MEMBERS + 1) {
        store.run(change_relation(me, RelationAction::Follow, them, 100)).await.expect("a follow is allowed");
        assert!(list(&store, me, List::Followings).await.contains(&them));
        assert!(list(&store, them, List::Followers).await.contains(&me));
        if them % 3 == 0 {
            let unfollow = change_relation(me, RelationAction::Unfollow, them, 200);
            store.run(unfollow).await.expect("an unfollow is allowed");
            assert!(!list(&store, me, List::Followings).await.contains(&them));
            assert!(!list(&store, them, List::Followers).await.contains(&me));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn acknowledged_writes_are_visible_during_checkpoints() {
    let home = empty_dir();
    let store = open_with_small_memtable(home.path());
    let community = Community::with_members(store.clone(), MEMBERS).await;
    let mut tasks = JoinSet::new();
    for me in 1..=MEMBERS {
        tasks.spawn(follow_and_unfollow(store.clone(), me));
    }
    tasks.join_all().await;
    let left = MEMBERS - MEMBERS / 3;
    let follows = left * (left - 1) + MEMBERS / 3 * left;
    let report = store.check_integrity().await.unwrap();
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.follows, follows);
    drop((store, community));
    for _ in 0..2 {
        assert_eq!(reopen(home.path()).check_integrity().await.unwrap(), report);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn backup_during_writes_has_all_earlier_writes() {
    let home = empty_dir();
    let options = Options { map_size: 1 << 20, memtable_bytes: 1 << 14, ..Options::default() };
    let store = EmbeddedStore::open(home.path(), options).expect("the directory opens");
    let community = Arc::new(Community::with_members(store.clone(), 1).await);
    let acknowledged = Arc::new(AtomicU64::new(1));
    let (writer, last) = (Arc::clone(&community), Arc::clone(&acknowledged));
    let writer = tokio::spawn(async move {
        for number in 2..=1200 {
            assert_eq!(writer.import(large_member(number, 9_000)).await.error, None);
            last.store(number, Ordering::Release);
        }
    });
    let mut backups = 0;
    while !writer.is_finished() {
        let to = empty_dir();
        let target = BackupTarget::create(to.path()).unwrap();
        let before = acknowledged.load(Ordering::Acquire);
        let source = store.clone();
        let backup =
            tokio::task::spawn_blocking(move || source.backup(&target).map(|_| target)).await.unwrap();
        backup.unwrap().finish().unwrap();
        let report = reopen(to.path()).check_integrity().await.unwrap();
        assert!(report.is_clean(), "{report}");
        assert!(report.members >= before, "{before} were acknowledged\n{report}");
        backups += 1;
    }
    writer.await.unwrap();
    assert!(backups > 3, "only {backups} backups during the writes");
    assert_eq!(store.check_integrity().await.unwrap().members, 1200);
}

#[tokio::test]
async fn repeated_writes_of_few_keys_do_not_fill_the_wal() {
    let home = empty_dir();
    let options = Options { memtable_bytes: 1 << 13, ..Options::default() };
    let store = EmbeddedStore::open(home.path(), options).unwrap();
    let community = Community::with_members(store, 2).await;
    // The memtable holds one relation, two counters and a few lists, however often they change.
    for now in 0..100 {
        community
            .relate_all(&[(1, RelationAction::Follow, 2, now), (1, RelationAction::Unfollow, 2, now)])
            .await;
    }
    assert!(!home.path().join("wal.1").exists(), "a checkpoint has removed it");
    assert!(community.store.check_integrity().await.unwrap().is_clean());
}
