//! Logins stored between commands, in `logins.json` in the user's configuration directory.
//!
//! The file contains session cookies. It has mode 0600, is replaced atomically, and is rejected if other users may
//! read it.

use crate::Failure;
use etcetera::{BaseStrategy, choose_base_strategy};
use guanxi_client::Cookies;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The stored logins, one per service.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct CredentialStore {
    /// The service of the last login, which is the default target.
    latest: Option<String>,
    logins: BTreeMap<String, Cookies>,
    #[serde(skip)]
    file: PathBuf,
}

impl CredentialStore {
    /// Reads the logins of the user. Without a file there are none.
    pub(crate) fn read() -> Result<CredentialStore, Failure> {
        CredentialStore::from_file(choose_base_strategy()?.config_dir().join("guanxi").join("logins.json"))
    }

    fn from_file(file: PathBuf) -> Result<CredentialStore, Failure> {
        match read_private(&file) {
            Ok(None) => Ok(CredentialStore { file, ..CredentialStore::default() }),
            Ok(Some(text)) => {
                let parsed = serde_json::from_str(&text);
                let parsed = parsed.map_err(|error| with_path(&file, &error.to_string()))?;
                Ok(CredentialStore { file, ..parsed })
            }
            Err(reason) => Err(with_path(&file, &reason)),
        }
    }

    /// Returns the service of the last login.
    pub(crate) fn latest(&self) -> Option<&str> {
        self.latest.as_deref()
    }

    /// Returns the login at a service.
    pub(crate) fn login(&self, address: &str) -> Option<&Cookies> {
        self.logins.get(address)
    }

    /// Stores a login and returns the previous one at the service.
    pub(crate) fn store(&mut self, address: &str, cookies: Cookies) -> Result<Option<Cookies>, Failure> {
        self.latest = Some(address.to_owned());
        let previous = self.logins.insert(address.to_owned(), cookies);
        self.write()?;
        Ok(previous)
    }

    /// Deletes the login at a service, which remains the default target.
    pub(crate) fn forget(&mut self, address: &str) -> Result<(), Failure> {
        self.logins.remove(address);
        self.write()
    }

    /// Replaces the file atomically.
    fn write(&self) -> Result<(), Failure> {
        let failed = |error: std::io::Error| with_path(&self.file, &error.to_string());
        let folder = self.file.parent().unwrap_or(Path::new("."));
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(failed)?;
        // Temporary files have mode 0600.
        let mut file = NamedTempFile::new_in(folder).map_err(failed)?;
        writeln!(file, "{}", serde_json::to_string_pretty(self)?).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&self.file).map_err(|error| failed(error.error))?;
        Ok(())
    }
}

/// Reads a file. Returns `None` if it does not exist, and an error if other users may read it.
fn read_private(path: &Path) -> Result<Option<String>, String> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(|error| error.to_string())?,
    };
    let metadata = file.metadata().map_err(|error| error.to_string())?;
    if is_accessible_to_others(&metadata) {
        return Err("readable by other users: set its mode to 600, or delete it and log in again".to_owned());
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(|error| error.to_string())?;
    Ok(Some(text))
}

#[cfg(unix)]
fn is_accessible_to_others(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0
}

/// Returns false, since the configuration directory is private on these platforms.
#[cfg(not(unix))]
fn is_accessible_to_others(_: &fs::Metadata) -> bool {
    false
}

fn with_path(file: &Path, reason: &str) -> Failure {
    format!("{}: {reason}", file.display()).into()
}
