//! `guanxi keys rotate`: a new encryption key for private data. A running service rotates itself on request.
//! Otherwise this process rotates.

use crate::{Failure, SettingsArgs, block_on, storage, terminal};
use clap::Subcommand;
use guanxi_api::operator::keys::get_key_status::GetKeyStatus;
use guanxi_api::operator::keys::rotate_keys::RotateKeys;
use guanxi_client::Operator;
use guanxi_server::config::OptionalListenAddr;
use guanxi_server::{App, Settings, encryption_keys};
use guanxi_storage::Engine;
use guanxi_storage::encryption::{KeyFile, Keyring};
use guanxi_storage::error::OpenError;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// The variable with an operator's token.
pub(crate) const TOKEN_VARIABLE: &str = "GUANXI_OPERATOR_TOKEN";

/// The interval between requests for the status of a rotation.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Encrypt private data with a new key, and re-encrypt data of older keys.
    ///
    /// If a service uses the directory, the command sends a request to its `operator_listen` address. This needs an
    /// admin token in the environment variable GUANXI_OPERATOR_TOKEN.
    Rotate(SettingsArgs),
    /// Add a key to the key file that no data uses yet. The next rotation uses it.
    ///
    /// Services of one database on several machines have a key file each. Before a rotation, prepare a key and copy the
    /// file to all machines.
    Prepare(SettingsArgs),
    /// Write a file with a new key for the archive, which `archive_key_file` then names. A file that exists gets a
    /// further key, which encrypts new objects.
    Archive {
        /// The key file.
        file: PathBuf,
    },
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let settings = match &args.command {
        Command::Rotate(settings) => settings.load()?,
        Command::Prepare(settings) => return prepare(&settings.load()?),
        Command::Archive { file } => return add_archive_key(file),
    };
    let key = block_on(async {
        match storage::open_existing(&settings).await {
            Ok(store) => rotate_locally(store, &settings).await,
            Err(error) if matches!(error.downcast_ref(), Some(OpenError::InUse(_))) => {
                rotate_remotely(&settings).await
            }
            Err(error) => Err(error),
        }
    })?;
    terminal::print(format_args!("private data is encrypted with key {key}"))?;
    Ok(ExitCode::SUCCESS)
}

fn prepare(settings: &Settings) -> Result<ExitCode, Failure> {
    let file = settings.key_file();
    let key = block_on(async {
        let store = storage::open_read_only(settings).await?;
        Ok(encryption_keys::prepare_key(&store, &file).await?)
    })?;
    let path = file.path().display();
    terminal::print(format_args!("{path} has key {key}, which the next rotation uses"))?;
    Ok(ExitCode::SUCCESS)
}

fn add_archive_key(path: &Path) -> Result<ExitCode, Failure> {
    let add = |ring: Option<&Keyring>| Some(ring.map_or_else(Keyring::generate, Keyring::with_new_key));
    let ring = KeyFile::new(path.to_owned()).update(add)?;
    let key = ring.map_or(0, |ring| ring.newest().id);
    terminal::print(format_args!(
        "{} has key {key} for the archive: keep a copy elsewhere, without it the archive is lost",
        path.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Rotates in this process. Services on the same database follow.
async fn rotate_locally(store: Engine, settings: &Settings) -> Result<u32, Failure> {
    let cipher = storage::field_cipher(&store, settings).await?;
    let app = App::new(store, cipher, settings)?;
    encryption_keys::start_rotation(&app, "command line").await?;
    encryption_keys::finish_rotation(&app).await?;
    Ok(app.cipher.keyring().newest().id)
}

/// Requests a rotation from the running service and waits for its end.
async fn rotate_remotely(settings: &Settings) -> Result<u32, Failure> {
    let OptionalListenAddr(Some(address)) = settings.operator_listen else {
        return Err("the data directory is in use, and operator_listen is empty".into());
    };
    let token = std::env::var(TOKEN_VARIABLE).map_err(|_| {
        format!(
            "the data directory is in use: set {TOKEN_VARIABLE} to an admin token for the service at {address}"
        )
    })?;
    let operator = Operator::new(&format!("http://{address}"), &token)?;
    let mut status = operator.send(&RotateKeys {}).await?;
    while status.rotating {
        tokio::time::sleep(POLL_INTERVAL).await;
        status = operator.send(&GetKeyStatus {}).await?;
    }
    Ok(status.key)
}
