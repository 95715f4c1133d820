//! `guanxi bench limit`: fixed bodies over the HTTP stack of the service.

use crate::{Failure, SettingsArgs, block_on, log, signals, terminal};
use guanxi_loadtest::baseline;
use guanxi_server::net::listener;
use std::process::ExitCode;
use tokio::net::TcpListener;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Serves `/limit/N` until a shutdown signal. Prints its base URL as the first line.
pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let settings = args.settings.load()?;
    log::init(&settings, "warn")?;
    block_on(async {
        let stop = signals::shutdown_signal()?;
        let in_use = |error| format!("cannot listen on {}: {error}", settings.listen);
        let listener = TcpListener::bind(settings.listen).await.map_err(in_use)?;
        terminal::print(format_args!("http://{}", listener.local_addr()?))?;
        let service = baseline::service(settings.compression_min_bytes);
        listener::serve_without_jobs(vec![(listener, service)], &settings, stop).await;
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}
