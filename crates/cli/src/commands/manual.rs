//! `guanxi manual`: manual pages, one file per command.

use crate::{Cli, Failure};
use clap::CommandFactory;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The existing directory to write the pages to.
    to: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let command = Cli::command();
    clap_mangen::generate_to(command, &args.to).map_err(|error| format!("{}: {error}", args.to.display()))?;
    Ok(ExitCode::SUCCESS)
}
