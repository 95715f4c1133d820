//! `guanxi serve`: a community from its data directory.

use crate::{Failure, SettingsArgs, block_on, log, open};
use guanxi_server::{App, Settings, serve};
use std::process::ExitCode;
use tokio::net::TcpListener;

/// Serves until it is told to stop.
pub(crate) fn run(args: &SettingsArgs) -> Result<ExitCode, Failure> {
    let settings = args.load()?;
    log::start(&settings)?;
    let store = open::store(&settings.data, &settings)?;
    let app = App::new(store, &settings)?;
    block_on(async move {
        let listener = listen(&settings).await?;
        let address = listener.local_addr()?;
        tracing::info!(%address, data = %settings.data.display(), "serving");
        until_told(listener, app, &settings).await
    })?;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Takes the address that the settings name.
pub(crate) async fn listen(settings: &Settings) -> Result<TcpListener, Failure> {
    let address = settings.listen;
    Ok(TcpListener::bind(address).await.map_err(|error| format!("cannot listen on {address}: {error}"))?)
}

/// Serves until Ctrl-C or SIGTERM.
pub(crate) async fn until_told(listener: TcpListener, app: App, settings: &Settings) -> Result<(), Failure> {
    let stop = told()?;
    serve::serve(listener, app, settings, stop).await;
    Ok(())
}

#[cfg(unix)]
fn told() -> Result<impl Future<Output = ()>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => (),
            _ = terminate.recv() => (),
        }
    })
}

#[cfg(not(unix))]
fn told() -> Result<impl Future<Output = ()>, Failure> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
