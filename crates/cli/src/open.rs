//! A community is opened, wherever it is kept.

use crate::Failure;
use guanxi_server::{Settings, keys};
use guanxi_storage::dump::Progress;
use guanxi_storage::embedded::directory;
use guanxi_storage::{EmbeddedStore, Engine, FieldCipher, PostgresStore, Store};
use std::sync::Arc;
use std::time::Duration;

/// The store that the settings name; a new one where there is none. Half a community is nobody's.
pub(crate) async fn store(settings: &Settings) -> Result<Engine, Failure> {
    whole(to_load(settings).await?, settings).await
}

/// The same, for what goes on with half a community.
pub(crate) async fn to_load(settings: &Settings) -> Result<Engine, Failure> {
    match settings.database()? {
        Some((address, options)) => Ok(PostgresStore::open(address, options).await?.into()),
        None => Ok(EmbeddedStore::open(settings.data_directory(), settings.engine())?.into()),
    }
}

/// The store, to be read while others may serve it.
pub(crate) async fn to_read(settings: &Settings) -> Result<Engine, Failure> {
    let store = match settings.database()? {
        Some((address, options)) => PostgresStore::open(address, options).await?.into(),
        None => EmbeddedStore::open_to_read(settings.data_directory())?.into(),
    };
    whole(store, settings).await
}

/// The store, which must be there: a name that was mistyped makes no new one.
pub(crate) async fn existing(settings: &Settings) -> Result<Engine, Failure> {
    if settings.store.is_none() && !directory::is_there(settings.data_directory()) {
        return Err(format!("{} is not a data directory of guanxi", place(settings)).into());
    }
    store(settings).await
}

async fn whole(store: Engine, settings: &Settings) -> Result<Engine, Failure> {
    let loading = match store.loading().await? {
        Some(progress) if !store.is_empty().await? => progress,
        _ => return Ok(store),
    };
    // A merge that was cut short is a community too, and is never to be removed.
    let next = if loading == Progress::default() {
        "remove it, and fill it anew"
    } else {
        "give `guanxi import` the same dump in the same way again, and it goes on"
    };
    Err(format!("{} was not filled to the end: {next}", place(settings)).into())
}

/// How often, and how long between, to look whether who had the database open has gone: it notices in its own time.
const LOOKS: u32 = 20;
const BETWEEN: Duration = Duration::from_millis(50);

/// That nobody else has the store open, as a directory sees to by itself.
pub(crate) async fn alone(store: &Engine) -> Result<(), Failure> {
    let Engine::Postgres(store) = store else { return Ok(()) };
    for _ in 0..LOOKS {
        if store.others().await? == 0 {
            return Ok(());
        }
        tokio::time::sleep(BETWEEN).await;
    }
    Err("others have the database open: stop every guanxi that serves it first".into())
}

/// How to call the place where the community is kept. The address of a database may have a password in it.
pub(crate) fn place(settings: &Settings) -> String {
    match settings.store {
        Some(_) => "the database".to_owned(),
        None => settings.data_directory().display().to_string(),
    }
}

/// The vault of a store.
pub(crate) async fn vault(store: &impl Store, settings: &Settings) -> Result<Arc<FieldCipher>, Failure> {
    if settings.store.is_some() && settings.keys.is_none() && settings.data.is_none() {
        let same = "the file of keys that all who serve the database share";
        return Err(
            format!("settings: with a database, keys names {same}, such as /etc/guanxi/guanxi.keys").into()
        );
    }
    Ok(keys::open(store, &settings.key_file()).await?)
}
