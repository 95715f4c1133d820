//! `guanxi emulator exec`: runs a command against an emulator of its own.

use super::gaps;
use super::launch::{LaunchArgs, Running};
use crate::signals::{self, EndSignal};
use crate::{Failure, block_on, log, store_watch, terminal};
use guanxi_emulator::{CommunityName, Emulator};
use guanxi_server::Settings;
use std::ffi::OsString;
use std::io::{self, ErrorKind, IsTerminal};
use std::pin::{Pin, pin};
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

/// The exit codes of a command that cannot be run, as in a shell.
const NOT_EXECUTABLE: u8 = 126;
const NOT_FOUND: u8 = 127;

/// Runs the command, and reports what it asked for and the emulator does not have. The exit code is the command's.
pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    log::init(&Settings::default(), "warn")?;
    block_on(async {
        let signal = pin!(signals::end_signal()?);
        let (proxy, operators) = (free_port().await?, free_port().await?);
        let running = args.launch.launch(proxy, operators).await?;
        let mut child = match spawn(&args.command, &running)? {
            Ok(child) => child,
            Err(error) => {
                terminal::note(format_args!("guanxi: cannot run {}: {error}", args.command[0].display()));
                let is_found = error.kind() != ErrorKind::NotFound;
                return Ok(ExitCode::from(if is_found { NOT_EXECUTABLE } else { NOT_FOUND }));
            }
        };
        let exit_code = tokio::select! {
            status = wait(&mut child, signal) => exit_code(status?),
            error = running.emulator.failed() => return Ok(store_watch::end_after(&error)),
        };
        report(&running.emulator);
        Ok(exit_code)
    })
}

/// Waits for the command, and passes signals on. The command ends as it wants to.
async fn wait(
    child: &mut Child,
    mut signal: Pin<&mut impl Future<Output = EndSignal>>,
) -> Result<ExitStatus, Failure> {
    let received = tokio::select! {
        status = child.wait() => return Ok(status?),
        received = &mut signal => received,
    };
    // A terminal sends Ctrl-C to the command too.
    let has_received = received == EndSignal::Interrupt && io::stdin().is_terminal();
    if let Some(pid) = child.id().filter(|_| !has_received) {
        signals::send(received, pid);
    }
    let next = pin!(signals::end_signal()?);
    Box::pin(wait(child, next)).await
}

async fn free_port() -> Result<TcpListener, Failure> {
    Ok(TcpListener::bind("127.0.0.1:0").await?)
}

fn spawn(command: &[OsString], running: &Running) -> Result<io::Result<Child>, Failure> {
    let (program, arguments) = command.split_first().ok_or("a command is required after `--`")?;
    let environment = running.environment(&CommunityName::default())?;
    Ok(Command::new(program).args(arguments).envs(environment.iter()).kill_on_drop(true).spawn())
}

/// Prints what the command asked for and the emulator does not have, on standard error.
fn report(emulator: &Emulator) {
    let gaps = emulator.gaps();
    for line in gaps::lines(&gaps) {
        terminal::note(format_args!("guanxi: {line}"));
    }
    if emulator.request_count() == 0 && gaps.hosts.is_empty() {
        terminal::note(format_args!(
            "guanxi: no request reached the emulator: the command may ignore the variables for proxies, \
             or not trust the certificate (docs/guide/testing-clients.md)"
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
