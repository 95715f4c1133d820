//! `guanxi emulator start` and `env`: an emulator for several programs.

use super::address_file::{self, AddressFile, Addresses};
use super::launch::{self, LaunchArgs, Running};
use crate::commands::serve::bind;
use crate::{Failure, block_on, log, signals, store_watch, terminal};
use guanxi_emulator::CommunityName;
use guanxi_emulator::environment::Format;
use guanxi_server::Settings;
use std::net::SocketAddr;
use std::pin::pin;
use std::process::ExitCode;

/// The default addresses. A port that is in use is replaced by a free one.
const PROXY: &str = "127.0.0.1:8090";
const OPERATORS: &str = "127.0.0.1:8091";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    launch: LaunchArgs,
    /// The address of the proxy, which also takes TLS and HTTP directly. 127.0.0.1:8090, or a free port if absent.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The address of the operators' and the control API. 127.0.0.1:8091, or a free port if absent.
    #[arg(long, value_name = "ADDRESS")]
    operator_listen: Option<SocketAddr>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct EnvironmentArgs {
    /// The format: sh, fish, powershell, github (for `$GITHUB_ENV`) or docker (for `--env-file`).
    #[arg(long, value_name = "FORMAT", default_value = "sh")]
    format: Format,
    /// The community of the programs' requests. Each community has its own members, clock and faults.
    #[arg(long, value_name = "NAME", default_value = "default")]
    community: CommunityName,
}

/// Runs an emulator until a shutdown signal.
pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    log::init(&Settings::default(), "warn")?;
    let exit_code = block_on(async {
        let stop = pin!(signals::end_signal()?);
        let proxy = listener(args.listen, PROXY).await?;
        let operators = listener(args.operator_listen, OPERATORS).await?;
        let running = args.launch.launch(proxy, operators).await?;
        let Running { proxy, operators, token, .. } = &running;
        let addresses = Addresses { proxy: *proxy, operators: operators.clone(), token: token.clone() };
        let file = AddressFile::write(addresses)?;
        terminal::print(format_args!("{}", greeting(&running)))?;
        let exit_code = tokio::select! {
            _ = stop => ExitCode::SUCCESS,
            error = running.emulator.failed() => store_watch::end_after(&error),
        };
        drop(file);
        Ok(exit_code)
    })?;
    terminal::note(format_args!("stopped"));
    Ok(exit_code)
}

async fn listener(address: Option<SocketAddr>, default: &str) -> Result<tokio::net::TcpListener, Failure> {
    match address {
        Some(address) => bind(address, false).await,
        None => bind(default.parse()?, true).await,
    }
}

fn greeting(running: &Running) -> String {
    let hosts: Vec<&str> = running.hosts.iter().map(guanxi_emulator::hosts::HostName::as_str).collect();
    format!(
        "The emulator answers for {hosts}.

  proxy, TLS and HTTP    {proxy}
  operators and control  {operators}  (documented at {operators}/openapi)

In another terminal, for programs that should use it:

    eval \"$(guanxi emulator env)\"
    curl 'https://{first}/x/relation/stat?vmid=5818410'

Ctrl-C stops the emulator and deletes its communities.",
        hosts = hosts.join(", "),
        first = hosts.first().unwrap_or(&"localhost"),
        proxy = running.proxy,
        operators = running.operators,
    )
}

/// Prints the variables of the running emulator. Waits for one that starts at the same time. Without one, the printed
/// command fails, so that `eval` does.
pub(super) fn print_environment(args: &EnvironmentArgs) -> Result<ExitCode, Failure> {
    let printed = block_on(async {
        let Addresses { proxy, operators, token } = address_file::wait_for_running().await?;
        let environment = launch::environment(proxy, &operators, &token, &args.community)?;
        Ok(environment.render(args.format))
    });
    let text = printed.as_deref().unwrap_or(args.format.failing_command());
    terminal::print(format_args!("{}", text.trim_end()))?;
    printed.map(|_| ExitCode::SUCCESS)
}
