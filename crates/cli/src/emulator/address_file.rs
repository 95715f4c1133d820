//! The addresses of the running emulator, in a file of the user that other commands read.

use super::launch::user_folder;
use crate::{Failure, private_file};
use guanxi_emulator::environment;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

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

/// The time to wait for an emulator that starts at the same time.
const START_TIMEOUT: Duration = Duration::from_secs(10);

/// The interval between attempts to reach an emulator.
const RETRY_INTERVAL: Duration = Duration::from_millis(50);

/// Returns the addresses of the running emulator: that of the environment, or that of the file.
pub(super) async fn running() -> Result<Addresses, Failure> {
    for addresses in from_environment().into_iter().chain(read()?) {
        if TcpStream::connect(addresses.proxy).await.is_ok() {
            return Ok(addresses);
        }
    }
    Err("no emulator runs: start one with `guanxi emulator start`".into())
}

/// Returns the addresses of the running emulator. Waits for one that starts at the same time.
pub(super) async fn wait_for_running() -> Result<Addresses, Failure> {
    let deadline = Instant::now() + START_TIMEOUT;
    loop {
        match running().await {
            Err(_) if Instant::now() < deadline => sleep(RETRY_INTERVAL).await,
            result => return result,
        }
    }
}

/// Returns the addresses in the variables of `exec` and `env`.
fn from_environment() -> Option<Addresses> {
    let variable = |name: &str| std::env::var(name).ok();
    let proxy = variable(environment::PROXY)?.strip_prefix("http://")?.parse().ok()?;
    Some(Addresses {
        proxy,
        operators: variable(environment::OPERATORS)?,
        token: variable(environment::TOKEN)?,
    })
}
