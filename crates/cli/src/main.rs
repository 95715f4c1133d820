//! The `guanxi` program: one file for each of its commands.
//!
//! There are two families: members' commands, in `me`, and those of whoever runs a service. It exits with 0 when all went well,
//! 1 when `check` or `health` found something wrong or a request of `bench` failed, 2 when it could not do what it was asked;
//! members' commands tell more (`me/ending.rs`).
#![forbid(unsafe_code)]

mod backup;
mod bench;
mod check;
mod completions;
mod demo;
mod export;
mod filling;
mod health;
mod import;
mod keys;
mod log;
mod manual;
mod me;
mod member;
mod migrate;
mod open;
mod operator;
mod progress;
mod secret;
mod serve;
mod stop;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use guanxi_server::Settings;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A self-hosted member centre and relation-chain service.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, after_help = me::CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Me(me::Command),
    /// Serve a community from its data directory, or from a database.
    Serve(SettingsArgs),
    /// Serve a made-up community, to try things out.
    Demo(demo::Args),
    /// Open and revoke any member's sessions, while nobody serves them; to log in as a member is `login`.
    Member(member::Args),
    /// Operators' tokens.
    Operator(operator::Args),
    /// The keys of private data.
    Keys(keys::Args),
    /// Take a dump into an empty data directory, or into a community.
    Import(import::Args),
    /// Write a community as a dump, also while it is served.
    Export(export::Args),
    /// Copy a data directory, also while it is served.
    Backup(backup::Args),
    /// Make the schema of a database, or bring it up to date.
    Migrate(migrate::Args),
    /// Verify every invariant of a community.
    Check(check::Args),
    /// Measure a service: how many requests it answers, and how fast.
    Bench(bench::Args),
    /// Ask a service that runs whether it is ready, where `operator_listen` says.
    Health(SettingsArgs),
    /// Write what a shell completes commands and flags by.
    Completions(completions::Args),
    /// Write the pages for `man`.
    Manual(manual::Args),
}

/// Where settings come from beside `GUANXI_…`.
#[derive(Clone, Debug, Default, clap::Args)]
struct SettingsArgs {
    /// The address to listen on, such as 127.0.0.1:8080; port 0 takes any that is free.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// The data directory.
    #[arg(long, value_name = "DIR")]
    data: Option<String>,
    /// The database, in place of a data directory, such as postgres://guanxi@db.example.cn/guanxi. An address with a
    /// password in it is better told by GUANXI_STORE or a file.
    #[arg(long, value_name = "URL")]
    store: Option<String>,
    /// A TOML file of settings.
    #[arg(long, value_name = "FILE", env = "GUANXI_CONFIG")]
    config: Option<PathBuf>,
    /// The instant at which the clock starts, such as 2020-05-19T23:59:00+08:00.
    #[arg(long, value_name = "INSTANT")]
    clock: Option<String>,
}

impl SettingsArgs {
    fn load(&self) -> Result<Settings, Failure> {
        let flags = [
            ("listen", self.listen.clone()),
            ("data", self.data.clone()),
            ("store", self.store.clone()),
            ("clock", self.clock.clone()),
        ];
        Ok(Settings::load(self.config.as_deref(), environment()?.into_iter(), &flags)?)
    }
}

/// The variables of ours; one whose value is no text is named.
fn environment() -> Result<Vec<(String, String)>, Failure> {
    let ours = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
    let told = ours.filter(|(name, _)| name.starts_with("GUANXI_") && name != "GUANXI_CONFIG").map(
        |(name, value)| {
            let value = value.into_string().map_err(|_| format!("settings: {name} is not UTF-8"))?;
            Ok((name, value))
        },
    );
    told.collect()
}

/// Why a command could not do what it was asked: told to a person.
type Failure = Box<dyn Error + Send + Sync>;

fn main() -> ExitCode {
    let done = stop::survive_file_limits().and_then(|()| run(command()));
    done.unwrap_or_else(|failure| {
        log::tell(format_args!("guanxi: {failure}"));
        ExitCode::from(2)
    })
}

/// What is asked for.
fn command() -> Command {
    let cli = Cli::command();
    let template = template(&cli);
    let told = cli.help_template(template).get_matches();
    Cli::from_arg_matches(&told).unwrap_or_else(|error| error.exit()).command
}

/// The help, in which members' commands and the others are told apart: clap knows of one heading for all commands.
fn template(cli: &clap::Command) -> String {
    let (header, literal) = (cli.get_styles().get_header(), cli.get_styles().get_literal());
    let family = |heading: &str, is_members: bool| {
        let is_told = |command: &&clap::Command| {
            !command.is_hide_set() && me::Command::has_subcommand(command.get_name()) == is_members
        };
        let line = |command: &clap::Command| {
            let about = command.get_about().cloned().unwrap_or_default();
            format!("\n  {literal}{:<13}{literal:#}{about}", command.get_name())
        };
        let lines: String = cli.get_subcommands().filter(is_told).map(line).collect();
        format!("{header}{heading}:{header:#}{lines}\n")
    };
    [
        "{about-with-newline}\n{usage-heading} {usage}\n",
        &family("As a member", true),
        &family("For whoever runs a service", false),
        &format!("{header}Options:{header:#}\n{{options}}{{after-help}}"),
    ]
    .join("\n")
}

fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Me(command) => me::run(command),
        Command::Serve(args) => serve::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Member(args) => member::run(&args),
        Command::Operator(args) => operator::run(&args),
        Command::Keys(args) => keys::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Backup(args) => backup::run(&args),
        Command::Migrate(args) => migrate::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Health(args) => health::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Manual(args) => manual::run(&args),
    }
}

/// Runs something that waits, to its end.
fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(future);
    // What was not finished in its time is dropped here, and with it the last holds on the engine.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    done
}
