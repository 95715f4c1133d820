//! What the system tells the program by signals.

use crate::Failure;

/// Waits until the program is told to stop, by Ctrl-C or SIGTERM.
#[cfg(unix)]
pub(crate) fn told() -> Result<impl Future<Output = ()>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => (),
            _ = terminate.recv() => (),
        }
    })
}

/// A file that may not grow any more is a write that fails, and no reason to end: whoever has a handler for the signal gets
/// the error instead. Once there, a handler stays.
#[cfg(unix)]
pub(crate) fn survive_file_limits() -> Result<(), Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    /// SIGXFSZ, on Linux and macOS alike.
    const FILE_TOO_LARGE: i32 = 25;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let _context = runtime.enter();
    signal(SignalKind::from_raw(FILE_TOO_LARGE)).map(drop)?;
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn told() -> Result<impl Future<Output = ()>, Failure> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

#[cfg(not(unix))]
pub(crate) fn survive_file_limits() -> Result<(), Failure> {
    Ok(())
}
