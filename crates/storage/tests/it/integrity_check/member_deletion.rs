//! Deletion of a member: every step keeps the invariants, and no table has the mid at the end.

use super::open_table;
use crate::conformance::member_deletion::full_member::{ME, create_full_member};
use crate::members::NOW;
use crate::tempdir;
use guanxi_storage::Store;
use std::path::Path;

/// Returns the entries of a table, or of the table of tables.
fn entries(home: &Path, table: Option<&str>) -> Vec<(Vec<u8>, Vec<u8>)> {
    open_table(home, table, |db, txn| {
        db.iter(txn)?.map(|entry| entry.map(|(key, value)| (key.to_vec(), value.to_vec()))).collect()
    })
}

/// Returns the tables with an entry whose key or value contains these bytes.
fn tables_with(home: &Path, bytes: &[u8]) -> Vec<String> {
    let names = entries(home, None).into_iter().map(|(name, _)| String::from_utf8(name).expect("a name"));
    let has = |text: &Vec<u8>| text.windows(bytes.len()).any(|window| window == bytes);
    names.filter(|name| entries(home, Some(name)).iter().any(|(key, value)| has(key) || has(value))).collect()
}

#[tokio::test]
async fn every_deletion_step_is_clean() {
    let (home, store) = tempdir::new_store();
    let community = create_full_member(store.clone()).await;
    assert!(store.check_integrity().await.unwrap().is_clean());
    community.delete_member(ME).await;
    let mut steps = 0;
    loop {
        let report = store.check_integrity().await.unwrap();
        assert!(report.is_clean(), "after {steps} steps: {report}");
        if community.run_due_tasks(NOW).await == 0 {
            break;
        }
        steps += 1;
    }
    assert!(steps > 3, "it took {steps} steps");
    assert_eq!(store.counters(crate::community::mid(ME)).await.unwrap(), None);
    drop((store, community));

    // Only the audit log and the tombstone still have the mid.
    assert_eq!(tables_with(home.path(), &ME.to_be_bytes()), ["audit", "tombstone"]);
    // The next mid is found, which proves that the search works.
    assert_eq!(tables_with(home.path(), &(ME + 1).to_be_bytes()), ["meta"]);
}
