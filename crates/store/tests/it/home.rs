//! A directory of its own for each test: it is gone when the test ends.

use guanxi_store::Lmdb;
use guanxi_store::error::OpenError;
use guanxi_store::lmdb::Options;
use std::path::Path;
use tempfile::TempDir;

/// An empty directory.
pub(crate) fn empty() -> TempDir {
    tempfile::tempdir().expect("the system has room for a directory")
}

/// An empty store, and the directory that must outlive it.
pub(crate) fn fresh() -> (TempDir, Lmdb) {
    let home = empty();
    let store = reopen(home.path());
    (home, store)
}

/// Opens a directory, or says why not.
pub(crate) fn open(path: &Path) -> Result<Lmdb, OpenError> {
    Lmdb::open(path, Options::default())
}

/// Opens a directory that must open.
pub(crate) fn reopen(path: &Path) -> Lmdb {
    open(path).expect("the directory opens")
}
