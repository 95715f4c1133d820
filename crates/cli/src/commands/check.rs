//! `guanxi check`: the integrity check of a community.

use crate::{Failure, SettingsArgs, block_on, storage, terminal};
use guanxi_storage::Store;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Recounts everything. Exits with 1 on violations.
pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let settings = args.settings.load()?;
    let report = block_on(async { Ok(storage::open_read_only(&settings).await?.check_integrity().await?) })?;
    terminal::print(format_args!("{report}"))?;
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
