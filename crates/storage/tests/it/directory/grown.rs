//! The memory map grows before it is full, whoever reads meanwhile.

use crate::community::{Community, mid, vault};
use crate::home::{empty, reopen};
use guanxi_storage::command::{ImportResult, InsertRows};
use guanxi_storage::embedded::Options;
use guanxi_storage::row::Card;
use guanxi_storage::{EmbeddedStore, Row, Store};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// A small map, that takes in what was written soon.
fn small(path: &Path) -> EmbeddedStore {
    let options = Options { map_size: 1 << 20, gathers: 1 << 18, ..Options::default() };
    EmbeddedStore::open(path, options).expect("the directory opens")
}

/// Members with so much to say that a few thousand fill a map.
fn wordy(numbers: impl Iterator<Item = u64>) -> Vec<Row> {
    let face = |number: u64| format!("https://example.cn/{}", number.to_string().repeat(200));
    let card = |number| Card { face: face(number), ..Card::of(mid(number)) };
    numbers.map(|number| Row::Card(Box::new(card(number)))).collect()
}

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("the system has threads").block_on(future)
}

#[test]
fn a_map_grows_while_others_read() {
    const BATCHES: u64 = 60;
    const BATCH: u64 = 200;
    let home = empty();
    let store = small(home.path());
    let acknowledged = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            let (store, acknowledged) = (store.clone(), &acknowledged);
            scope.spawn(move || {
                block_on(async {
                    let mut last = 0;
                    while last < BATCHES * BATCH {
                        last = acknowledged.load(Ordering::Acquire);
                        for number in [1, last / 2, last].map(|number| number.clamp(1, last.max(1))) {
                            let card = store.get::<Card>(mid(number)).await.unwrap();
                            assert!(last == 0 || card.is_some(), "{number} of {last} is not there");
                        }
                    }
                });
            });
        }
        for batch in 0..BATCHES {
            let rows = wordy((1 + batch * BATCH)..=((batch + 1) * BATCH));
            let loaded = block_on(store.run(InsertRows { rows, vault: vault() }));
            // Said before anything can fail here, so that those who read come to an end too.
            acknowledged.store((batch + 1) * BATCH, Ordering::Release);
            assert_eq!(loaded.unwrap(), ImportResult { rows: 200, fault: None });
        }
    });
    assert!(store.size().unwrap() > 4 << 20, "it outgrew its map more than once");
    assert_eq!(block_on(store.check()).unwrap().members, BATCHES * BATCH);
    drop(store);
    assert_eq!(
        block_on(small(home.path()).check()).unwrap().members,
        BATCHES * BATCH,
        "it opens larger than asked"
    );
}

#[tokio::test]
async fn one_command_may_be_larger_than_the_map() {
    let home = empty();
    let community = Community::empty(small(home.path()));
    let rows = wordy(1..=5000);
    assert_eq!(community.load(rows).await, ImportResult { rows: 5000, fault: None });
    assert_eq!(community.store.check().await.unwrap().members, 5000);
    drop(community);
    let store = small(home.path());
    assert!(store.size().unwrap() > 2 << 20, "the tree has taken it in");
    assert_eq!(store.check().await.unwrap().members, 5000);
}

#[test]
fn a_map_asked_to_be_tiny_is_as_large_as_it_must_be() {
    for map_size in [0, 1, 4096] {
        let home = empty();
        let store = EmbeddedStore::open(home.path(), Options { map_size, ..Options::default() }).unwrap();
        let loaded = block_on(store.run(InsertRows { rows: wordy(1..=100), vault: vault() })).unwrap();
        assert_eq!(loaded, ImportResult { rows: 100, fault: None }, "{map_size}");
        drop(store);
        assert_eq!(block_on(reopen(home.path()).check()).unwrap().members, 100);
    }
}
