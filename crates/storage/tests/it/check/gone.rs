//! A member who leaves: the invariants hold at every step, and in the end no table knows them.

use super::reach_into;
use crate::home;
use crate::members::NOW;
use crate::suite::leaving::{ME, entangled};
use guanxi_storage::Store;
use std::path::Path;

/// The entries of a table, or of the table of tables.
fn entries(home: &Path, table: Option<&str>) -> Vec<(Vec<u8>, Vec<u8>)> {
    reach_into(home, table, |db, txn| {
        db.iter(txn)?.map(|entry| entry.map(|(key, value)| (key.to_vec(), value.to_vec()))).collect()
    })
}

/// The tables with an entry in whose key or value these bytes stand.
fn tables_with(home: &Path, bytes: &[u8]) -> Vec<String> {
    let names = entries(home, None).into_iter().map(|(name, _)| String::from_utf8(name).expect("a name"));
    let has = |text: &Vec<u8>| text.windows(bytes.len()).any(|window| window == bytes);
    names.filter(|name| entries(home, Some(name)).iter().any(|(key, value)| has(key) || has(value))).collect()
}

#[tokio::test]
async fn a_member_leaves_step_by_step_and_every_step_is_clean() {
    let (home, store) = home::fresh();
    let community = entangled(store.clone()).await;
    assert!(store.check().await.unwrap().is_clean());
    community.let_go(ME).await;
    let mut steps = 0;
    loop {
        let report = store.check().await.unwrap();
        assert!(report.is_clean(), "after {steps} steps: {report}");
        if community.attend(NOW).await == 0 {
            break;
        }
        steps += 1;
    }
    assert!(steps > 3, "it took {steps} steps");
    assert_eq!(store.stat(crate::community::mid(ME)).await.unwrap(), None);
    drop((store, community));

    // What operators did is told of them, and that their mid was given; nothing else is.
    assert_eq!(tables_with(home.path(), &ME.to_be_bytes()), ["audit", "tombstone"]);
    // The next mid is behind theirs, or this would find nothing anywhere.
    assert_eq!(tables_with(home.path(), &(ME + 1).to_be_bytes()), ["next"]);
}
