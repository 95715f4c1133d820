//! Opening the store that the settings name, in a data directory or a database.

use crate::{Failure, signals};
use guanxi_server::{Settings, encryption_keys};
use guanxi_storage::dump::ImportProgress;
use guanxi_storage::embedded::archive::{self, Archiver};
use guanxi_storage::embedded::data_dir;
use guanxi_storage::{EmbeddedStore, Engine, FieldCipher, PostgresStore, Store};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Opens the store, or creates an empty one. Rejects an incomplete import.
pub(crate) async fn open(settings: &Settings) -> Result<Engine, Failure> {
    reject_incomplete(open_for_import(settings).await?, settings).await
}

/// Opens the store, or creates an empty one. Accepts an incomplete import, to resume it.
pub(crate) async fn open_for_import(settings: &Settings) -> Result<Engine, Failure> {
    match settings.database_options()? {
        Some((address, options)) => Ok(PostgresStore::open(address, options).await?.into()),
        None => Ok(EmbeddedStore::open(settings.data_directory(), settings.embedded_options())?.into()),
    }
}

/// Opens the store for reading, also while a service uses it.
pub(crate) async fn open_read_only(settings: &Settings) -> Result<Engine, Failure> {
    let store = match settings.database_options()? {
        Some((address, options)) => PostgresStore::open(address, options).await?.into(),
        None => EmbeddedStore::open_read_only(settings.data_directory())?.into(),
    };
    reject_incomplete(store, settings).await
}

/// The time that a stopped scan has to delete its files, and to cancel its statement.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);

/// Opens the store for reading and runs a long read on it. Ctrl-C or SIGTERM stops it.
///
/// The read is a task of its own, since it may block in a write to a slow reader.
pub(crate) async fn scan<T: Send + 'static, F: Future<Output = Result<T, Failure>> + Send + 'static>(
    settings: &Settings,
    read: impl FnOnce(Engine) -> F,
) -> Result<T, Failure> {
    let mut stop = pin!(signals::shutdown_signal()?);
    let stopped = || Err("stopped by a signal".into());
    let store = tokio::select! {
        store = open_read_only(settings) => store?,
        () = &mut stop => return stopped(),
    };
    let mut read = tokio::spawn(read(store.clone()));
    let result = tokio::select! {
        result = &mut read => result?,
        () = stop => {
            read.abort();
            // The task is gone, or it still blocks.
            let _ = timeout(STOP_TIMEOUT, read).await;
            stopped()
        }
    };
    let _ = timeout(STOP_TIMEOUT, store.close()).await;
    result
}

/// Opens an existing store. Creates nothing, so that a mistyped name is an error.
pub(crate) async fn open_existing(settings: &Settings) -> Result<Engine, Failure> {
    if settings.database_url.is_none() && !data_dir::exists(settings.data_directory()) {
        return Err(format!("{} is not a data directory of guanxi", location(settings)).into());
    }
    open(settings).await
}

/// The time in which a wrong archive is an error of the start. Later it is a line in the log.
const CLAIM_TIMEOUT: Duration = Duration::from_secs(5);

/// Starts the archive that the settings name. An archive that cannot be reached does not delay the service for long.
pub(crate) async fn start_archive(store: &Engine, settings: &Settings) -> Result<Option<Archiver>, Failure> {
    let Engine::Embedded(store) = store else { return Ok(None) };
    let Some(archive) = settings.archive(true)? else { return Ok(None) };
    match timeout(CLAIM_TIMEOUT, archive::claim(&archive, store)).await {
        Ok(Err(error)) if error.is_permanent() => Err(error.into()),
        _ => Ok(Some(Archiver::start(store, archive, settings.archive_options())?)),
    }
}

async fn reject_incomplete(store: Engine, settings: &Settings) -> Result<Engine, Failure> {
    let progress = match store.import_progress().await? {
        Some(progress) if !store.is_empty().await? => progress,
        _ => return Ok(store),
    };
    // An interrupted merge contains an older community, so the hint must not suggest to delete it.
    let hint = if progress == ImportProgress::default() {
        "delete it and fill it again"
    } else {
        "repeat `guanxi import` with the same dump and options to resume"
    };
    Err(format!("{} contains an incomplete import: {hint}", location(settings)).into())
}

/// The number of attempts and the delay between them, since the database notices closed connections with a delay.
const EXCLUSIVE_ATTEMPTS: u32 = 20;
const EXCLUSIVE_RETRY_DELAY: Duration = Duration::from_millis(50);

/// Fails if another process has the database open. A data directory is locked by its engine.
pub(crate) async fn ensure_exclusive(store: &Engine) -> Result<(), Failure> {
    let Engine::Postgres(store) = store else { return Ok(()) };
    for _ in 0..EXCLUSIVE_ATTEMPTS {
        if store.other_connections().await? == 0 {
            return Ok(());
        }
        tokio::time::sleep(EXCLUSIVE_RETRY_DELAY).await;
    }
    Err("other processes have the database open: stop every guanxi service on it first".into())
}

/// Returns the location of the store for messages. Hides the database URL, which may contain a password.
pub(crate) fn location(settings: &Settings) -> String {
    match settings.database_url {
        Some(_) => "the database".to_owned(),
        None => settings.data_directory().display().to_string(),
    }
}

/// Opens the cipher for private fields of a store.
pub(crate) async fn field_cipher(store: &Engine, settings: &Settings) -> Result<Arc<FieldCipher>, Failure> {
    if settings.database_url.is_some() && settings.key_file.is_none() && settings.data_dir.is_none() {
        return Err(
            "settings: a database requires key_file, the key file that all services on it share, such as \
                    /etc/guanxi/guanxi.keys"
                .into(),
        );
    }
    Ok(encryption_keys::open_cipher(store, &settings.key_file()).await?)
}
