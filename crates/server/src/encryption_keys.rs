//! The keys that encrypt private fields: created at the first start, and rotated while the service runs.

use crate::app::App;
use crate::config::Settings;
use crate::http::response::ApiError;
use guanxi_storage::commands::operator::{Audited, LogKeyRotation};
use guanxi_storage::commands::{RecordKeys, ReencryptFields};
use guanxi_storage::embedded::data_dir::KEY_FILE;
use guanxi_storage::encryption::{KeyFile, KeyFileError, KeyFingerprint, Keyring};
use guanxi_storage::model::KeyFingerprintRow;
use guanxi_storage::{CommandError, Engine, FieldCipher, StorageError, Store};
use std::path::PathBuf;
use std::sync::Arc;

/// The number of members whose fields are re-encrypted in one commit.
const MEMBERS_PER_COMMIT: usize = 512;

/// The number of attempts to read a key file that matches the store, while another process rotates the keys.
const READ_ATTEMPTS: usize = 3;

/// An error of the encryption keys.
#[derive(Debug, thiserror::Error)]
pub enum EncryptionKeyError {
    /// The key file cannot be read or written.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// The key file has other keys than those of the store.
    #[error("the keys in {0} are not those that encrypted this community's private data")]
    Mismatch(PathBuf),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] CommandError),
}

impl From<EncryptionKeyError> for ApiError {
    fn from(error: EncryptionKeyError) -> ApiError {
        match error {
            EncryptionKeyError::Store(error) => error.into(),
            error => {
                tracing::error!(%error, "key rotation failed");
                ApiError::Http(guanxi_types::HttpError::InternalError)
            }
        }
    }
}

impl From<StorageError> for EncryptionKeyError {
    fn from(error: StorageError) -> EncryptionKeyError {
        EncryptionKeyError::Store(error.into())
    }
}

impl Settings {
    /// Returns the key file.
    pub fn key_file(&self) -> KeyFile {
        KeyFile::new(self.key_file.clone().unwrap_or_else(|| self.data_directory().join(KEY_FILE)))
    }
}

/// Opens the cipher of a store with the keys of the file. Creates keys if the store has none yet.
///
/// A newer key in the file of a shared store waits for a rotation, since other programs may lack it.
pub async fn open_cipher(store: &Engine, file: &KeyFile) -> Result<Arc<FieldCipher>, EncryptionKeyError> {
    let recorded = recorded_keys(store).await?;
    let newest = recorded.iter().map(|key| key.id).max();
    let generate =
        |current: Option<&Keyring>| (current.is_none() && newest.is_none()).then(Keyring::generate);
    let ring = file.update(generate)?.ok_or_else(|| KeyFileError::Missing(file.path().to_owned()))?;
    let ring = match newest {
        Some(newest) if store.is_shared() => ring.until(newest),
        _ => Some(ring),
    };
    let mismatch = || EncryptionKeyError::Mismatch(file.path().to_owned());
    let ring = ring.ok_or_else(mismatch)?;
    if !store.run(RecordKeys { fingerprints: ring.fingerprints(), forget_others: false }).await? {
        return Err(mismatch());
    }
    Ok(Arc::new(FieldCipher::with_file(ring, file.clone())))
}

async fn recorded_keys(store: &impl Store) -> Result<Vec<KeyFingerprint>, StorageError> {
    Ok(store.all::<KeyFingerprintRow>().await?.iter().map(KeyFingerprintRow::fingerprint).collect())
}

/// Adapts the cipher to a rotation of another program. Returns true if its keys changed.
pub async fn follow_rotation(app: &App) -> Result<bool, StorageError> {
    if !app.store.is_shared() {
        return Ok(false);
    }
    let mut attempts = 1..READ_ATTEMPTS;
    loop {
        let followed = app.cipher.follow(&recorded_keys(&app.store).await?);
        // A rotation that ended meanwhile has retired keys that were recorded.
        if followed.is_ok() || attempts.next().is_none() {
            return followed;
        }
    }
}

/// Reads the keyring of a store without writing. Returns `None` if nothing was encrypted yet.
pub async fn read_keyring(store: &impl Store, file: &KeyFile) -> Result<Option<Keyring>, EncryptionKeyError> {
    // A concurrent rotation changes the file and the fingerprints one after the other.
    for _ in 0..READ_ATTEMPTS {
        let (recorded, ring) = (recorded_keys(store).await?, file.read()?);
        let Some(ring) = ring else {
            let lost = KeyFileError::Missing(file.path().to_owned());
            return if recorded.is_empty() { Ok(None) } else { Err(lost.into()) };
        };
        if recorded.iter().all(|key| ring.has(key)) {
            return Ok(Some(ring));
        }
    }
    Err(EncryptionKeyError::Mismatch(file.path().to_owned()))
}

/// Adds a new key to a key file, unless the file has a key that is not in use yet. A rotation uses it. Returns its id.
pub async fn prepare_key(store: &impl Store, file: &KeyFile) -> Result<u32, EncryptionKeyError> {
    let used = recorded_keys(store).await?.iter().map(|key| key.id).max();
    let ring =
        file.update(|ring| ring.filter(|ring| Some(ring.newest().id) <= used).map(Keyring::with_new_key))?;
    let ring = ring.ok_or_else(|| KeyFileError::Missing(file.path().to_owned()))?;
    Ok(ring.newest().id)
}

/// Starts a rotation: a new key encrypts from now on. Returns its id.
pub async fn start_rotation(app: &App, by: &str) -> Result<u32, EncryptionKeyError> {
    // The order matters: after a crash at any point the file has all keys that the store needs.
    let key = prepare_key(&app.store, &app.key_file).await?;
    let mismatch = || EncryptionKeyError::Mismatch(app.key_file.path().to_owned());
    let ring = app.key_file.read()?.and_then(|ring| ring.until(key)).ok_or_else(mismatch)?;
    if !app.store.run(RecordKeys { fingerprints: ring.fingerprints(), forget_others: false }).await? {
        return Err(mismatch());
    }
    app.cipher.set_keyring(ring);
    app.store.run(Audited { by: by.to_owned(), now: app.now(), command: LogKeyRotation { key } }).await?;
    Ok(key)
}

/// Finishes a rotation: re-encrypts the fields of older keys in batches of members, then removes these keys.
pub async fn finish_rotation(app: &App) -> Result<(), EncryptionKeyError> {
    let mut after = None;
    loop {
        let cipher = Arc::clone(&app.cipher);
        after = app.store.run(ReencryptFields { after, limit: MEMBERS_PER_COMMIT, cipher }).await?;
        if after.is_none() {
            break;
        }
    }
    let ring = app.cipher.keyring().newest_only();
    if !app.store.run(RecordKeys { fingerprints: ring.fingerprints(), forget_others: true }).await? {
        // Another program began the next rotation, whose end retires all older keys.
        return Ok(());
    }
    // The file comes first: the status is that of the cipher, and a rotation has not ended before the older keys are
    // gone.
    remove_keys_before(&app.key_file, ring.oldest().id)?;
    app.cipher.set_keyring(ring);
    Ok(())
}

/// Removes the keys from the key file that the cipher no longer uses.
pub fn remove_retired_keys(app: &App) -> Result<(), EncryptionKeyError> {
    remove_keys_before(&app.key_file, app.cipher.keyring().oldest().id)
}

fn remove_keys_before(file: &KeyFile, oldest: u32) -> Result<(), EncryptionKeyError> {
    let has_older = |ring: &&Keyring| ring.oldest().id < oldest;
    file.update(|ring| ring.filter(has_older).map(|ring| ring.since(oldest)))?;
    Ok(())
}
