//! The service on a socket: HTTP/1.1 and HTTP/2, with patience, a limit of connections, and an orderly end.

use crate::app::App;
use crate::patience::{Activity, Patience, Stream};
use crate::raw_query::RawQuery;
use crate::sender::Peer;
use crate::settings::{Settings, seconds};
use crate::site::Site;
use crate::tend;
use axum::body::Body;
use futures_util::FutureExt;
use futures_util::future::join_all;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// How long to wait before the next `accept` when the system had no room for one.
const BREATH: Duration = Duration::from_millis(50);

/// Serves each site where it listens until `stop` is there, then finishes the requests in flight, for as long as the
/// settings grant them.
pub async fn serve(
    listening: Vec<(TcpListener, Site)>,
    app: App,
    settings: &Settings,
    stop: impl Future<Output = ()>,
) {
    let tending = tokio::spawn(tend::tend(app));
    answer(listening, settings, stop).await;
    tending.abort();
}

/// Serves sites likewise that have no store for the clock to look at.
pub async fn answer(
    listening: Vec<(TcpListener, Site)>,
    settings: &Settings,
    stop: impl Future<Output = ()>,
) {
    let stop = stop.shared();
    join_all(listening.into_iter().map(|(listener, site)| listen(listener, site, settings, stop.clone())))
        .await;
}

async fn listen(listener: TcpListener, site: Site, settings: &Settings, stop: impl Future<Output = ()>) {
    let server = Arc::new(Server::new(site, settings));
    let room = Arc::new(Semaphore::new(settings.connection_limit.get() as usize));
    let connections = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &room) => accepted,
        };
        let Some((stream, peer, place)) = accepted else { continue };
        let (server, watcher) = (Arc::clone(&server), connections.watcher());
        tokio::spawn(async move {
            server.connection(stream, peer, watcher).await;
            drop(place);
        });
    }
    drop(listener);
    let grace = Duration::from_secs(u64::from(settings.shutdown_grace_seconds));
    tracing::info!(connections = connections.count(), "stopping: requests in flight are finished");
    if tokio::time::timeout(grace, connections.shutdown()).await.is_err() {
        tracing::warn!(?grace, "requests were still in flight when their time was up");
    }
}

/// The next connection, and its place among those that may be open.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Option<(TcpStream, Peer, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(room).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, Peer(peer), place)),
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(BREATH).await;
            None
        }
    }
}

struct Server {
    site: Site,
    http: auto::Builder<TokioExecutor>,
    patience: Patience,
}

impl Server {
    fn new(site: Site, settings: &Settings) -> Server {
        let patience = Patience {
            header: seconds(settings.header_timeout_seconds),
            idle: seconds(settings.idle_timeout_seconds),
        };
        let mut http = auto::Builder::new(TokioExecutor::new());
        // Our own stream ends slow heads sooner; hyper's timer also ends one that never becomes a request.
        http.http1().timer(TokioTimer::new()).header_read_timeout(patience.header + patience.idle);
        http.http2().timer(TokioTimer::new()).max_concurrent_streams(32);
        Server { site, http, patience }
    }

    async fn connection(
        &self,
        stream: TcpStream,
        peer: Peer,
        watcher: hyper_util::server::graceful::Watcher,
    ) {
        // Small answers should not wait for more to send; a socket that cannot be told so still works.
        let _ = stream.set_nodelay(true);
        let activity = Activity::new();
        let stream = Stream::new(stream, self.patience, Arc::clone(&activity));
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(peer);
            let (site, in_flight) = (self.site.clone(), activity.begin());
            async move {
                let response = site.answer(request.map(Body::new)).await;
                drop(in_flight);
                Ok::<_, Infallible>(response)
            }
        });
        let connection = self.http.serve_connection(TokioIo::new(RawQuery::new(stream)), service);
        if let Err(error) = watcher.watch(connection).await {
            // Clients come and go as they like; what they do wrong is theirs.
            tracing::debug!(%error, "a connection ended");
        }
    }
}
