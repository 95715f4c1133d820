//! Tests of a server over in-memory streams, with the paused time of tokio.

use super::*;
use crate::http::params;
use crate::net::body::HTTP2_RESPONSE_BYTES;
use crate::net::route_table::RouteTable;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{Method, StatusCode};
use std::net::{IpAddr, SocketAddr};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// The size of `/page`, in bytes.
const PAGE_BYTES: usize = 100 << 10;

/// A server whose connections are in-memory streams.
struct Rig {
    server: Arc<Server>,
    connections: GracefulShutdown,
    /// The permits that requests to `/wait` need to finish.
    gate: Arc<Semaphore>,
    sweeping: JoinHandle<()>,
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.sweeping.abort();
    }
}

async fn read_body_length(request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match params::read_body(body, &parts.headers, 65_536, Duration::from_secs(10)).await {
        Ok(body) => body.len().to_string().into_response(),
        Err(error) => crate::http::response::ApiError::Http(error).into_response(),
    }
}

impl Rig {
    fn new(change: impl FnOnce(&mut Settings)) -> Rig {
        let mut settings = Settings::default();
        change(&mut settings);
        let gate = Arc::new(Semaphore::new(0));
        let wait = |permits: Arc<Semaphore>, _| async move {
            permits.acquire().await.unwrap().forget();
            StatusCode::OK.into_response()
        };
        let routes = RouteTable::default()
            .route(Method::GET, "/small", |_, _| async { "small".into_response() })
            .route(Method::GET, "/page", |_, _| async { "x".repeat(PAGE_BYTES).into_response() })
            .route(Method::GET, "/wait", wait)
            .route(Method::POST, "/take", |_, request| read_body_length(request));
        let service = HttpService::new(routes.with_state(Arc::clone(&gate)));
        let server = Arc::new(Server::new(PlainTcp, service, &settings));
        let table = Arc::clone(&server.table);
        let sweeping = tokio::spawn(async move { close_overdue_connections(&table).await });
        Rig { server, connections: GracefulShutdown::new(), gate, sweeping }
    }

    /// Opens a connection of a client. `buffer` is the buffer size of each direction, in bytes.
    fn open(&self, client: u8, buffer: usize) -> Option<DuplexStream> {
        let peer = PeerAddr(SocketAddr::new(IpAddr::from([36, 40, 120, client]), 4_711));
        let slot = self.server.table.admit(peer.0.ip()).ok()?;
        let (near, far) = duplex(buffer);
        let (server, watcher) = (Arc::clone(&self.server), self.connections.watcher());
        let connection = Arc::clone(&slot.connection);
        let task = tokio::spawn(async move {
            server.serve(near, peer, Extensions::new(), &slot.connection, watcher).await;
        });
        connection.set_task(task.abort_handle());
        Some(far)
    }

    fn connect(&self, client: u8) -> DuplexStream {
        self.open(client, 64 << 10).unwrap()
    }

    /// Returns the requests and the bytes in flight.
    fn in_flight(&self) -> (usize, usize) {
        let quotas = self.server.table.quotas();
        (quotas.requests.in_use(), quotas.bytes.in_use())
    }

    /// Runs all tasks until they wait for time or input.
    async fn run_ready_tasks(&self) {
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
    }
}

/// Reads the status of the next HTTP/1 response.
async fn status(stream: &mut DuplexStream) -> Option<u16> {
    let mut line = [0; 12];
    stream.read_exact(&mut line).await.ok()?;
    std::str::from_utf8(&line).ok()?.strip_prefix("HTTP/1.1 ")?.parse().ok()
}

async fn send_get(stream: &mut DuplexStream, path: &str) {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).await.unwrap();
}

type Http2 = (h2::client::SendRequest<Bytes>, h2::client::Connection<DuplexStream>);

/// Opens an HTTP/2 connection whose peer accepts `window` bytes of each response.
async fn http2(stream: DuplexStream, window: u32) -> Http2 {
    let mut builder = h2::client::Builder::new();
    builder
        .initial_connection_window_size(1 << 20)
        .initial_window_size(window)
        .handshake(stream)
        .await
        .unwrap()
}

