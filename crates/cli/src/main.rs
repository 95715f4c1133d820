//! The `guanxi` program.
//!
//! `member` holds the commands of a member, which are a client of any service. `commands`, `demo` and `bench` hold
//! the commands for operating a service.
//!
//! The exit code is 0 on success. It is 1 if `check` or `health` found a problem or a request of `bench` failed,
//! and 2 on any other error. It is 6 or 7 if the store of a service failed (`store_watch.rs`). Member commands have
//! further codes (`member/exit_code.rs`).
#![forbid(unsafe_code)]

mod bench;
mod commands;
mod demo;
mod emulator;
mod log;
mod member;
mod private_file;
mod progress;
mod signals;
mod storage;
mod store_watch;
mod terminal;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use commands::{
    backup, check, completions, export, health, import, keys, manual, migrate, operator, reference, restore,
    serve,
};
use guanxi_server::Settings;
use guanxi_storage::embedded::bus_error;
use std::collections::HashSet;
use std::error::Error;
use std::ffi::OsString;
use std::path::PathBuf;
use std::pin::Pin;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A self-hosted member centre and relation-chain service.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, after_help = member::EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    AsMember(member::Command),
    /// Serve a community from its data directory, or from a database.
    Serve(SettingsArgs),
    /// Serve a synthetic community to try things out.
    Demo(demo::Args),
    /// Run programs unchanged, and offline, against a community of their own.
    #[command(subcommand)]
    Emulator(emulator::Command),
    /// Open and revoke sessions of any member while the service is stopped. To log in yourself, use `login`.
    Member(commands::member::Args),
    /// Manage operator tokens, and members at a running service.
    Operator(operator::Args),
    /// Manage the encryption keys of private data.
    Keys(keys::Args),
    /// Import a dump into an empty store, or merge it into a community.
    Import(import::Args),
    /// Export a community as a dump, also while it is served.
    Export(export::Args),
    /// Back up a data directory, also while it is served.
    Backup(backup::Args),
    /// Restore a data directory of any instant from the archive.
    Restore(restore::Args),
    /// Create the schema of a database, or migrate it to this version.
    Migrate(migrate::Args),
    /// Check the integrity of a community.
    Check(check::Args),
    /// Measure throughput and latency of a service.
    Bench(bench::Args),
    /// Check that a running service is ready, at its `operator_listen` address.
    Health(SettingsArgs),
    /// Print a shell completion script.
    Completions(completions::Args),
    /// Write the manual pages.
    Manual(manual::Args),
    /// Write the reference documents.
    #[command(hide = true)]
    Reference(reference::Args),
}

/// The sources of settings beside `GUANXI_…` variables.
#[derive(Clone, Debug, Default, clap::Args)]
struct SettingsArgs {
    /// The address to listen on, such as 127.0.0.1:8080. Port 0 selects a free port.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// The data directory.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// The database URL instead of a data directory, such as postgres://guanxi@db.example.cn/guanxi. Use the
    /// variable GUANXI_DATABASE_URL or a settings file for a URL with a password.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// A TOML file with settings.
    #[arg(long, value_name = "FILE", env = "GUANXI_CONFIG")]
    config: Option<PathBuf>,
    /// The time at which the clock starts, such as 2020-05-19T23:59:00+08:00.
    #[arg(long, value_name = "INSTANT")]
    start_time: Option<String>,
    /// A compatibility file, which adds paths and fields to the service.
    #[arg(long, value_name = "FILE")]
    compat: Option<String>,
}

impl SettingsArgs {
    fn load(&self) -> Result<Settings, Failure> {
        self.load_with_keys().map(|(settings, _)| settings)
    }

    /// Loads the settings. Also returns the keys that are set, as opposed to defaults.
    fn load_with_keys(&self) -> Result<(Settings, HashSet<String>), Failure> {
        let flags = [
            ("listen", self.listen.clone()),
            ("data_dir", self.data_dir.clone()),
            ("database_url", self.database_url.clone()),
            ("start_time", self.start_time.clone()),
            ("compat", self.compat.clone()),
        ];
        Ok(Settings::load_with_keys(self.config.as_deref(), environment()?.into_iter(), &flags)?)
    }
}

/// Returns the `GUANXI_…` variables. The error names a variable that is not UTF-8.
fn environment() -> Result<Vec<(String, String)>, Failure> {
    let variables = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
    let settings = variables.filter(|(name, _)| name.starts_with("GUANXI_") && name != "GUANXI_CONFIG");
    let as_text = |(name, value): (String, OsString)| {
        let value = value.into_string().map_err(|_| format!("settings: {name} is not UTF-8"))?;
        Ok((name, value))
    };
    settings.map(as_text).collect()
}

/// The error of a command, for the terminal.
type Failure = Box<dyn Error + Send + Sync>;

fn main() -> ExitCode {
    let result = signals::ignore_file_size_signal()
        .and_then(|()| Ok(bus_error::install_handler(store_watch::STORE_FAILED)?))
        .and_then(|()| run(command()));
    log::flush();
    result.unwrap_or_else(|failure| {
        terminal::note(format_args!("guanxi: {failure}"));
        ExitCode::from(2)
    })
}

/// Parses the command line.
fn command() -> Command {
    let cli = Cli::command();
    let help_template = help_template(&cli);
    let matches = cli.help_template(help_template).get_matches();
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit()).command
}

/// Returns the help template with separate headings for member commands and operator commands, as clap has only one
/// heading for all subcommands.
fn help_template(cli: &clap::Command) -> String {
    let (header, literal) = (cli.get_styles().get_header(), cli.get_styles().get_literal());
    let command_list = |heading: &str, for_members: bool| {
        let is_listed = |command: &&clap::Command| {
            !command.is_hide_set() && member::Command::has_subcommand(command.get_name()) == for_members
        };
        let line = |command: &clap::Command| {
            let about = command.get_about().cloned().unwrap_or_default();
            format!("\n  {literal}{:<13}{literal:#}{about}", command.get_name())
        };
        let lines: String = cli.get_subcommands().filter(is_listed).map(line).collect();
        format!("{header}{heading}:{header:#}{lines}\n")
    };
    [
        "{about-with-newline}\n{usage-heading} {usage}\n",
        &command_list("Member commands", true),
        &command_list("Operator commands", false),
        &format!("{header}Options:{header:#}\n{{options}}{{after-help}}"),
    ]
    .join("\n")
}

fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::AsMember(command) => member::run(command),
        Command::Serve(args) => serve::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Emulator(command) => emulator::run(&command),
        Command::Member(args) => commands::member::run(&args),
        Command::Operator(args) => operator::run(&args),
        Command::Keys(args) => keys::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Backup(args) => backup::run(&args),
        Command::Restore(args) => restore::run(&args),
        Command::Migrate(args) => migrate::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Health(args) => health::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Manual(args) => manual::run(&args),
        Command::Reference(args) => reference::run(&args),
    }
}

/// Runs a future to completion on a new runtime.
fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // Boxed, as the runtime's code for each of many futures takes long to compile.
    let future: Pin<Box<dyn Future<Output = Result<T, Failure>>>> = Box::pin(future);
    let result = runtime.block_on(future);
    // Drops unfinished tasks, and with them the last references to the store.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    result
}
