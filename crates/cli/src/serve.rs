//! `guanxi serve`: a community from its data directory.

use crate::{Failure, SettingsArgs, block_on, log, open, stop};
use guanxi_server::settings::Listen;
use guanxi_server::{App, Settings, Site, operator, serve, site};
use std::net::SocketAddr;
use std::pin::pin;
use std::process::ExitCode;
use tokio::net::TcpListener;

/// Serves until it is told to stop.
pub(crate) fn run(args: &SettingsArgs) -> Result<ExitCode, Failure> {
    let mut settings = args.load()?;
    log::start(&settings, "info")?;
    for warning in settings.warnings() {
        tracing::warn!("settings: {warning}");
    }
    block_on(async move {
        let mut stop = pin!(stop::told()?);
        // A database may be waited for.
        let store = tokio::select! {
            store = open::store(&settings) => store?,
            () = &mut stop => return Ok(()),
        };
        let listeners = listen(&mut settings).await?;
        let vault = open::vault(&store, &settings).await?;
        let app = App::new(store, vault, &settings)?;
        let (address, data) = (settings.listen, open::place(&settings));
        let operators =
            settings.operator_listen.0.map_or("nowhere".to_owned(), |address| address.to_string());
        tracing::info!(%address, %operators, %data, "serving");
        #[cfg(target_os = "linux")]
        tell_ready();
        serve::serve(listeners.with_sites(&app, &settings), app, &settings, stop).await;
        Ok(())
    })?;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Tells systemd, if it waits for that, that requests are accepted from now on.
#[cfg(target_os = "linux")]
fn tell_ready() {
    if let Err(error) = sd_notify::notify(&[sd_notify::NotifyState::Ready]) {
        tracing::warn!(%error, "who started the service could not be told that it is ready");
    }
}

/// Where members and operators reach the service.
pub(crate) struct Listeners {
    members: TcpListener,
    operators: Option<TcpListener>,
}

impl Listeners {
    /// Each with what it answers.
    pub(crate) fn with_sites(self, app: &App, settings: &Settings) -> Vec<(TcpListener, Site)> {
        let members = (self.members, site(app.clone(), settings.compress_from_bytes));
        let operators = self.operators.map(|listener| (listener, operator::site(app.clone())));
        [members].into_iter().chain(operators).collect()
    }
}

/// Takes the addresses that the settings name; a port that was left open is known then.
pub(crate) async fn listen(settings: &mut Settings) -> Result<Listeners, Failure> {
    let members = bind(settings.listen).await?;
    settings.listen = members.local_addr()?;
    let operators = match settings.operator_listen {
        Listen(Some(address)) => Some(bind(address).await?),
        Listen(None) => None,
    };
    let address = operators.as_ref().map(TcpListener::local_addr).transpose()?;
    settings.operator_listen = Listen(address);
    Ok(Listeners { members, operators })
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    Ok(TcpListener::bind(address).await.map_err(|error| format!("cannot listen on {address}: {error}"))?)
}
