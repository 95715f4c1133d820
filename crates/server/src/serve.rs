//! The service on a socket: HTTP/1.1 and HTTP/2, with limits on connections and on what is in flight, and an orderly end.

use crate::app::App;
use crate::log_throttle::LogThrottle;
use crate::net::connection::{Connection, Timeouts};
use crate::net::quota::Quotas;
use crate::net::request::{HTTP2_HEAD_BYTES, answer_request};
use crate::net::stream::WatchedStream;
use crate::net::table::{Limits, Place, Refusal, Table};
use crate::raw_query::RawQuery;
use crate::sender::PeerAddr;
use crate::settings::{Settings, seconds};
use crate::site::Site;
use crate::tend;
use futures_util::FutureExt;
use futures_util::future::join_all;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

/// The time until the next try to admit a connection for which the system, or the table, had no room.
const BREATH: Duration = Duration::from_millis(50);

/// The time between two looks for connections that are overdue.
const SWEEP: Duration = Duration::from_secs(1);

/// The window of an HTTP/2 connection for the bodies of its requests, and that of one stream of it.
const HTTP2_WINDOW: (u32, u32) = (262_144, 65_536);

/// The least buffer that the HTTP/1 library takes.
const LEAST_BUFFER: usize = 8_192;

/// The number of streams of a connection that its peer may reset before the service accepts them.
const HTTP2_RESETS: usize = 20;

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
    let grace = Duration::from_secs(u64::from(settings.shutdown_grace_seconds));
    tokio::select! {
        () = serve_until(listener, &server, grace, stop) => {}
        () = sweep(&server.table) => {}
    }
}

/// Serves connections until `stop` is there, then finishes the requests in flight.
async fn serve_until(
    listener: TcpListener,
    server: &Arc<Server>,
    grace: Duration,
    stop: impl Future<Output = ()>,
) {
    let connections = GracefulShutdown::new();
    tokio::select! {
        () = stop => {}
        () = accept_all(&listener, server, &connections) => {}
    }
    drop(listener);
    tracing::info!(connections = connections.count(), "stopping: requests in flight are finished");
    if tokio::time::timeout(grace, connections.shutdown()).await.is_err() {
        tracing::warn!(?grace, "requests were still in flight when their time was up");
    }
}

/// Closes connections that are overdue, for as long as it is polled.
async fn sweep(table: &Table) {
    let mut ticks = interval(SWEEP);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        table.close_overdue(Instant::now());
    }
}

async fn accept_all(listener: &TcpListener, server: &Arc<Server>, connections: &GracefulShutdown) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let peer = PeerAddr(peer);
                let Some(place) = admit(&server.table, peer).await else { continue };
                let (server, watcher) = (Arc::clone(server), connections.watcher());
                let connection = Arc::clone(&place.connection);
                let task = tokio::spawn(async move {
                    // Small answers should not wait for more to send; a socket that cannot be told so still works.
                    let _ = stream.set_nodelay(true);
                    server.serve(stream, peer, &place.connection, watcher).await;
                });
                connection.set_task(task.abort_handle());
            }
            Err(error) => {
                static THROTTLE: LogThrottle = LogThrottle::new();
                if let Some(occurrences) = THROTTLE.count() {
                    tracing::warn!(%error, occurrences, "a connection could not be accepted");
                }
                // A file descriptor that an idle connection holds may be what is missing.
                server.table.close_longest_idle();
                sleep(BREATH).await;
            }
        }
    }
}

/// A place for a connection, which may have to wait for one; `None` if its address has as many as it may.
async fn admit(table: &Arc<Table>, PeerAddr(peer): PeerAddr) -> Option<Place> {
    static THROTTLE: LogThrottle = LogThrottle::new();
    loop {
        match table.admit(peer.ip()) {
            Ok(place) => return Some(place),
            Err(Refusal::AllBusy) => sleep(BREATH).await,
            Err(Refusal::Address) => {
                if let Some(occurrences) = THROTTLE.count() {
                    tracing::warn!(
                        occurrences,
                        "connection refused: its address has connections_per_address"
                    );
                }
                return None;
            }
        }
    }
}

struct Server {
    site: Site,
    http: auto::Builder<TokioExecutor>,
    head_limit: usize,
    table: Arc<Table>,
}

impl Server {
    fn new(site: Site, settings: &Settings) -> Server {
        let timeouts = Timeouts {
            header: seconds(settings.header_timeout_seconds),
            idle: seconds(settings.idle_timeout_seconds),
        };
        let limits = Limits {
            connections: settings.connection_limit.get() as usize,
            per_address: settings.connections_per_address.get() as usize,
            timeouts,
            trusted: settings.trusted_proxies.clone(),
        };
        let mebibytes = settings.in_flight_mib.get() as usize;
        let quotas = Quotas::new(settings.request_limit.get() as usize, mebibytes.saturating_mul(1 << 20));
        let head_limit = settings.head_limit_bytes.get();
        Server {
            site,
            http: http(head_limit, settings.http2_streams.get()),
            head_limit: head_limit as usize,
            table: Table::new(limits, Arc::new(quotas)),
        }
    }

    async fn serve<S>(&self, stream: S, peer: PeerAddr, connection: &Arc<Connection>, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let stream = WatchedStream::new(stream, Arc::clone(connection));
        let service = service_fn(|mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(peer);
            let answer = answer_request(self.site.clone(), request, connection.begin(), self.head_limit);
            answer.map(Ok::<_, Infallible>)
        });
        let served = self.http.serve_connection(TokioIo::new(RawQuery::new(stream)), service);
        if let Err(error) = watcher.watch(served).await {
            note_end(&*error);
        }
    }
}

/// HTTP as the service speaks it. The table closes connections that are overdue, so that no timer of the library does.
fn http(head_limit: u32, streams: u32) -> auto::Builder<TokioExecutor> {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1().max_buf_size((head_limit as usize).max(LEAST_BUFFER)).header_read_timeout(None::<Duration>);
    http.http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(streams)
        // The library answers a head larger than this without a body; the service itself refuses those above its limit.
        .max_header_list_size(head_limit.min(HTTP2_HEAD_BYTES) + HTTP2_HEAD_BYTES / 4)
        .initial_connection_window_size(HTTP2_WINDOW.0)
        .initial_stream_window_size(HTTP2_WINDOW.1)
        .max_pending_accept_reset_streams(HTTP2_RESETS);
    http
}

/// Notes why a connection ended. Clients come and go as they like, but one that resets streams without end is attacking.
fn note_end(error: &(dyn Error + 'static)) {
    static THROTTLE: LogThrottle = LogThrottle::new();
    if http2_reason(error) != Some(h2::Reason::ENHANCE_YOUR_CALM) {
        tracing::debug!(%error, "a connection ended");
    } else if let Some(occurrences) = THROTTLE.count() {
        tracing::warn!(occurrences, "connection closed: its peer reset too many streams");
    }
}

/// The reason that HTTP/2 gave, if it is a cause of an error.
fn http2_reason(error: &(dyn Error + 'static)) -> Option<h2::Reason> {
    match error.downcast_ref::<h2::Error>() {
        Some(error) => error.reason(),
        None => http2_reason(error.source()?),
    }
}

#[cfg(test)]
mod tests;
