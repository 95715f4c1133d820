//! `guanxi check`: the integrity check of a community.

use crate::{Failure, SettingsArgs, block_on, storage, terminal};
use guanxi_storage::{Engine, Store};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Recounts everything. Exits with 1 on violations.
pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let settings = args.settings.load()?;
    let check = |store: Engine| async move { Ok(store.check_integrity().await?) };
    let report = block_on(storage::scan(&settings, check))?;
    terminal::print(format_args!("{report}"))?;
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
