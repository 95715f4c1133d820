//! `guanxi check`: every invariant of a data directory.

use crate::{Failure, SettingsArgs, log, open};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Counts everything again; exits with 1 if something does not agree.
pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let settings = args.settings.load()?;
    let report = open::existing(settings.data_directory(), &settings)?.check()?;
    log::print(format_args!("{report}"))?;
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
