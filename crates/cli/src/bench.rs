//! `guanxi bench …`: a load upon a service, and what came of it.

mod children;
mod compare;
mod fill;
mod limit;
mod run;
mod said;

use crate::Failure;
use clap::Subcommand;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Fill an empty store with a made-up community of any size.
    Fill(fill::Args),
    /// Ask a service, at a rate or as fast as it answers, and tell how long it takes.
    Run(run::Args),
    /// Answer fixed bodies by the service's own HTTP loop: what no service can be faster than.
    Limit(limit::Args),
    /// Ask a service and fixed bodies of the same size in turns, and tell the ratios.
    Compare(compare::Args),
}

/// Exits with 1 if a request failed.
pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    match &args.command {
        Command::Fill(args) => fill::run(args),
        Command::Run(args) => run::run(args),
        Command::Limit(args) => limit::run(args),
        Command::Compare(args) => compare::run(args),
    }
}
