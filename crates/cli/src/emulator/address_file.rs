//! The addresses of the running emulator, in a file of the user that other commands read.

use super::launch::user_folder;
use crate::{Failure, private_file};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The addresses of an emulator, and its operators' token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Addresses {
    /// The address of the proxy.
    pub(super) proxy: SocketAddr,
    /// The URL of the operators' API.
    pub(super) operators: String,
    /// The operators' token.
    pub(super) token: String,
}

/// The file while its emulator runs. Drop deletes it, unless a later emulator has replaced it.
pub(super) struct AddressFile {
    file: PathBuf,
    addresses: Addresses,
}

fn path() -> Result<PathBuf, Failure> {
    Ok(user_folder()?.join("running.json"))
}

impl AddressFile {
    /// Writes the file, readable by the user only. The folder exists, since the CA is in it.
    pub(super) fn write(addresses: Addresses) -> Result<AddressFile, Failure> {
        let file = path()?;
        private_file::write_private(&file, &serde_json::to_string_pretty(&addresses)?)?;
        Ok(AddressFile { file, addresses })
    }
}

impl Drop for AddressFile {
    fn drop(&mut self) {
        if read().is_ok_and(|addresses| addresses.as_ref() == Some(&self.addresses)) {
            // A file that remains names an emulator that does not answer, which the next command reports.
            let _ = fs::remove_file(&self.file);
        }
    }
}

/// Reads the file. `None` if no emulator runs.
pub(super) fn read() -> Result<Option<Addresses>, Failure> {
    let file = path()?;
    match fs::read_to_string(&file) {
        Ok(text) => {
            let parsed = serde_json::from_str(&text);
            parsed.map(Some).map_err(|error| format!("{}: {error}", file.display()).into())
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{}: {error}", file.display()).into()),
    }
}

/// Returns the addresses of the running emulator.
pub(super) fn running() -> Result<Addresses, Failure> {
    Ok(read()?.ok_or("no emulator runs: start one with `guanxi emulator start`")?)
}
