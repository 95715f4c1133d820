//! The schema of a database: made once however often it is asked for, and looked at before anything else is.

use crate::home::migrated;
use guanxi_storage::PostgresStore;
use guanxi_storage::error::OpenError;
use guanxi_storage::postgres::{Address, Options, address, schema};
use guanxi_test_postgres::Schema;
use tokio::task::JoinSet;

fn at(schema: &Schema) -> Address {
    address(&schema.url()).expect("it is an address")
}

async fn opened(schema: &Schema) -> Result<PostgresStore, OpenError> {
    PostgresStore::open(at(schema), Options::default()).await
}

#[tokio::test]
async fn an_empty_database_says_what_to_do() {
    let Some(schema) = Schema::fresh().await else { return };
    let why = opened(&schema).await.expect_err("there is nothing");
    assert!(matches!(why, OpenError::NotMigrated));
    assert!(why.to_string().contains("guanxi migrate"), "{why}");
}

#[tokio::test]
async fn a_newer_schema_is_refused_by_its_number() {
    let Some(schema) = migrated().await else { return };
    let newer = schema::newest() + 1;
    let text = format!(
        "insert into refinery_schema_history (version, name, applied_on, checksum) values ({newer}, 'later', '', '0')"
    );
    schema.client().await.batch_execute(&text).await.unwrap();
    let told = [opened(&schema).await.map(drop), schema::migrate(&at(&schema), true).await.map(drop)];
    for told in told {
        let Err(OpenError::NewerSchema { found, known }) = told else { panic!("{told:?}") };
        assert_eq!((found, known), (newer, newer - 1));
    }
}

#[tokio::test]
async fn a_schema_is_made_once_however_often_it_is_asked_for() {
    let Some(schema) = Schema::fresh().await else { return };
    let mut tasks = JoinSet::new();
    for _ in 0..4 {
        let address = at(&schema);
        tasks.spawn(async move { schema::migrate(&address, true).await.expect("it is made") });
    }
    let mut from: Vec<i32> = tasks.join_all().await.into_iter().map(|done| done.from).collect();
    from.sort_unstable();
    let newest = schema::newest();
    assert_eq!(from, [0, newest, newest, newest], "one of them made it");
    assert!(opened(&schema).await.expect("it opens").pulse().open > 0);
    let again = schema::migrate(&at(&schema), true).await.expect("it is there");
    assert_eq!((again.from, again.to), (newest, newest));
    assert!(again.distributed.is_none_or(|tables| tables.is_empty()), "there is nothing left to distribute");
}
