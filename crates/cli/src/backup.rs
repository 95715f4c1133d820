//! `guanxi backup`: a copy of a data directory, which `guanxi serve` opens, while the directory is served or not.

use crate::{Failure, SettingsArgs, block_on, log, open};
use guanxi_server::{Settings, keys};
use guanxi_storage::Engine;
use guanxi_storage::Store;
use guanxi_storage::embedded::directory::{Blank, KEY_FILE};
use guanxi_storage::vault::{KeyFile, Keyring};
use indicatif::HumanBytes;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The new directory: there is none of that name, or an empty one.
    to: PathBuf,
    /// Copy the file of the keys too, without which what is private cannot be read.
    #[arg(long)]
    with_keys: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let settings = args.settings.load()?;
    let bytes = block_on(async {
        let Engine::Lmdb(store) = open::to_read(&settings).await? else {
            return Err("a database is backed up by its own means: pg_dump, or an archive of its log".into());
        };
        let before = look(&store, &settings, args.with_keys).await?;
        let copy = Blank::make(&args.to)?;
        let bytes = store.copy(&copy)?;
        // As in an export, the copy's moment lies between the two looks.
        if let (Some(before), Some(after)) = (before, look(&store, &settings, args.with_keys).await?) {
            KeyFile::at(args.to.join(KEY_FILE)).write(&before.with_all_of(&after))?;
        }
        copy.finish()?;
        Ok(bytes)
    })?;
    log::print(format_args!("{} has a copy of {}", args.to.display(), HumanBytes(bytes)))?;
    Ok(ExitCode::SUCCESS)
}

/// The keys, if they are copied too.
async fn look(store: &impl Store, settings: &Settings, wanted: bool) -> Result<Option<Keyring>, Failure> {
    if !wanted {
        return Ok(None);
    }
    Ok(keys::look(store, &settings.key_file()).await?)
}
