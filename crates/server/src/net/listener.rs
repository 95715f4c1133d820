//! Listeners: HTTP/1.1 and HTTP/2 over TCP, with limits on connections and requests in flight, and graceful
//! shutdown.

use crate::app::App;
use crate::config::{Settings, seconds};
use crate::http::client_info::PeerAddr;
use crate::http::raw_query::RawQueryStream;
use crate::jobs;
use crate::log_throttle::LogThrottle;
use crate::net::connection::{ConnectionHandle, ConnectionState, ConnectionTimeouts};
use crate::net::connection_table::{AdmissionError, ConnectionSlot, ConnectionTable, ListenerLimits};
use crate::net::quota::Quotas;
use crate::net::request::{HTTP2_HEAD_BYTES, serve_request};
use crate::net::service::HttpService;
use crate::net::stream::TimeoutStream;
use futures_util::FutureExt;
use futures_util::future::join_all;
use http::Extensions;
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
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

/// The backoff after a connection that the system or the table could not accept.
const ACCEPT_RETRY_AFTER: Duration = Duration::from_millis(50);

/// The interval between sweeps that close overdue connections.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// The flow-control windows for request bodies of an HTTP/2 connection and of one of its streams, in bytes.
const HTTP2_WINDOW: (u32, u32) = (262_144, 65_536);

/// The minimum buffer size of the HTTP/1 library, in bytes.
const HTTP1_MIN_BUFFER: usize = 8_192;

/// The maximum number of streams that a peer may reset before the service accepts them.
const HTTP2_RESETS: usize = 20;

/// The steps from an accepted connection to its stream of requests, such as a TLS handshake. A connection whose
/// handshake exceeds the header timeout is closed.
pub trait Handshake: Send + Sync + 'static {
    /// The stream of requests.
    type Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static;

    /// Returns the stream of requests, and the extensions of each of its requests. `None` ends the connection.
    fn accept(
        &self,
        stream: TcpStream,
        connection: ConnectionHandle,
    ) -> impl Future<Output = Option<(Self::Stream, Extensions)>> + Send;
}

/// Requests over TCP without a handshake.
struct PlainTcp;

impl Handshake for PlainTcp {
    type Stream = TcpStream;

    async fn accept(&self, stream: TcpStream, _: ConnectionHandle) -> Option<(TcpStream, Extensions)> {
        Some((stream, Extensions::new()))
    }
}

/// Serves each listener, and runs the jobs, until `stop` resolves. Then waits for the requests in flight, up to the
/// grace period of the settings.
pub async fn serve(
    listeners: Vec<(TcpListener, HttpService)>,
    app: App,
    settings: &Settings,
    stop: impl Future<Output = ()>,
) {
    let jobs = tokio::spawn(jobs::run_all(app));
    serve_without_jobs(listeners, settings, stop).await;
    jobs.abort();
}

/// Does the same as [`serve`] without the jobs, for services without a store.
pub async fn serve_without_jobs(
    listeners: Vec<(TcpListener, HttpService)>,
    settings: &Settings,
    stop: impl Future<Output = ()>,
) {
    let stop = stop.shared();
    let listening = listeners
        .into_iter()
        .map(|(listener, service)| serve_with_handshake(listener, PlainTcp, service, settings, stop.clone()));
    join_all(listening).await;
}

/// Serves a listener whose connections begin with a handshake until `stop` resolves. Then waits for the requests in
/// flight, up to the grace period of the settings.
pub async fn serve_with_handshake(
    listener: TcpListener,
    handshake: impl Handshake,
    service: HttpService,
    settings: &Settings,
    stop: impl Future<Output = ()>,
) {
    let server = Arc::new(Server::new(handshake, service, settings));
    let grace = Duration::from_secs(u64::from(settings.shutdown_grace_seconds));
    tokio::select! {
        () = serve_until(listener, &server, grace, stop) => {}
        () = close_overdue_connections(&server.table) => {}
    }
}

/// Serves connections until `stop` resolves, then waits for the requests in flight.
async fn serve_until(
    listener: TcpListener,
    server: &Arc<Server<impl Handshake>>,
    grace: Duration,
    stop: impl Future<Output = ()>,
) {
    let connections = GracefulShutdown::new();
    let (open, _) = watch::channel(());
    tokio::select! {
        () = stop => {}
        () = accept_all(&listener, server, &connections, &open) => {}
    }
    drop((listener, open));
    tracing::info!(connections = connections.count(), "shutting down, waiting for requests in flight");
    if tokio::time::timeout(grace, connections.shutdown()).await.is_err() {
        tracing::warn!(?grace, "grace period over, requests in flight are dropped");
    }
}

/// Closes overdue connections while it is polled.
async fn close_overdue_connections(table: &ConnectionTable) {
    let mut ticks = interval(SWEEP_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        table.close_overdue(Instant::now());
    }
}

