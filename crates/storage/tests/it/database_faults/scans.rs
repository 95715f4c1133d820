//! Exports and integrity checks that exceed their time limit or are stopped. Their statements end too.

use super::{LONG, open, options};
use crate::community::Community;
use crate::tempdir::migrated_schema;
use guanxi_storage::postgres::Options;
use guanxi_storage::{PostgresStore, StorageError, Store};
use guanxi_test_postgres::Schema;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_postgres::Client;

/// A store of three members, whose scans wait for a lock.
struct LockedStore {
    store: PostgresStore,
    schema: Schema,
    /// The session that holds the lock.
    other: Client,
}

impl LockedStore {
    async fn new(scan_timeout: Duration) -> Option<LockedStore> {
        let schema = migrated_schema().await?;
        let options = Options { max_connections: 1, scan_timeout, ..options() };
        let store = open(&schema.url(), options).await.expect("the database is available");
        Community::with_members(store.clone(), 3).await;
        let other = schema.client().await;
        other
            .batch_execute("begin; lock table relation in access exclusive mode")
            .await
            .expect("the database is available");
        Some(LockedStore { store, schema, other })
    }

    /// Waits until so many statements wait for the lock.
    async fn wait_for_statements(&self, count: i64) {
        let waiting = "select count(*) from pg_locks where relation = 'relation'::regclass and not granted";
        let client = self.schema.client().await;
        let waited = timeout(LONG, async {
            while client.query_one(waiting, &[]).await.expect("the database is available").get::<_, i64>(0)
                != count
            {
                tokio::task::yield_now().await;
            }
        });
        waited.await.expect("the statements begin and end in time");
    }

    /// Asserts that no statement runs, and that the only connection of the pool is free again.
    async fn assert_is_free(&self) {
        self.store.close().await;
        self.wait_for_statements(0).await;
        assert!(!self.store.is_empty().await.expect("the connection is replaced"));
        self.other.batch_execute("rollback").await.expect("the database is available");
        // The time limit of the scans may be too short for a check.
        let store = open(&self.schema.url(), options()).await.expect("the database is available");
        assert!(store.check_integrity().await.expect("the lock is free").is_clean());
    }
}

#[tokio::test]
async fn scan_that_exceeds_its_limit_is_cancelled() {
    let Some(locked) = LockedStore::new(Duration::from_millis(100)).await else { return };
    let checked = locked.store.check_integrity().await.map(drop);
    let (send, _batches) = mpsc::channel(9);
    for result in [checked, locked.store.export(send).await] {
        assert!(matches!(result, Err(StorageError::Timeout(_))), "{result:?}");
    }
    locked.assert_is_free().await;
}

#[tokio::test]
async fn check_that_is_dropped_is_cancelled() {
    let Some(locked) = LockedStore::new(LONG).await else { return };
    let store = locked.store.clone();
    let check = tokio::spawn(async move { store.check_integrity().await });
    locked.wait_for_statements(1).await;
    check.abort();
    assert!(check.await.is_err());
    locked.assert_is_free().await;
}

#[tokio::test]
async fn export_without_receiver_is_cancelled() {
    let Some(locked) = LockedStore::new(LONG).await else { return };
    let (store, (send, batches)) = (locked.store.clone(), mpsc::channel(9));
    let export = tokio::spawn(async move { store.export(send).await });
    locked.wait_for_statements(1).await;
    drop(batches);
    export.await.unwrap().expect("an export without a receiver ends early");
    locked.assert_is_free().await;
}
