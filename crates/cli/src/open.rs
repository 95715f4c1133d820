//! Data directories are opened.

use crate::Failure;
use guanxi_server::Settings;
use guanxi_store::Lmdb;
use guanxi_store::lmdb::directory;
use std::path::Path;

/// The store of a directory; a new one where there is none.
pub(crate) fn store(path: &Path, settings: &Settings) -> Result<Lmdb, Failure> {
    Ok(Lmdb::open(path, settings.engine())?)
}

/// The store of a directory, which must be there: a name that was mistyped makes no new one.
pub(crate) fn existing(path: &Path, settings: &Settings) -> Result<Lmdb, Failure> {
    if !directory::is_there(path) {
        return Err(format!("{} is not a data directory of guanxi", path.display()).into());
    }
    store(path, settings)
}
