//! Data directories are opened.

use crate::Failure;
use guanxi_server::{Settings, keys};
use guanxi_store::lmdb::directory;
use guanxi_store::{Lmdb, Vault};
use std::path::Path;
use std::sync::Arc;

/// The store of a directory; a new one where there is none. Half a community is nobody's.
pub(crate) fn store(path: &Path, settings: &Settings) -> Result<Lmdb, Failure> {
    let store = Lmdb::open(path, settings.engine())?;
    if store.is_loading()? && !store.is_empty()? {
        let cut_short = "was not filled to the end: remove it, and fill it anew";
        return Err(format!("{} {cut_short}", path.display()).into());
    }
    Ok(store)
}

/// The vault of a store.
pub(crate) async fn vault(store: &Lmdb, settings: &Settings) -> Result<Arc<Vault>, Failure> {
    Ok(keys::open(store, &settings.key_file()).await?)
}

/// The store of a directory, which must be there: a name that was mistyped makes no new one.
pub(crate) fn existing(path: &Path, settings: &Settings) -> Result<Lmdb, Failure> {
    if !directory::is_there(path) {
        return Err(format!("{} is not a data directory of guanxi", path.display()).into());
    }
    store(path, settings)
}
