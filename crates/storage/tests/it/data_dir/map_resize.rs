//! The LMDB map is resized before it is full, also while others read.

use crate::community::{Community, mid, new_cipher};
use crate::tempdir::{empty_dir, reopen};
use guanxi_storage::commands::{ImportResult, InsertRows};
use guanxi_storage::embedded::Options;
use guanxi_storage::model::Card;
use guanxi_storage::{EmbeddedStore, Row, Store};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Opens a store with a small map and frequent checkpoints.
fn open_with_small_map(path: &Path) -> EmbeddedStore {
    let options = Options { map_size: 1 << 20, memtable_bytes: 1 << 18, ..Options::default() };
    EmbeddedStore::open(path, options).expect("the directory opens")
}

/// The cards of members, so long that a few thousand fill a map.
fn long_cards(numbers: impl Iterator<Item = u64>) -> Vec<Row> {
    let face = |number: u64| format!("https://example.cn/{}", number.to_string().repeat(200));
    let card = |number| Card { face: face(number), ..Card::new(mid(number)) };
    numbers.map(|number| Row::Card(Box::new(card(number)))).collect()
}

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("the system has threads").block_on(future)
}

#[test]
fn map_is_resized_while_others_read() {
    const BATCHES: u64 = 60;
    const BATCH: u64 = 200;
    let home = empty_dir();
    let store = open_with_small_map(home.path());
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
                            assert!(last == 0 || card.is_some(), "{number} of {last} is missing");
                        }
                    }
                });
            });
        }
        for batch in 0..BATCHES {
            let rows = long_cards((1 + batch * BATCH)..=((batch + 1) * BATCH));
            let result = block_on(store.run(InsertRows { rows, cipher: new_cipher() }));
            // Stored before anything can fail here, so that the readers end too.
            acknowledged.store((batch + 1) * BATCH, Ordering::Release);
            assert_eq!(result.unwrap(), ImportResult { rows: 200, error: None });
        }
    });
    assert!(store.disk_size().unwrap() > 4 << 20, "the map was resized more than once");
    assert_eq!(block_on(store.check_integrity()).unwrap().members, BATCHES * BATCH);
    drop(store);
    let reopened = open_with_small_map(home.path());
    let report = block_on(reopened.check_integrity()).unwrap();
    assert_eq!(report.members, BATCHES * BATCH, "it opens with a larger map than requested");
}

#[tokio::test]
async fn command_larger_than_the_map_is_committed() {
    let home = empty_dir();
    let community = Community::new(open_with_small_map(home.path()));
    let rows = long_cards(1..=5000);
    assert_eq!(community.import(rows).await, ImportResult { rows: 5000, error: None });
    assert_eq!(community.store.check_integrity().await.unwrap().members, 5000);
    drop(community);
    let store = open_with_small_map(home.path());
    assert!(store.disk_size().unwrap() > 2 << 20, "a checkpoint has stored it");
    assert_eq!(store.check_integrity().await.unwrap().members, 5000);
}

#[test]
fn requested_map_size_below_minimum_is_raised() {
    for map_size in [0, 1, 4096] {
        let home = empty_dir();
        let store = EmbeddedStore::open(home.path(), Options { map_size, ..Options::default() }).unwrap();
        let insert = InsertRows { rows: long_cards(1..=100), cipher: new_cipher() };
        let result = block_on(store.run(insert)).unwrap();
        assert_eq!(result, ImportResult { rows: 100, error: None }, "{map_size}");
        drop(store);
        assert_eq!(block_on(reopen(home.path()).check_integrity()).unwrap().members, 100);
    }
}