/// Accepts connections. Handshakes end when `open` is dropped.
async fn accept_all(
    listener: &TcpListener,
    server: &Arc<Server<impl Handshake>>,
    connections: &GracefulShutdown,
    open: &watch::Sender<()>,
) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let peer = PeerAddr(peer);
                let Some(slot) = admit(&server.table, peer).await else { continue };
                let (server, watcher) = (Arc::clone(server), connections.watcher());
                let connection = Arc::clone(&slot.connection);
                let mut closing = open.subscribe();
                let task = tokio::spawn(async move {
                    // Small responses are sent without delay. A socket without this option still works.
                    let _ = stream.set_nodelay(true);
                    let handle = ConnectionHandle::new(&slot.connection);
                    let accepted = tokio::select! {
                        biased;
                        accepted = server.handshake.accept(stream, handle) => accepted,
                        _ = closing.changed() => None,
                    };
                    if let Some((stream, extensions)) = accepted {
                        server.serve(stream, peer, extensions, &slot.connection, watcher).await;
                    }
                });
                connection.set_task(task.abort_handle());
            }
            Err(error) => {
                static THROTTLE: LogThrottle = LogThrottle::new();
                if let Some(occurrences) = THROTTLE.count() {
                    tracing::warn!(%error, occurrences, "connection could not be accepted, will retry");
                }
                // The process may be out of file descriptors. Closing an idle connection frees one.
                server.table.close_longest_idle();
                sleep(ACCEPT_RETRY_AFTER).await;
            }
        }
    }
}

/// Waits for a slot of the table. Returns `None` if the address is at its limit.
async fn admit(table: &Arc<ConnectionTable>, PeerAddr(peer): PeerAddr) -> Option<ConnectionSlot> {
    static THROTTLE: LogThrottle = LogThrottle::new();
    loop {
        match table.admit(peer.ip()) {
            Ok(slot) => return Some(slot),
            Err(AdmissionError::AllBusy) => sleep(ACCEPT_RETRY_AFTER).await,
            Err(AdmissionError::AddressLimit) => {
                if let Some(occurrences) = THROTTLE.count() {
                    tracing::warn!(
                        occurrences,
                        "address has connections_per_address connections, connection closed"
                    );
                }
                return None;
            }
        }
    }
}

struct Server<H = PlainTcp> {
    handshake: H,
    service: HttpService,
    http: auto::Builder<TokioExecutor>,
    head_limit: usize,
    table: Arc<ConnectionTable>,
}

impl<H> Server<H> {
    fn new(handshake: H, service: HttpService, settings: &Settings) -> Server<H> {
        let timeouts = ConnectionTimeouts {
            header: seconds(settings.header_timeout_seconds),
            idle: seconds(settings.idle_timeout_seconds),
        };
        let limits = ListenerLimits {
            connections: settings.connection_limit.get() as usize,
            per_address: settings.connections_per_address.get() as usize,
            timeouts,
            trusted: settings.trusted_proxies.clone(),
        };
        let mebibytes = settings.in_flight_mib.get() as usize;
        let quotas = Quotas::new(settings.request_limit.get() as usize, mebibytes.saturating_mul(1 << 20));
        let head_limit = settings.head_limit_bytes.get();
        Server {
            handshake,
            service,
            http: http_builder(head_limit, settings.http2_streams.get()),
            head_limit: head_limit as usize,
            table: ConnectionTable::new(limits, Arc::new(quotas)),
        }
    }

    async fn serve<S>(
        &self,
        stream: S,
        peer: PeerAddr,
        mut extensions: Extensions,
        connection: &Arc<ConnectionState>,
        watcher: Watcher,
    ) where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        extensions.insert(peer);
        let stream = TimeoutStream::new(stream, Arc::clone(connection));
        let service = service_fn(|mut request: hyper::Request<Incoming>| {
            request.extensions_mut().extend(extensions.clone());
            let response =
                serve_request(self.service.clone(), request, connection.start_request(), self.head_limit);
            response.map(Ok::<_, Infallible>)
        });
        let served = self.http.serve_connection(TokioIo::new(RawQueryStream::new(stream)), service);
        if let Err(error) = watcher.watch(served).await {
            log_connection_error(&*error);
        }
    }
}

/// Configures the HTTP library. The table closes overdue connections, so the library's own timers are disabled.
fn http_builder(head_limit: u32, streams: u32) -> auto::Builder<TokioExecutor> {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1()
        .max_buf_size((head_limit as usize).max(HTTP1_MIN_BUFFER))
        .header_read_timeout(None::<Duration>);
    http.http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(streams)
        // The library rejects larger heads without an envelope. The service itself rejects heads above its own,
        // lower limit.
        .max_header_list_size(head_limit.min(HTTP2_HEAD_BYTES) + HTTP2_HEAD_BYTES / 4)
        .initial_connection_window_size(HTTP2_WINDOW.0)
        .initial_stream_window_size(HTTP2_WINDOW.1)
        .max_pending_accept_reset_streams(HTTP2_RESETS);
    http
}

/// Logs the error of a connection. Disconnects are normal, but a peer that resets streams without end is an
/// attacker.
fn log_connection_error(error: &(dyn Error + 'static)) {
    static THROTTLE: LogThrottle = LogThrottle::new();
    if http2_reason(error) != Some(h2::Reason::ENHANCE_YOUR_CALM) {
        tracing::debug!(%error, "connection ended with an error");
    } else if let Some(occurrences) = THROTTLE.count() {
        tracing::warn!(occurrences, "peer reset too many streams, connection closed");
    }
}

/// Returns the HTTP/2 reason in the causes of an error.
fn http2_reason(error: &(dyn Error + 'static)) -> Option<h2::Reason> {
    match error.downcast_ref::<h2::Error>() {
        Some(error) => error.reason(),
        None => http2_reason(error.source()?),
    }
}

#[cfg(test)]
mod tests;
