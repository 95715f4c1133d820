//! `guanxi bench …`: load tests.

mod args;
mod children;
mod compare;
mod fill;
mod limit;
mod run;

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
    /// Fill an empty store with a synthetic community of any size.
    Fill(fill::Args),
    /// Send requests to a service, at a fixed rate or as fast as possible, and report the latencies.
    Run(run::Args),
    /// Serve fixed bodies over the HTTP stack of the service, the upper bound of its throughput.
    Limit(limit::Args),
    /// Measure a service and fixed bodies of the same length alternately, and report the ratios.
    Compare(compare::Args),
}

/// Runs a `bench` command. Exits with 1 if a request failed.
pub(crate) fn run(args: &Args) -> Result<ExitCode, Failure> {
    match &args.command {
        Command::Fill(args) => fill::run(args),
        Command::Run(args) => run::run(args),
        Command::Limit(args) => limit::run(args),
        Command::Compare(args) => compare::run(args),
    }
}
