//! The parts that all communities share: the base, the settings, and the folder of their data.

use guanxi_server::clock::{Clock, ClockReading};
use guanxi_server::compat::Compat;
use guanxi_server::config::SettingsError;
use guanxi_server::encryption_keys::{self, EncryptionKeyError};
use guanxi_server::{App, AppParts, Settings, routes};
use guanxi_storage::embedded::data_dir::{BackupTarget, KEY_FILE};
use guanxi_storage::encryption::KeyFile;
use guanxi_storage::error::OpenError;
use guanxi_storage::{EmbeddedStore, Engine, StorageError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use tokio::sync::watch;

/// The folder of Linux in memory. Stores are fastest there, as nothing of them survives the emulator.
const MEMORY_FOLDER: &str = "/dev/shm";

/// The most memory, in MiB, of a community's cache of profiles.
const PROFILE_CACHE_MIB: u32 = 1;

/// An error of a community's data.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The data cannot be copied.
    #[error("the data of the community cannot be copied: {0}")]
    Copy(#[from] io::Error),
    /// The store cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The keys cannot be read.
    #[error(transparent)]
    Keys(#[from] EncryptionKeyError),
    /// A setting is invalid.
    #[error(transparent)]
    Settings(Box<SettingsError>),
}

/// The parts that all communities share.
#[derive(Debug)]
pub(crate) struct Template {
    parts: AppParts,
    compat: Option<Arc<Compat>>,
    settings: Settings,
    base: PathBuf,
    folder: TempDir,
    /// The failure of a community's store.
    failure: watch::Sender<Option<StorageError>>,
}

/// An open store with its folder.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) app: App,
    pub(crate) compat: Option<Arc<Compat>>,
    pub(crate) folder: TempDir,
}

impl Template {
    /// Copies the data directory of the settings. No store of this process may have it open.
    pub(crate) async fn create(settings: &Settings) -> Result<Template, TemplateError> {
        let mut settings = settings.clone();
        settings.profile_cache_mib = settings.profile_cache_mib.min(PROFILE_CACHE_MIB);
        let invalid = |error| TemplateError::Settings(Box::new(error));
        let parts = AppParts::new(&settings).map_err(invalid)?;
        let compat = routes::load_compat(&settings).map_err(invalid)?;
        blocking(move || {
            let folder = temporary_folder()?;
            let base = folder.path().join("base");
            let store = EmbeddedStore::open_read_only(settings.data_directory())?;
            back_up(&store, settings.key_file().path(), &base)?;
            // Closing a store empties its write-ahead log, so that no copy has to replay it.
            drop(EmbeddedStore::open(&base, settings.embedded_options())?);
            Ok(Template { parts, compat, settings, base, folder, failure: watch::Sender::default() })
        })
        .await
    }

    /// Opens a copy of the base. Its clock starts as the settings require.
    pub(crate) async fn open_base(&self) -> Result<Opened, TemplateError> {
        self.open_copy(self.base.clone(), self.settings.clock()).await
    }

    /// Opens a copy of a snapshot.
    pub(crate) async fn open_snapshot(
        &self,
        data: PathBuf,
        clock: ClockReading,
    ) -> Result<Opened, TemplateError> {
        self.open_copy(data, Clock::from_reading(clock)).await
    }

    async fn open_copy(&self, data: PathBuf, clock: Clock) -> Result<Opened, TemplateError> {
        let (folder, options) = (self.new_folder()?, self.settings.embedded_options());
        let (folder, store) = blocking(move || {
            copy_files(&data, folder.path())?;
            let store = EmbeddedStore::open(folder.path(), options)?;
            Ok((folder, Engine::from(store)))
        })
        .await?;
        self.watch_failure(&store);
        let key_file = KeyFile::new(folder.path().join(KEY_FILE));
        let cipher = encryption_keys::open_cipher(&store, &key_file).await?;
        let app = App::from_parts(self.parts.clone(), store, cipher, key_file, clock);
        Ok(Opened { app, compat: self.compat.clone(), folder })
    }

    /// Reports a failure of a store, until the store has closed.
    fn watch_failure(&self, store: &Engine) {
        let Some(mut failure) = store.failure() else { return };
        let reporter = self.failure.clone();
        tokio::spawn(async move {
            if let Some(error) = failure.failed().await {
                reporter.send_replace(Some(error));
            }
        });
    }

    /// Waits until the store of a community has failed.
    pub(crate) async fn failed(&self) -> StorageError {
        let mut failure = self.failure.subscribe();
        let failed = failure.wait_for(Option::is_some).await;
        failed.ok().and_then(|error| error.clone()).unwrap_or(StorageError::Closed)
    }

    /// Copies the data of a running service into a new folder. Writes wait for nothing meanwhile.
    pub(crate) async fn copy_running(&self, app: &App) -> Result<TempDir, TemplateError> {
        let Engine::Embedded(store) = app.store.clone() else {
            return Err(io::Error::from(io::ErrorKind::Unsupported).into());
        };
        let (folder, keys) = (self.new_folder()?, app.key_file.path().to_owned());
        // The key file and the store change one after the other in a rotation.
        let _guard = app.key_rotation.lock().await;
        blocking(move || {
            back_up(&store, &keys, folder.path())?;
            Ok(folder)
        })
        .await
    }

    fn new_folder(&self) -> io::Result<TempDir> {
        TempDir::new_in(self.folder.path())
    }
}

/// Creates the folder of all communities: in memory where the system has such a folder, or else among its temporary
/// files.
fn temporary_folder() -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("guanxi-emulator-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let in_memory = Path::new(MEMORY_FOLDER);
    match builder.tempdir_in(in_memory) {
        Ok(folder) if in_memory.is_dir() => Ok(folder),
        _ => builder.tempdir(),
    }
}

/// Copies a store and its keys at one moment.
fn back_up(store: &EmbeddedStore, keys: &Path, to: &Path) -> Result<(), TemplateError> {
    let target = BackupTarget::create(to)?;
    store.backup(&target)?;
    target.finish()?;
    match std::fs::copy(keys, to.join(KEY_FILE)) {
        // A store without private data has no keys yet.
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Copies the files of a closed store.
fn copy_files(from: &Path, to: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        std::fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Runs blocking work on another thread.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, TemplateError> + Send + 'static,
) -> Result<T, TemplateError> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
