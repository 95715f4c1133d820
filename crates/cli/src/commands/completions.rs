//! `guanxi completions`: shell completion scripts.

use crate::{Cli, Failure, terminal};
use clap::CommandFactory;
use clap_complete::{Shell, generate};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell.
    shell: Shell,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    // Generated in memory first, since the library panics on a closed pipe.
    let mut script = Vec::new();
    generate(args.shell, &mut Cli::command(), "guanxi", &mut script);
    terminal::print(format_args!("{}", String::from_utf8(script)?.trim_end()))?;
    Ok(ExitCode::SUCCESS)
}
