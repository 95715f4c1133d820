//! A directory of its own for each test: it is gone when the test ends.

use guanxi_storage::embedded::Options;
use guanxi_storage::error::OpenError;
use guanxi_storage::{EmbeddedStore, PostgresStore, postgres};
use guanxi_test_postgres::Schema;
use std::path::Path;
use tempfile::TempDir;

/// An empty directory.
pub(crate) fn empty() -> TempDir {
    tempfile::tempdir().expect("the system has room for a directory")
}

/// An empty store, and the directory that must outlive it.
pub(crate) fn fresh() -> (TempDir, EmbeddedStore) {
    let home = empty();
    let store = reopen(home.path());
    (home, store)
}

/// An empty store in a database, and the schema that must outlive it; none where there is no PostgreSQL.
pub(crate) async fn database() -> Option<(Schema, PostgresStore)> {
    let schema = migrated().await?;
    let store = another(&schema).await;
    Some((schema, store))
}

/// A schema with guanxi's tables; none where there is no PostgreSQL.
pub(crate) async fn migrated() -> Option<Schema> {
    let schema = Schema::fresh().await?;
    let config = postgres::address(&schema.url()).expect("it is an address");
    postgres::schema::migrate(&config, true).await.expect("the schema is made");
    Some(schema)
}

/// The store of a database once more, as another program opens it.
pub(crate) async fn another(schema: &Schema) -> PostgresStore {
    let options = postgres::Options { connections: 8, ..postgres::Options::default() };
    let config = postgres::address(&schema.url()).expect("it is an address");
    PostgresStore::open(config, options).await.expect("the database opens")
}

/// Opens a directory, or says why not.
pub(crate) fn open(path: &Path) -> Result<EmbeddedStore, OpenError> {
    EmbeddedStore::open(path, Options::default())
}

/// Opens a directory that must open, and has the tree take in what was written again and again.
pub(crate) fn hurried(path: &Path) -> EmbeddedStore {
    EmbeddedStore::open(path, Options { gathers: HURRY, ..Options::default() }).expect("the directory opens")
}

/// How much gathers then: what a follow or two take.
pub(crate) const HURRY: usize = 1 << 10;

/// Opens a directory that must open.
pub(crate) fn reopen(path: &Path) -> EmbeddedStore {
    open(path).expect("the directory opens")
}
