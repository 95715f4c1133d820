//! The logins that are kept between two commands: `logins.json` in the user's configuration folder.
//!
//! Who has the file is the member. It is made for its owner alone, written whole, and not read if others may read it.

use crate::Failure;
use etcetera::{BaseStrategy, choose_base_strategy};
use guanxi_client::Cookies;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Logins by the address of their guanxi, one for each.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// Where one logged in last: the guanxi that is asked if none is named.
    latest: Option<String>,
    logins: BTreeMap<String, Cookies>,
    #[serde(skip)]
    file: PathBuf,
}

impl Kept {
    /// Those of the user; none if there is no file.
    pub(crate) fn read() -> Result<Kept, Failure> {
        Kept::of(choose_base_strategy()?.config_dir().join("guanxi").join("logins.json"))
    }

    fn of(file: PathBuf) -> Result<Kept, Failure> {
        match text(&file) {
            Ok(None) => Ok(Kept { file, ..Kept::default() }),
            Ok(Some(text)) => {
                let kept = serde_json::from_str(&text);
                Ok(Kept { file: file.clone(), ..kept.map_err(|error| named(&file, &error.to_string()))? })
            }
            Err(why) => Err(named(&file, &why)),
        }
    }

    /// Where one logged in last, if one has.
    pub(crate) fn latest(&self) -> Option<&str> {
        self.latest.as_deref()
    }

    /// The login at an address.
    pub(crate) fn login(&self, address: &str) -> Option<&Cookies> {
        self.logins.get(address)
    }

    /// Keeps a login in place of the one before, which is told.
    pub(crate) fn keep(&mut self, address: &str, cookies: Cookies) -> Result<Option<Cookies>, Failure> {
        self.latest = Some(address.to_owned());
        let before = self.logins.insert(address.to_owned(), cookies);
        self.write()?;
        Ok(before)
    }

    /// Forgets the login at an address. It stays the guanxi that is asked.
    pub(crate) fn forget(&mut self, address: &str) -> Result<(), Failure> {
        self.logins.remove(address);
        self.write()
    }

    /// Who reads meanwhile finds the old file or the new one.
    fn write(&self) -> Result<(), Failure> {
        let failed = |error: std::io::Error| named(&self.file, &error.to_string());
        let folder = self.file.parent().unwrap_or(Path::new("."));
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(failed)?;
        // A temporary file is its owner's alone.
        let mut file = NamedTempFile::new_in(folder).map_err(failed)?;
        writeln!(file, "{}", serde_json::to_string_pretty(self)?).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&self.file).map_err(|error| failed(error.error))?;
        Ok(())
    }
}

/// What a file says, if it is there and nobody else may read it.
fn text(path: &Path) -> Result<Option<String>, String> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(|error| error.to_string())?,
    };
    let about = file.metadata().map_err(|error| error.to_string())?;
    if is_open_to_others(&about) {
        return Err("others may read it, and be you: chmod 600 it, or remove it and log in again".to_owned());
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(|error| error.to_string())?;
    Ok(Some(text))
}

#[cfg(unix)]
fn is_open_to_others(about: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o077 != 0
}

/// The folder of the user's configuration is theirs.
#[cfg(not(unix))]
fn is_open_to_others(_: &fs::Metadata) -> bool {
    false
}

fn named(file: &Path, why: &str) -> Failure {
    format!("{}: {why}", file.display()).into()
}
