//! Data directories are opened.

use crate::{Failure, block_on};
use guanxi_server::{Settings, keys};
use guanxi_store::lmdb::directory;
use guanxi_store::{Lmdb, Store, Vault};
use std::path::Path;
use std::sync::Arc;

/// The store of a directory; a new one where there is none. Half a community is nobody's.
pub(crate) fn store(path: &Path, settings: &Settings) -> Result<Lmdb, Failure> {
    whole(to_load(path, settings)?, path)
}

/// The same, for what goes on with half a community.
pub(crate) fn to_load(path: &Path, settings: &Settings) -> Result<Lmdb, Failure> {
    Ok(Lmdb::open(path, settings.engine())?)
}

/// The store of a directory, to be read while others may serve it.
pub(crate) fn to_read(path: &Path) -> Result<Lmdb, Failure> {
    whole(Lmdb::open_to_read(path)?, path)
}

fn whole<S: Store>(store: S, path: &Path) -> Result<S, Failure> {
    let (loading, empty) = block_on(async { Ok((store.loading().await?, store.is_empty().await?)) })?;
    let Some(progress) = loading.filter(|_| !empty) else { return Ok(store) };
    let next = match progress.rows {
        0 => "remove it, and fill it anew",
        _ => "give `guanxi import` the same dump in the same way again, and it goes on",
    };
    Err(format!("{} was not filled to the end: {next}", path.display()).into())
}

/// The vault of a store.
pub(crate) async fn vault(store: &impl Store, settings: &Settings) -> Result<Arc<Vault>, Failure> {
    Ok(keys::open(store, &settings.key_file()).await?)
}

/// The store of a directory, which must be there: a name that was mistyped makes no new one.
pub(crate) fn existing(path: &Path, settings: &Settings) -> Result<Lmdb, Failure> {
    if !directory::is_there(path) {
        return Err(format!("{} is not a data directory of guanxi", path.display()).into());
    }
    store(path, settings)
}
