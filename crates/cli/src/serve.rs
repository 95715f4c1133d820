//! `guanxi serve`: a community from its data directory.

use crate::{Failure, SettingsArgs, block_on, log, open, stop};
use guanxi_server::{App, Settings, serve};
use std::process::ExitCode;
use tokio::net::TcpListener;

/// Serves until it is told to stop.
pub(crate) fn run(args: &SettingsArgs) -> Result<ExitCode, Failure> {
    let settings = args.load()?;
    log::start(&settings, "info")?;
    let store = open::store(settings.data_directory(), &settings)?;
    block_on(async move {
        let vault = open::vault(&store, &settings).await?;
        let app = App::new(store, vault, &settings)?;
        let stop = stop::told()?;
        let listener = listen(&settings).await?;
        let address = listener.local_addr()?;
        tracing::info!(%address, data = %settings.data_directory().display(), "serving");
        serve::serve(listener, app, &settings, stop).await;
        Ok(())
    })?;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Takes the address that the settings name.
pub(crate) async fn listen(settings: &Settings) -> Result<TcpListener, Failure> {
    let address = settings.listen;
    Ok(TcpListener::bind(address).await.map_err(|error| format!("cannot listen on {address}: {error}"))?)
}
