//! Stores in temporary directories and schemas, removed when the test ends.

use guanxi_storage::embedded::Options;
use guanxi_storage::error::OpenError;
use guanxi_storage::{EmbeddedStore, PostgresStore, postgres};
use guanxi_test_postgres::Schema;
use std::path::Path;
use tempfile::TempDir;

/// Creates an empty directory.
pub(crate) fn empty_dir() -> TempDir {
    tempfile::tempdir().expect("the system has room for a directory")
}

/// Creates an empty store. The directory must outlive it.
pub(crate) fn new_store() -> (TempDir, EmbeddedStore) {
    let home = empty_dir();
    let store = reopen(home.path());
    (home, store)
}

/// Creates an empty store in PostgreSQL, or returns `None` without one. The schema must outlive the store.
pub(crate) async fn new_database_store() -> Option<(Schema, PostgresStore)> {
    let schema = migrated_schema().await?;
    let store = second_store(&schema).await;
    Some((schema, store))
}

/// Creates a schema with all tables, or returns `None` without PostgreSQL.
pub(crate) async fn migrated_schema() -> Option<Schema> {
    let schema = Schema::create().await?;
    let config = postgres::parse_url(&schema.url()).expect("a valid address");
    postgres::schema::migrate(&config, true).await.expect("the migration succeeds");
    Some(schema)
}

/// Opens another store on a schema, like another process would.
pub(crate) async fn second_store(schema: &Schema) -> PostgresStore {
    store_with_connections(schema, 8).await
}

/// Opens another store on a schema, with up to a number of connections. With more of them, more transactions of
/// several commands run at once.
pub(crate) async fn store_with_connections(schema: &Schema, max_connections: usize) -> PostgresStore {
    let options = postgres::Options { max_connections, ..postgres::Options::default() };
    let config = postgres::parse_url(&schema.url()).expect("a valid address");
    PostgresStore::open(config, options).await.expect("the database opens")
}

/// Opens a directory.
pub(crate) fn open(path: &Path) -> Result<EmbeddedStore, OpenError> {
    EmbeddedStore::open(path, Options::default())
}

/// The size of a memtable that a follow or two fill.
pub(crate) const SMALL_MEMTABLE_BYTES: usize = 1 << 10;

/// Opens a directory that must open, with frequent checkpoints.
pub(crate) fn open_with_small_memtable(path: &Path) -> EmbeddedStore {
    let options = Options { memtable_bytes: SMALL_MEMTABLE_BYTES, ..Options::default() };
    EmbeddedStore::open(path, options).expect("the directory opens")
}

/// Opens a directory that must open.
pub(crate) fn reopen(path: &Path) -> EmbeddedStore {
    open(path).expect("the directory opens")
}
