//! PgBouncer before the database: session mode works, and transaction mode is detected.

use crate::community::Community;
use crate::members::NOW;
use crate::tempdir::migrated_schema;
use guanxi_storage::PostgresStore;
use guanxi_storage::error::OpenError;
use guanxi_storage::postgres::{self, Options, schema};
use guanxi_test_postgres::Pooler;
use guanxi_types::RelationAction;

#[tokio::test]
async fn pooler_in_session_mode_is_invisible() {
    let Some(schema) = migrated_schema().await else { return };
    let Some(pooler) = Pooler::start(&schema, "session") else { return };
    let config = postgres::parse_url(pooler.url()).unwrap();
    assert_eq!(schema::migrate(&config, false).await.unwrap().from, schema::required_version());
    let store = PostgresStore::open(config, Options::default()).await.unwrap();
    let community = Community::with_members(store, 2).await;
    community.relate(1, RelationAction::Follow, 2, NOW).await.unwrap();
    assert_eq!(community.counts(1).await[0], 1);
}

#[tokio::test]
async fn pooler_in_transaction_mode_is_rejected() {
    let Some(schema) = migrated_schema().await else { return };
    for mode in ["transaction", "statement"] {
        let Some(pooler) = Pooler::start(&schema, mode) else { return };
        let config = postgres::parse_url(pooler.url()).unwrap();
        let migrated = schema::migrate(&config, false).await;
        assert!(matches!(migrated, Err(OpenError::TransactionPooling)), "{migrated:?}");
        let opened = PostgresStore::open(config, Options::default()).await;
        assert!(matches!(opened, Err(OpenError::TransactionPooling)), "{opened:?}");
    }
}
