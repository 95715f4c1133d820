//! `guanxi backup`: a consistent copy of a data directory, also while it is served.

use crate::{Failure, SettingsArgs, block_on, storage, terminal};
use guanxi_server::{Settings, encryption_keys};
use guanxi_storage::embedded::data_dir::{BackupTarget, KEY_FILE};
use guanxi_storage::encryption::{KeyFile, Keyring};
use guanxi_storage::{Engine, Store};
use indicatif::HumanBytes;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The target directory, which must be empty or not exist.
    to: PathBuf,
    /// Copy the key file too, without which private data is unreadable.
    #[arg(long)]
    with_keys: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let settings = args.settings.load()?;
    let bytes = block_on(async {
        let Engine::Embedded(store) = storage::open_read_only(&settings).await? else {
            return Err("back up a database with its own tools, such as pg_dump or WAL archiving".into());
        };
        let before = read_keyring(&store, &settings, args.with_keys).await?;
        let copy = BackupTarget::create(&args.to)?;
        let bytes = store.backup(&copy)?;
        // The snapshot was taken between the two reads of the keyring. Together they contain all of its keys, even
        // if a rotation ran meanwhile.
        let after = read_keyring(&store, &settings, args.with_keys).await?;
        if let (Some(before), Some(after)) = (before, after) {
            KeyFile::new(args.to.join(KEY_FILE)).write(&before.merged_with(&after))?;
        }
        copy.finish()?;
        Ok(bytes)
    })?;
    terminal::print(format_args!("copied {} to {}", HumanBytes(bytes), args.to.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// Reads the keyring if it is to be copied.
async fn read_keyring(
    store: &impl Store,
    settings: &Settings,
    with_keys: bool,
) -> Result<Option<Keyring>, Failure> {
    if !with_keys {
        return Ok(None);
    }
    Ok(encryption_keys::read_keyring(store, &settings.key_file()).await?)
}
