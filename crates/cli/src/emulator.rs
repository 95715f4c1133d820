//! `guanxi emulator`: runs programs that were written for the API against a community of their own, unchanged.

mod address_file;
mod control;
mod exec;
mod gaps;
mod launch;
mod start;

use crate::Failure;
use clap::Subcommand;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a command against an emulator of its own.
    ///
    /// The command's requests to the served hosts are answered here, and all others are refused. Afterwards the
    /// paths, parameters and hosts that the emulator does not have are listed. The exit code is the command's.
    Exec(exec::Args),
    /// Start an emulator and keep it until Ctrl-C.
    Start(start::Args),
    /// Print the variables for programs that use the running emulator.
    Env(start::EnvironmentArgs),
    #[command(flatten)]
    Control(control::Command),
}

/// Runs a command of the emulator.
pub(crate) fn run(command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Exec(args) => exec::run(args),
        Command::Start(args) => start::run(args),
        Command::Env(args) => start::print_environment(args),
        Command::Control(command) => control::run(command),
    }
}
