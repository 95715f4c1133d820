//! `guanxi serve`: the service of a community.

use crate::store_watch::StoreWatch;
use crate::{Failure, SettingsArgs, block_on, log, signals, storage};
use guanxi_server::config::OptionalListenAddr;
use guanxi_server::net::listener;
use guanxi_server::request_log::AccessLog;
use guanxi_server::{App, HttpService, Settings, operator, service};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// Serves until a shutdown signal, or until the store fails.
pub(crate) fn run(args: &SettingsArgs) -> Result<ExitCode, Failure> {
    let mut settings = args.load()?;
    let access_log = log::init(&settings, "info")?;
    for warning in settings.warnings() {
        tracing::warn!("settings: {warning}");
    }
    let watch = block_on(async move {
        let mut stop = pin!(signals::shutdown_signal()?);
        // The database may need time to start.
        let store = tokio::select! {
            store = storage::open(&settings) => store?,
            () = &mut stop => return Ok(StoreWatch::default()),
        };
        let mut watch = StoreWatch::new(&store);
        let archiver = storage::start_archive(&store, &settings).await?;
        let listeners = bind_listeners(&mut settings, PortFallback::default()).await?;
        let cipher = storage::field_cipher(&store, &settings).await?;
        let app = App::new(store, cipher, &settings)?;
        let (address, data) = (settings.listen, storage::location(&settings));
        let operators = settings.operator_listen.0.map_or("none".to_owned(), |address| address.to_string());
        let sites = listeners.with_services(&app, &settings, access_log.as_ref())?;
        tracing::info!(%address, %operators, %data, "serving");
        #[cfg(target_os = "linux")]
        notify_systemd();
        listener::serve(sites, app, &settings, watch.stop_or_failure(stop)).await;
        if let Some(archiver) = archiver {
            let grace = Duration::from_secs(u64::from(settings.shutdown_grace_seconds));
            archiver.stop(grace).await;
        }
        Ok(watch)
    })?;
    let exit_code = watch.exit_code()?;
    tracing::info!("stopped");
    Ok(exit_code)
}

/// Notifies systemd that the service accepts requests.
#[cfg(target_os = "linux")]
fn notify_systemd() {
    if let Err(error) = sd_notify::notify(&[sd_notify::NotifyState::Ready]) {
        tracing::warn!(%error, "systemd readiness notification failed");
    }
}

/// The listeners for members and operators.
pub(crate) struct Listeners {
    members: TcpListener,
    operators: Option<TcpListener>,
}

impl Listeners {
    /// Pairs each listener with its service, which has an access log.
    pub(crate) fn with_services(
        self,
        app: &App,
        settings: &Settings,
        access_log: Option<&Arc<dyn AccessLog>>,
    ) -> Result<Vec<(TcpListener, HttpService)>, Failure> {
        let members = (self.members, service(app.clone(), settings)?);
        let operators = self.operators.map(|listener| (listener, operator::service(app.clone())));
        let services = [members].into_iter().chain(operators);
        let logged = services.map(|(listener, site)| (listener, site.with_access_log(access_log.cloned())));
        Ok(logged.collect())
    }
}

/// The listeners for which a free port may replace a port that is in use.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PortFallback {
    pub(crate) members: bool,
    pub(crate) operators: bool,
}

/// Binds the addresses in the settings, and sets them to the bound addresses.
pub(crate) async fn bind_listeners(
    settings: &mut Settings,
    fallback: PortFallback,
) -> Result<Listeners, Failure> {
    let members = bind(settings.listen, fallback.members).await?;
    settings.listen = members.local_addr()?;
    let operators = match settings.operator_listen {
        OptionalListenAddr(Some(address)) => Some(bind(address, fallback.operators).await?),
        OptionalListenAddr(None) => None,
    };
    let address = operators.as_ref().map(TcpListener::local_addr).transpose()?;
    settings.operator_listen = OptionalListenAddr(address);
    Ok(Listeners { members, operators })
}

/// Binds an address, or a free port of it if the port is in use and may be replaced.
pub(crate) async fn bind(address: SocketAddr, has_fallback: bool) -> Result<TcpListener, Failure> {
    let bound = match TcpListener::bind(address).await {
        Err(error) if has_fallback && error.kind() == ErrorKind::AddrInUse => {
            TcpListener::bind(SocketAddr::new(address.ip(), 0)).await
        }
        bound => bound,
    };
    Ok(bound.map_err(|error| format!("cannot listen on {address}: {error}"))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns settings whose addresses are in use, and the listener that uses them.
    async fn settings_in_use() -> (Settings, TcpListener) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let operator_listen = OptionalListenAddr(Some(address));
        (Settings { listen: address, operator_listen, ..Settings::default() }, listener)
    }

    #[tokio::test]
    async fn port_in_use_is_replaced_with_a_fallback() {
        let (mut settings, listener) = settings_in_use().await;
        let in_use = listener.local_addr().unwrap();
        let fallback = PortFallback { members: true, operators: true };
        let bound = bind_listeners(&mut settings, fallback).await.unwrap();
        assert_ne!(settings.listen.port(), in_use.port());
        assert_ne!(settings.operator_listen.0.unwrap().port(), in_use.port());
        assert_eq!(bound.members.local_addr().unwrap(), settings.listen);
        assert_eq!(bound.operators.unwrap().local_addr().ok(), settings.operator_listen.0);
    }

    #[tokio::test]
    async fn port_in_use_is_an_error_without_a_fallback() {
        let fallbacks = [(true, false), (false, true), (false, false)];
        for (members, operators) in fallbacks {
            let (mut settings, listener) = settings_in_use().await;
            let error = bind_listeners(&mut settings, PortFallback { members, operators }).await;
            let error = error.err().unwrap().to_string();
            assert!(error.contains(&listener.local_addr().unwrap().to_string()), "{error}");
        }
    }
}
