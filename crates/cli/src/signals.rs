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

/// A signal to end a program, which its parent passes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndSignal {
    Interrupt,
    Terminate,
}

/// Installs handlers, and returns a future of the next Ctrl-C, SIGTERM, or end of the terminal.
#[cfg(unix)]
pub(crate) fn end_signal() -> Result<impl Future<Output = EndSignal>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (mut terminate, mut hang_up) = (signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => EndSignal::Interrupt,
            _ = terminate.recv() => EndSignal::Terminate,
            _ = hang_up.recv() => EndSignal::Terminate,
        }
    })
}

/// Sends a signal to a process. The process may have ended.
#[cfg(unix)]
pub(crate) fn send(signal: EndSignal, pid: u32) {
    use rustix::process::{Pid, Signal, kill_process};
    let signal = match signal {
        EndSignal::Interrupt => Signal::INT,
        EndSignal::Terminate => Signal::TERM,
    };
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
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
pub(crate) fn end_signal() -> Result<impl Future<Output = EndSignal>, Failure> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        EndSignal::Interrupt
    })
}

#[cfg(not(unix))]
pub(crate) fn send(_signal: EndSignal, _pid: u32) {}

#[cfg(not(unix))]
pub(crate) fn ignore_file_size_signal() -> Result<(), Failure> {
    Ok(())
}
