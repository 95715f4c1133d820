//! The keys of private data: found or made at a start, and rotated while the service goes on.

use crate::answer::ApiError;
use crate::app::App;
use crate::settings::Settings;
use guanxi_storage::command::operate::{Audited, KeyRotationLogged};
use guanxi_storage::command::{RecordKeys, ReencryptFields};
use guanxi_storage::embedded::directory::KEY_FILE;
use guanxi_storage::row::KeyMark;
use guanxi_storage::vault::{KeyFile, KeyFileError, KeyFingerprint, Keyring};
use guanxi_storage::{CommandError, FieldCipher, StorageError, Store};
use std::path::PathBuf;
use std::sync::Arc;

/// How many members are sealed again in one commit.
const STEP: usize = 512;

/// How often keys are looked at before they are others.
const LOOKS: usize = 3;

/// Why keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// Their file says no.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// They are others.
    #[error("the keys in {0} are not those that this community's private data were sealed with")]
    Others(PathBuf),
    /// The store says no.
    #[error(transparent)]
    Store(#[from] CommandError),
}

impl From<KeysError> for ApiError {
    fn from(error: KeysError) -> ApiError {
        match error {
            KeysError::Store(error) => error.into(),
            other => {
                tracing::error!(error = %other, "keys could not be rotated");
                ApiError::Fault(guanxi_types::HttpError::Broken)
            }
        }
    }
}

impl From<StorageError> for KeysError {
    fn from(fault: StorageError) -> KeysError {
        KeysError::Store(fault.into())
    }
}

impl Settings {
    /// Where the keys lie.
    pub fn key_file(&self) -> KeyFile {
        KeyFile::at(self.keys.clone().unwrap_or_else(|| self.data_directory().join(KEY_FILE)))
    }
}

/// The vault of a store: with the keys in the file, or with new ones if the store has none yet.
pub async fn open(store: &impl Store, file: &KeyFile) -> Result<Arc<FieldCipher>, KeysError> {
    let ring = match file.read()? {
        Some(ring) => ring,
        None if store.all::<KeyMark>().await?.is_empty() => {
            let ring = Keyring::draw();
            file.write(&ring)?;
            ring
        }
        None => return Err(KeyFileError::Lost(file.path().to_owned()).into()),
    };
    if !store.run(RecordKeys { marks: ring.marks(), alone: false }).await? {
        return Err(KeysError::Others(file.path().to_owned()));
    }
    Ok(Arc::new(FieldCipher::new(ring)))
}

/// The ring that opens what a store has sealed, for who only reads; none if nothing was sealed yet.
pub async fn look(store: &impl Store, file: &KeyFile) -> Result<Option<Keyring>, KeysError> {
    // A rotation that goes on meanwhile changes the file and the marks one after the other.
    for _ in 0..LOOKS {
        let (known, ring) = (store.all::<KeyMark>().await?, file.read()?);
        let Some(ring) = ring else {
            let lost = KeyFileError::Lost(file.path().to_owned());
            return if known.is_empty() { Ok(None) } else { Err(lost.into()) };
        };
        let marks = ring.marks();
        if known.iter().all(|known| marks.contains(&KeyFingerprint { id: known.id, check: known.check })) {
            return Ok(Some(ring));
        }
    }
    Err(KeysError::Others(file.path().to_owned()))
}

/// Begins a rotation: a new key seals from now on. Tells which.
pub async fn begin(app: &App, by: &str) -> Result<u32, KeysError> {
    let ring = app.vault.ring().with_new_key();
    let key = ring.newest().id;
    // In this order, a stop at any point leaves a file that opens everything.
    app.keys.write(&ring)?;
    app.store.run(RecordKeys { marks: ring.marks(), alone: false }).await?;
    app.vault.replace(ring);
    app.store.run(Audited { by: by.to_owned(), now: app.now(), deed: KeyRotationLogged { key } }).await?;
    Ok(key)
}

/// Ends a rotation: seals again what older keys have sealed, a few members at a time, and then gives those keys up.
pub async fn finish(app: &App) -> Result<(), KeysError> {
    let mut after = None;
    loop {
        let vault = Arc::clone(&app.vault);
        after = app.store.run(ReencryptFields { after, most: STEP, vault }).await?;
        if after.is_none() {
            break;
        }
    }
    let ring = app.vault.ring().newest_alone();
    app.store.run(RecordKeys { marks: ring.marks(), alone: true }).await?;
    app.keys.write(&ring)?;
    app.vault.replace(ring);
    Ok(())
}
