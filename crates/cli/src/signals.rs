//! Signal handlers.

use crate::Failure;

/// Installs handlers, and returns a future that resolves at Ctrl-C or SIGTERM.
#[cfg(unix)]
pub(crate) fn shutdown_signal() -> Result<impl Future<Output = ()>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => (),
            _ = terminate.recv() => (),
        }
    })
}

/// Sends SIGTERM to a process.
#[cfg(unix)]
pub(crate) fn terminate(pid: u32) -> Result<(), Failure> {
    use rustix::process::{Pid, Signal, kill_process};
    match i32::try_from(pid).ok().and_then(Pid::from_raw) {
        Some(pid) => Ok(kill_process(pid, Signal::TERM)?),
        None => Ok(()),
    }
}

/// Turns SIGXFSZ into a write error. Without a handler the signal ends the process when a file reaches its size
/// limit. The handler stays installed.
#[cfg(unix)]
pub(crate) fn ignore_file_size_signal() -> Result<(), Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    /// SIGXFSZ, on Linux and macOS alike.
    const FILE_TOO_LARGE: i32 = 25;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let _context = runtime.enter();
    signal(SignalKind::from_raw(FILE_TOO_LARGE)).map(drop)?;
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn shutdown_signal() -> Result<impl Future<Output = ()>, Failure> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

#[cfg(not(unix))]
pub(crate) fn terminate(_pid: u32) -> Result<(), Failure> {
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn ignore_file_size_signal() -> Result<(), Failure> {
    Ok(())
}
