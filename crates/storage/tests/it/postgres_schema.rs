//! Migrations of a database, and the check of its schema version.

use crate::tempdir::migrated_schema;
use guanxi_storage::PostgresStore;
use guanxi_storage::error::OpenError;
use guanxi_storage::postgres::{DatabaseConfig, Options, parse_url, schema};
use guanxi_test_postgres::Schema;
use tokio::task::JoinSet;

fn config(schema: &Schema) -> DatabaseConfig {
    parse_url(&schema.url()).expect("a valid URL")
}

async fn open_store(schema: &Schema) -> Result<PostgresStore, OpenError> {
    PostgresStore::open(config(schema), Options::default()).await
}

#[tokio::test]
async fn open_of_empty_database_names_migrate() {
    let Some(schema) = Schema::create().await else { return };
    let error = open_store(&schema).await.expect_err("the database is empty");
    assert!(matches!(error, OpenError::NotMigrated));
    assert!(error.to_string().contains("guanxi migrate"), "{error}");
}

#[tokio::test]
async fn newer_schema_is_rejected() {
    let Some(schema) = migrated_schema().await else { return };
    let newer = schema::required_version() + 1;
    let text = format!(
        "insert into refinery_schema_history (version, name, applied_on, checksum) values ({newer}, 'later', '', '0')"
    );
    schema.client().await.batch_execute(&text).await.unwrap();
    let results =
        [open_store(&schema).await.map(drop), schema::migrate(&config(&schema), true).await.map(drop)];
    for result in results {
        let Err(OpenError::SchemaTooNew { found, known }) = result else { panic!("{result:?}") };
        assert_eq!((found, known), (newer, newer - 1));
    }
}

#[tokio::test]
async fn citus_has_few_shards_unless_their_number_is_set() {
    for setting in ["", "-ccitus.shard_count%3D3"] {
        let Some(schema) = Schema::create().await else { return };
        let address = format!("{}%20{setting}", schema.url());
        let migrated = schema::migrate(&parse_url(&address).expect("a valid URL"), true).await;
        if migrated.expect("the migration succeeds").distributed.is_none() {
            return;
        }
        let client = schema.client().await;
        let text = "select setting::bigint from pg_settings where name = 'citus.shard_count' and source <> 'default'";
        let set_for_all = client.query_opt(text, &[]).await.unwrap().map(|row| row.get(0));
        let expected: i64 = if setting.is_empty() { set_for_all.unwrap_or(8) } else { 3 };
        for table in ["counters", "relation", "session"] {
            let text = "select count(*) from pg_dist_shard where logicalrelid = $1::text::regclass";
            let row = client.query_one(text, &[&table]).await.unwrap();
            assert_eq!(row.get::<_, i64>(0), expected, "{table}");
        }
    }
}

#[tokio::test]
async fn concurrent_migrations_run_once() {
    let Some(schema) = Schema::create().await else { return };
    let mut tasks = JoinSet::new();
    for _ in 0..4 {
        let config = config(&schema);
        tasks.spawn(async move { schema::migrate(&config, true).await.expect("the migration succeeds") });
    }
    let mut from: Vec<i32> = tasks.join_all().await.into_iter().map(|migrated| migrated.from).collect();
    from.sort_unstable();
    let required = schema::required_version();
    assert_eq!(from, [0, required, required, required], "one task migrated");
    assert!(open_store(&schema).await.expect("the database opens").metrics().open_connections > 0);
    let again = schema::migrate(&config(&schema), true).await.expect("the migration succeeds");
    assert_eq!((again.from, again.to), (required, required));
    assert!(again.distributed.is_none_or(|tables| tables.is_empty()), "all tables are distributed already");
}
