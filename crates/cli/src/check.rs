//! `guanxi check`: every invariant of a community.

use crate::{Failure, SettingsArgs, block_on, log, open};
use guanxi_storage::Store;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Counts everything again; exits with 1 if something does not agree.
pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let settings = args.settings.load()?;
    let report = block_on(async { Ok(open::to_read(&settings).await?.check().await?) })?;
    log::print(format_args!("{report}"))?;
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
