//! A tree that takes in what was written while more is: whoever reads or copies meanwhile sees all that was answered.

use crate::community::{ALL, Community, bulky, mid, relate};
use crate::home::{empty, hurried, reopen};
use guanxi_api::api::relation::modify::RelationAction;
use guanxi_storage::embedded::Options;
use guanxi_storage::embedded::directory::Blank;
use guanxi_storage::store::{List, ListQuery};
use guanxi_storage::{EmbeddedStore, Store};
use guanxi_types::Order;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::task::JoinSet;

const MEMBERS: u64 = 32;

/// The whole of a list, which has as many entries as it tells.
async fn list(store: &EmbeddedStore, owner: u64, list: List) -> Vec<u64> {
    let owner = mid(owner);
    let page = ListQuery { owner, list, viewer: Some(owner), window: ALL, order: Order::Desc };
    let page = store.page(page).await.expect("the engine reads").expect("there is such a list");
    assert_eq!(page.entries.len(), page.total as usize, "the counters and {list:?} are of one moment");
    page.entries.iter().map(|entry| entry.mid.get()).collect()
}

/// Follows all others, lets some of them go again, and looks after each.
async fn come_and_go(store: EmbeddedStore, me: u64) {
    for them in (1..MEMBERS).map(|off| (me - 1 + off) % MEMBERS + 1) {
        store.run(relate(me, RelationAction::Follow, them, 100)).await.expect("nothing forbids it");
        assert!(list(&store, me, List::Followings).await.contains(&them));
        assert!(list(&store, them, List::Fans).await.contains(&me));
        if them % 3 == 0 {
            store.run(relate(me, RelationAction::Unfollow, them, 200)).await.expect("nothing forbids it");
            assert!(!list(&store, me, List::Followings).await.contains(&them));
            assert!(!list(&store, them, List::Fans).await.contains(&me));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_answered_is_seen_while_the_tree_takes_it_in() {
    let home = empty();
    let store = hurried(home.path());
    let community = Community::of(store.clone(), MEMBERS).await;
    let mut tasks = JoinSet::new();
    for me in 1..=MEMBERS {
        tasks.spawn(come_and_go(store.clone(), me));
    }
    tasks.join_all().await;
    let left = MEMBERS - MEMBERS / 3;
    let follows = left * (left - 1) + MEMBERS / 3 * left;
    let report = store.check().await.unwrap();
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.follows, follows);
    drop((store, community));
    for _ in 0..2 {
        assert_eq!(reopen(home.path()).check().await.unwrap(), report);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_copy_has_what_was_answered_before_it_was_begun() {
    let home = empty();
    let options = Options { map_size: 1 << 20, gathers: 1 << 14, ..Options::default() };
    let store = EmbeddedStore::open(home.path(), options).expect("the directory opens");
    let community = Arc::new(Community::of(store.clone(), 1).await);
    let acknowledged = Arc::new(AtomicU64::new(1));
    let (writer, told) = (Arc::clone(&community), Arc::clone(&acknowledged));
    let writer = tokio::spawn(async move {
        for number in 2..=1200 {
            assert_eq!(writer.load(bulky(number, 9_000)).await.fault, None);
            told.store(number, Ordering::Release);
        }
    });
    let mut copies = 0;
    while !writer.is_finished() {
        let to = empty();
        let blank = Blank::make(to.path()).unwrap();
        let before = acknowledged.load(Ordering::Acquire);
        let copying = store.clone();
        let copied = tokio::task::spawn_blocking(move || copying.copy(&blank).map(|_| blank)).await.unwrap();
        copied.unwrap().finish().unwrap();
        let report = reopen(to.path()).check().await.unwrap();
        assert!(report.is_clean(), "{report}");
        assert!(report.members >= before, "{before} were answered\n{report}");
        copies += 1;
    }
    writer.await.unwrap();
    assert!(copies > 3, "{copies} copies were made meanwhile");
    assert_eq!(store.check().await.unwrap().members, 1200);
}

#[tokio::test]
async fn what_is_written_again_and_again_does_not_stay_in_the_log() {
    let home = empty();
    let store = EmbeddedStore::open(home.path(), Options { gathers: 1 << 13, ..Options::default() }).unwrap();
    let community = Community::of(store, 2).await;
    // In memory it is one tie, two counters and a few lists, however often it comes and goes.
    for now in 0..100 {
        community.acts(&[(1, RelationAction::Follow, 2, now), (1, RelationAction::Unfollow, 2, now)]).await;
    }
    assert!(!home.path().join("log.1").exists(), "the tree has taken it in");
    assert!(community.store.check().await.unwrap().is_clean());
}
