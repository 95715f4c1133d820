//! `guanxi completions`: what a shell reads to complete the program's commands and flags.

use crate::{Cli, Failure, log};
use clap::CommandFactory;
use clap_complete::{Shell, generate};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell.
    shell: Shell,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    // Made whole first: the library panics when nobody reads to the end.
    let mut script = Vec::new();
    generate(args.shell, &mut Cli::command(), "guanxi", &mut script);
    log::print(format_args!("{}", String::from_utf8(script)?.trim_end()))?;
    Ok(ExitCode::SUCCESS)
}
