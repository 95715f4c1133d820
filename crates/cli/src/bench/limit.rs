//! `guanxi bench limit`: fixed bodies by the service's own HTTP loop.

use crate::{Failure, SettingsArgs, block_on, log, stop};
use guanxi_loadtest::limit;
use guanxi_server::serve;
use std::process::ExitCode;
use tokio::net::TcpListener;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Answers `/limit/N` until it is told to stop; its address is its first line.
pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let settings = args.settings.load()?;
    log::start(&settings, "warn")?;
    block_on(async {
        let stop = stop::told()?;
        let taken = |error| format!("cannot listen on {}: {error}", settings.listen);
        let listener = TcpListener::bind(settings.listen).await.map_err(taken)?;
        log::print(format_args!("http://{}", listener.local_addr()?))?;
        serve::answer(vec![(listener, limit::site(settings.compress_from_bytes))], &settings, stop).await;
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}