async fn send(sender: &mut h2::client::SendRequest<Bytes>, path: &str) -> h2::client::ResponseFuture {
    let request = http::Request::get(format!("http://x{path}")).body(()).unwrap();
    std::future::poll_fn(|cx| sender.poll_ready(cx)).await.unwrap();
    sender.send_request(request, true).unwrap().0
}

/// Returns the number of seconds until the server closes an HTTP/2 connection. Calls `tick` each second.
async fn seconds_until_end(
    mut connection: h2::client::Connection<DuplexStream>,
    mut tick: impl FnMut(u32, &mut h2::client::Connection<DuplexStream>),
) -> u32 {
    for second in 1..1_000 {
        tokio::select! {
            _ = &mut connection => return second,
            () = sleep(Duration::from_secs(1)) => tick(second, &mut connection),
        }
    }
    u32::MAX
}

#[tokio::test(start_paused = true)]
async fn unread_http2_responses_stay_within_the_quota() {
    // The share of one client is 1 MiB.
    let rig = Rig::new(|settings| settings.in_flight_mib = 4.try_into().unwrap());
    let (mut senders, mut statuses) = (Vec::new(), Vec::new());
    for _ in 0..8 {
        let (mut sender, connection) = http2(rig.connect(1), 0).await;
        tokio::spawn(connection);
        for _ in 0..16 {
            let response = send(&mut sender, "/page").await.await.unwrap();
            statuses.push(response.status().as_u16());
            assert!(rig.in_flight().1 <= 1 << 20, "{:?}", rig.in_flight());
            senders.push((sender.clone(), response));
        }
    }
    let done = statuses.iter().filter(|status| **status == 200).count();
    let each = PAGE_BYTES + HTTP2_RESPONSE_BYTES;
    assert_eq!((done, statuses.len()), ((1 << 20) / each, 128), "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 503].contains(status)), "{statuses:?}");
    assert_eq!(
        rig.in_flight(),
        (0, done * each),
        "a response that waits for its peer is not a request in flight"
    );
    let mut other = rig.connect(2);
    send_get(&mut other, "/page").await;
    assert_eq!(status(&mut other).await, Some(200), "another client has its own share");
    sleep(Duration::from_secs(12)).await;
    rig.run_ready_tasks().await;
    drop(other);
    rig.run_ready_tasks().await;
    assert_eq!(rig.in_flight(), (0, 0));
    assert_eq!(rig.server.table.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn http2_peer_without_window_is_disconnected() {
    for kind in ["silence", "pings", "a byte a second"] {
        let rig = Rig::new(|_| ());
        let (mut sender, mut connection) = http2(rig.connect(1), 0).await;
        let mut pings = connection.ping_pong().unwrap();
        let response = tokio::spawn(send_page(sender.clone()));
        let seconds = seconds_until_end(connection, |second, connection| match kind {
            "pings" => drop(pings.send_ping(h2::Ping::opaque())),
            "a byte a second" => connection.set_initial_window_size(second).unwrap(),
            _ => (),
        })
        .await;
        assert!((10..=13).contains(&seconds), "{kind}: {seconds} s");
        drop(response);
        assert!(std::future::poll_fn(|cx| sender.poll_ready(cx)).await.is_err());
    }
}

async fn send_page(mut sender: h2::client::SendRequest<Bytes>) -> h2::client::ResponseFuture {
    send(&mut sender, "/page").await
}

#[tokio::test(start_paused = true)]
async fn slow_http2_peer_gets_the_whole_response() {
    let rig = Rig::new(|_| ());
    let (sender, connection) = http2(rig.connect(1), 0).await;
    let response = tokio::spawn(async move {
        let mut body = send_page(sender).await.await.unwrap().into_body();
        let mut length = 0;
        while let Some(data) = body.data().await {
            length += data.unwrap().len();
        }
        length
    });
    // At twice the minimum rate the page takes 13 s, which is longer than the header timeout.
    let step = u32::try_from(2 * crate::net::connection::MIN_RATE).unwrap();
    let driver = seconds_until_end(connection, move |second, connection| {
        connection.set_initial_window_size(second * step).unwrap();
    });
    let driver = tokio::spawn(driver);
    assert_eq!(response.await.unwrap(), PAGE_BYTES);
    driver.abort();
}

#[tokio::test(start_paused = true)]
async fn http1_peer_below_the_minimum_rate_is_disconnected() {
    let rate = usize::try_from(crate::net::connection::MIN_RATE).unwrap();
    for (bytes_a_second, is_complete) in [(0, false), (1, false), (rate / 4, false), (2 * rate, true)] {
        let rig = Rig::new(|_| ());
        let mut stream = rig.open(1, 1_024).unwrap();
        send_get(&mut stream, "/page").await;
        let (mut read, mut seconds) = (0, 0);
        while read < PAGE_BYTES && rig.server.table.len() > 0 {
            sleep(Duration::from_secs(1)).await;
            seconds += 1;
            for _ in 0..bytes_a_second {
                match stream.read(&mut [0]).await.unwrap() {
                    0 => break,
                    bytes => read += bytes,
                }
            }
        }
        assert_eq!(read >= PAGE_BYTES, is_complete, "{bytes_a_second} bytes a second: {read} in {seconds} s");
        assert!(is_complete || seconds <= 16, "{bytes_a_second} bytes a second: {read} in {seconds} s");
        drop(stream);
        rig.run_ready_tasks().await;
        assert_eq!(rig.in_flight(), (0, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn unfinished_heads_stay_within_the_quota() {
    // The share of one client is 256 KiB.
    let rig = Rig::new(|settings| settings.in_flight_mib = 1.try_into().unwrap());
    let mut streams = Vec::new();
    for _ in 0..20 {
        let mut stream = rig.connect(1);
        stream.write_all(format!("GET / HTTP/1.1\r\nx: {}", "y".repeat(32 << 10)).as_bytes()).await.unwrap();
        rig.run_ready_tasks().await;
        assert!(rig.in_flight().1 <= 256 << 10, "{:?}", rig.in_flight());
        streams.push(stream);
    }
    assert!(rig.server.table.len() <= 11, "{} connections", rig.server.table.len());
    let mut other = rig.connect(2);
    send_get(&mut other, "/small").await;
    assert_eq!(status(&mut other).await, Some(200));
    sleep(Duration::from_secs(12)).await;
    assert_eq!((rig.in_flight(), rig.server.table.len()), ((0, 0), 1));
}

#[tokio::test(start_paused = true)]
async fn unfinished_bodies_stay_within_the_quota() {
    let rig = Rig::new(|settings| settings.in_flight_mib = 1.try_into().unwrap());
    let mut streams = Vec::new();
    for _ in 0..20 {
        let mut stream = rig.connect(1);
        let body = "x".repeat(60_000);
        let request = format!("POST /take HTTP/1.1\r\nhost: x\r\ncontent-length: 65536\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).await.unwrap();
        rig.run_ready_tasks().await;
        assert!(rig.in_flight().1 <= 256 << 10, "{:?}", rig.in_flight());
        streams.push(stream);
    }
    let mut statuses = Vec::new();
    for stream in &mut streams {
        statuses.push(status(stream).await);
    }
    let slow = statuses.iter().filter(|status| **status == Some(408)).count();
    let rejected = statuses.iter().filter(|status| **status == Some(503)).count();
    assert_eq!((slow, rejected), (4, 16), "{statuses:?}");
    drop(streams);
    rig.run_ready_tasks().await;
    assert_eq!(rig.in_flight(), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn requests_over_the_limit_are_503_at_once() {
    // The share of one client is 2 requests.
    let rig = Rig::new(|settings| settings.request_limit = 8.try_into().unwrap());
    let mut waiting = Vec::new();
    for _ in 0..2 {
        let mut stream = rig.connect(1);
        send_get(&mut stream, "/wait").await;
        waiting.push(stream);
    }
    let (mut sender, connection) = http2(rig.connect(2), 65_535).await;
    tokio::spawn(connection);
    let streams = [send(&mut sender, "/wait").await, send(&mut sender, "/wait").await];
    rig.run_ready_tasks().await;
    // HTTP/2 heads are counted at any size: twice the 5 bytes of `/wait`.
    assert_eq!(rig.in_flight(), (4, 10));
    let mut third = rig.connect(1);
    send_get(&mut third, "/small").await;
    let mut response = [0; 512];
    let length = third.read(&mut response).await.unwrap();
    let response = std::str::from_utf8(&response[..length]).unwrap();
    assert!(
        response.starts_with("HTTP/1.1 503 ") && response.contains("\r\nretry-after: 1\r\n"),
        "{response}"
    );
    let rejected = send(&mut sender, "/small").await.await.unwrap();
    assert_eq!(rejected.status(), StatusCode::SERVICE_UNAVAILABLE);
    rig.gate.add_permits(4);
    for stream in &mut waiting {
        assert_eq!(status(stream).await, Some(200));
    }
    for response in streams {
        assert_eq!(response.await.unwrap().status(), StatusCode::OK);
    }
    send_get(&mut third, "/small").await;
    assert_eq!(status(&mut third).await, Some(200));
    rig.run_ready_tasks().await;
    assert_eq!(rig.in_flight(), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn idle_connections_are_closed_at_the_limit_and_in_time() {
    let rig = Rig::new(|settings| {
        settings.connection_limit = 64.try_into().unwrap();
        settings.connections_per_address = 16.try_into().unwrap();
    });
    let mut silent: Vec<DuplexStream> = (0..20).filter_map(|_| rig.open(1, 1_024)).collect();
    assert_eq!(silent.len(), 16);
    silent.extend((0..48).map(|client| rig.connect(2 + client / 16)));
    let mut stream = rig.connect(5);
    send_get(&mut stream, "/small").await;
    assert_eq!(status(&mut stream).await, Some(200));
    assert_eq!(silent[0].read(&mut [0; 1]).await.unwrap(), 0, "the longest idle connection was closed");
    assert_eq!(rig.server.table.len(), 64);
    sleep(Duration::from_secs(12)).await;
    assert_eq!(rig.server.table.len(), 1, "the connection with a request is idle");
    sleep(Duration::from_mins(1)).await;
    assert_eq!(rig.server.table.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn http2_connection_without_streams_counts_as_idle() {
    let rig = Rig::new(|settings| settings.connection_limit = 1.try_into().unwrap());
    let (mut sender, connection) = http2(rig.connect(1), 65_535).await;
    let driver = tokio::spawn(connection);
    let response = send(&mut sender, "/small").await.await.unwrap();
    let body = response.into_body().data().await.unwrap().unwrap();
    assert_eq!(body, "small");
    rig.run_ready_tasks().await;
    let mut stream = rig.connect(2);
    send_get(&mut stream, "/small").await;
    assert_eq!(status(&mut stream).await, Some(200));
    // The connection may end with an error.
    let _ = driver.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn http2_heads_with_too_many_headers_are_431() {
    let rig = Rig::new(|_| ());
    let (mut sender, connection) = http2(rig.connect(1), 65_535).await;
    tokio::spawn(connection);
    for (count, expected) in [(400, StatusCode::OK), (2_000, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)] {
        let named = |request: http::request::Builder, name| request.header(format!("h{name}"), "");
        let request = (0..count).fold(http::Request::get("http://x/small"), named).body(()).unwrap();
        std::future::poll_fn(|cx| sender.poll_ready(cx)).await.unwrap();
        let response = sender.send_request(request, true).unwrap().0.await.unwrap();
        assert_eq!(response.status(), expected, "{count} headers");
    }
}

#[tokio::test(start_paused = true)]
async fn http2_heads_over_the_limit_are_431_with_an_envelope() {
    let rig = Rig::new(|_| ());
    let (mut sender, connection) = http2(rig.connect(1), 65_535).await;
    tokio::spawn(connection);
    for (length, expected) in
        [(15_000, StatusCode::OK), (17_000, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)]
    {
        let request = http::Request::get("http://x/small").header("x", "y".repeat(length)).body(()).unwrap();
        std::future::poll_fn(|cx| sender.poll_ready(cx)).await.unwrap();
        let response = sender.send_request(request, true).unwrap().0.await.unwrap();
        assert_eq!(response.status(), expected);
        let body = response.into_body().data().await.unwrap().unwrap();
        assert_eq!(body.starts_with(br#"{"code":-431,"#), expected != StatusCode::OK, "{body:?}");
    }
}
