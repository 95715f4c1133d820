//! `guanxi emulator exec`: runs a command against an emulator of its own.

use super::gaps;
use super::launch::{LaunchArgs, Running};
use crate::{Failure, block_on, log, signals, terminal};
use guanxi_emulator::{CommunityName, Emulator};
use guanxi_server::Settings;
use std::ffi::OsString;
use std::pin::pin;
use std::process::{ExitCode, ExitStatus};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    launch: LaunchArgs,
    /// The command with its arguments, after `--`.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Runs the command, and reports what it asked for and the emulator does not have. The exit code is the command's.
pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    log::init(&Settings::default(), "warn")?;
    block_on(async {
        // The terminal sends Ctrl-C to the command too, which ends as it wants to.
        let mut stop = pin!(signals::shutdown_signal()?);
        let (proxy, operators) = (free_port().await?, free_port().await?);
        let running = args.launch.launch(proxy, operators).await?;
        let mut child = spawn(&args.command, &running)?;
        let status = tokio::select! {
            status = child.wait() => status?,
            () = &mut stop => wait_after_signal(&mut child).await?,
        };
        report(&running.emulator);
        Ok(exit_code(status))
    })
}

async fn free_port() -> Result<TcpListener, Failure> {
    Ok(TcpListener::bind("127.0.0.1:0").await?)
}

fn spawn(command: &[OsString], running: &Running) -> Result<Child, Failure> {
    let (program, arguments) = command.split_first().ok_or("a command is required after `--`")?;
    let environment = running.environment(&CommunityName::default())?;
    let spawned = Command::new(program).args(arguments).envs(environment.iter()).kill_on_drop(true).spawn();
    spawned.map_err(|error| format!("cannot run {}: {error}", program.display()).into())
}

/// Passes the end on to the command, and waits for it. A second signal kills it.
async fn wait_after_signal(child: &mut Child) -> Result<ExitStatus, Failure> {
    let mut stop = pin!(signals::shutdown_signal()?);
    if let Some(pid) = child.id() {
        signals::terminate(pid)?;
    }
    tokio::select! {
        status = child.wait() => Ok(status?),
        () = &mut stop => {
            child.kill().await?;
            Ok(child.wait().await?)
        }
    }
}

/// Prints what the command asked for and the emulator does not have, on standard error.
fn report(emulator: &Emulator) {
    let gaps = emulator.gaps();
    for line in gaps::lines(&gaps) {
        terminal::note(format_args!("guanxi: {line}"));
    }
    if emulator.request_count() == 0 && gaps.hosts.is_empty() {
        terminal::note(format_args!(
            "guanxi: no request reached the emulator: the command may ignore the variables for proxies"
        ));
    }
}

/// Returns the exit code of a command. After a signal it is 128 and the signal's number, as in a shell.
fn exit_code(status: ExitStatus) -> ExitCode {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal = None;
    let code = status.code().or(signal.map(|signal: i32| 128 + signal)).unwrap_or(1);
    ExitCode::from(u8::try_from(code & 255).unwrap_or(1))
}
