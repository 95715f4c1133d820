//! The keys that encrypt private fields: created at the first start, and rotated while the service runs.

use crate::app::App;
use crate::config::Settings;
use crate::http::response::ApiError;
use guanxi_storage::commands::operator::{Audited, LogKeyRotation};
use guanxi_storage::commands::{RecordKeys, ReencryptFields};
use guanxi_storage::embedded::data_dir::KEY_FILE;
use guanxi_storage::encryption::{KeyFile, KeyFileError, KeyFingerprint, Keyring};
use guanxi_storage::model::KeyFingerprintRow;
use guanxi_storage::{CommandError, FieldCipher, StorageError, Store};
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
pub async fn open_cipher(store: &impl Store, file: &KeyFile) -> Result<Arc<FieldCipher>, EncryptionKeyError> {
    let ring = match file.read()? {
        Some(ring) => ring,
        None if store.all::<KeyFingerprintRow>().await?.is_empty() => {
            let ring = Keyring::generate();
            file.write(&ring)?;
            ring
        }
        None => return Err(KeyFileError::Missing(file.path().to_owned()).into()),
    };
    if !store.run(RecordKeys { fingerprints: ring.fingerprints(), forget_others: false }).await? {
        return Err(EncryptionKeyError::Mismatch(file.path().to_owned()));
    }
    Ok(Arc::new(FieldCipher::new(ring)))
}

/// Reads the keyring of a store without writing. Returns `None` if nothing was encrypted yet.
pub async fn read_keyring(store: &impl Store, file: &KeyFile) -> Result<Option<Keyring>, EncryptionKeyError> {
    // A concurrent rotation changes the file and the fingerprints one after the other.
    for _ in 0..READ_ATTEMPTS {
        let (recorded, ring) = (store.all::<KeyFingerprintRow>().await?, file.read()?);
        let Some(ring) = ring else {
            let lost = KeyFileError::Missing(file.path().to_owned());
            return if recorded.is_empty() { Ok(None) } else { Err(lost.into()) };
        };
        let fingerprints = ring.fingerprints();
        let is_known = |row: &KeyFingerprintRow| {
            fingerprints.contains(&KeyFingerprint { id: row.id, fingerprint: row.fingerprint })
        };
        if recorded.iter().all(is_known) {
            return Ok(Some(ring));
        }
    }
    Err(EncryptionKeyError::Mismatch(file.path().to_owned()))
}

/// Starts a rotation: a new key encrypts from now on. Returns its id.
pub async fn start_rotation(app: &App, by: &str) -> Result<u32, EncryptionKeyError> {
    let ring = app.cipher.keyring().with_new_key();
    let key = ring.newest().id;
    // The order matters: after a crash at any point the file has all keys that the store needs.
    app.key_file.write(&ring)?;
    app.store.run(RecordKeys { fingerprints: ring.fingerprints(), forget_others: false }).await?;
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
    app.store.run(RecordKeys { fingerprints: ring.fingerprints(), forget_others: true }).await?;
    app.key_file.write(&ring)?;
    app.cipher.set_keyring(ring);
    Ok(())
}
