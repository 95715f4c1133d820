//! A server over streams in memory: what is in flight is counted, and time is tokio's.

use super::*;
use crate::form;
use crate::net::body::HTTP2_ANSWER_BYTES;
use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use http::StatusCode;
use std::net::{IpAddr, SocketAddr};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// The bytes of `/page`.
const PAGE: usize = 100 << 10;

/// A server whose connections are pairs of streams in memory.
struct Rig {
    server: Arc<Server>,
    connections: GracefulShutdown,
    /// Requests to `/wait` end when there is a permit for them.
    gate: Arc<Semaphore>,
    sweeping: JoinHandle<()>,
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.sweeping.abort();
    }
}

async fn take(request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match form::collect(body, &parts.headers, 65_536, Duration::from_secs(10)).await {
        Ok(whole) => whole.len().to_string().into_response(),
        Err(fault) => crate::answer::ApiError::Fault(fault).into_response(),
    }
}

impl Rig {
    fn new(change: impl FnOnce(&mut Settings)) -> Rig {
        let mut settings = Settings::default();
        change(&mut settings);
        let gate = Arc::new(Semaphore::new(0));
        let waits = Arc::clone(&gate);
        let wait = move || async move {
            waits.acquire().await.unwrap().forget();
            StatusCode::OK
        };
        let router = Router::new()
            .route("/small", get(|| async { "small" }))
            .route("/page", get(|| async { "x".repeat(PAGE) }))
            .route("/wait", get(wait))
            .route("/take", post(take));
        let server = Arc::new(Server::new(Site::new(router), &settings));
        let table = Arc::clone(&server.table);
        let sweeping = tokio::spawn(async move { sweep(&table).await });
        Rig { server, connections: GracefulShutdown::new(), gate, sweeping }
    }

    /// Opens a connection of a client, with so many bytes of buffer each way.
    fn open(&self, client: u8, buffer: usize) -> Option<DuplexStream> {
        let peer = PeerAddr(SocketAddr::new(IpAddr::from([36, 40, 120, client]), 4_711));
        let place = self.server.table.admit(peer.0.ip()).ok()?;
        let (near, far) = duplex(buffer);
        let (server, watcher) = (Arc::clone(&self.server), self.connections.watcher());
        let connection = Arc::clone(&place.connection);
        let task = tokio::spawn(async move { server.serve(near, peer, &place.connection, watcher).await });
        connection.set_task(task.abort_handle());
        Some(far)
    }

    fn connect(&self, client: u8) -> DuplexStream {
        self.open(client, 64 << 10).unwrap()
    }

    /// The requests and the bytes in flight.
    fn in_flight(&self) -> (usize, usize) {
        let quotas = self.server.table.quotas();
        (quotas.requests.taken(), quotas.bytes.taken())
    }

    /// Lets every task do what it can without the clock.
    async fn settle(&self) {
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
    }
}

/// The status line of the next answer of HTTP/1.
async fn status(stream: &mut DuplexStream) -> Option<u16> {
    let mut line = [0; 12];
    stream.read_exact(&mut line).await.ok()?;
    std::str::from_utf8(&line).ok()?.strip_prefix("HTTP/1.1 ")?.parse().ok()
}

async fn ask(stream: &mut DuplexStream, path: &str) {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).await.unwrap();
}

type Http2 = (h2::client::SendRequest<Bytes>, h2::client::Connection<DuplexStream>);

/// A connection of HTTP/2 whose peer lets so many bytes of each answer come.
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

/// The seconds until the server ends a connection of HTTP/2, if `tick` is done each second.
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
async fn unread_http2_answers_stay_within_the_quota() {
    // One client may take 1 MiB.
    let rig = Rig::new(|settings| settings.in_flight_mib = 4.try_into().unwrap());
    let (mut senders, mut statuses) = (Vec::new(), Vec::new());
    for _ in 0..8 {
        let (mut sender, connection) = http2(rig.connect(1), 0).await;
        tokio::spawn(connection);
        for _ in 0..16 {
            let answer = send(&mut sender, "/page").await.await.unwrap();
            statuses.push(answer.status().as_u16());
            assert!(rig.in_flight().1 <= 1 << 20, "{:?}", rig.in_flight());
            senders.push((sender.clone(), answer));
        }
    }
    let done = statuses.iter().filter(|status| **status == 200).count();
    let each = PAGE + HTTP2_ANSWER_BYTES;
    assert_eq!((done, statuses.len()), ((1 << 20) / each, 128), "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 503].contains(status)), "{statuses:?}");
    assert_eq!(
        rig.in_flight(),
        (0, done * each),
        "an answer that waits for its peer is no request in flight"
    );
    let mut other = rig.connect(2);
    ask(&mut other, "/page").await;
    assert_eq!(status(&mut other).await, Some(200), "another client has its own share");
    sleep(Duration::from_secs(12)).await;
    rig.settle().await;
    drop(other);
    rig.settle().await;
    assert_eq!(rig.in_flight(), (0, 0));
    assert_eq!(rig.server.table.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn http2_peer_without_window_loses_its_connection() {
    for kind in ["silence", "pings", "a byte a second"] {
        let rig = Rig::new(|_| ());
        let (mut sender, mut connection) = http2(rig.connect(1), 0).await;
        let mut pings = connection.ping_pong().unwrap();
        let answer = tokio::spawn(send_page(sender.clone()));
        let seconds = seconds_until_end(connection, |second, connection| match kind {
            "pings" => drop(pings.send_ping(h2::Ping::opaque())),
            "a byte a second" => connection.set_initial_window_size(second).unwrap(),
            _ => (),
        })
        .await;
        assert!((10..=13).contains(&seconds), "{kind}: {seconds} s");
        drop(answer);
        assert!(std::future::poll_fn(|cx| sender.poll_ready(cx)).await.is_err());
    }
}

async fn send_page(mut sender: h2::client::SendRequest<Bytes>) -> h2::client::ResponseFuture {
    send(&mut sender, "/page").await
}

#[tokio::test(start_paused = true)]
async fn slow_http2_peer_has_its_answer() {
    let rig = Rig::new(|_| ());
    let (sender, connection) = http2(rig.connect(1), 0).await;
    let answer = tokio::spawn(async move {
        let mut body = send_page(sender).await.await.unwrap().into_body();
        let mut length = 0;
        while let Some(data) = body.data().await {
            length += data.unwrap().len();
        }
        length
    });
    // Twice the least rate: the page takes 13 s, which is longer than the header timeout.
    let step = u32::try_from(2 * crate::net::connection::MIN_RATE).unwrap();
    let driving = seconds_until_end(connection, move |second, connection| {
        connection.set_initial_window_size(second * step).unwrap();
    });
    let driving = tokio::spawn(driving);
    assert_eq!(answer.await.unwrap(), PAGE);
    driving.abort();
}

#[tokio::test(start_paused = true)]
async fn http1_peer_that_reads_too_slowly_loses_its_connection() {
    let rate = usize::try_from(crate::net::connection::MIN_RATE).unwrap();
    for (bytes_a_second, whole) in [(0, false), (1, false), (rate / 4, false), (2 * rate, true)] {
        let rig = Rig::new(|_| ());
        let mut stream = rig.open(1, 1_024).unwrap();
        ask(&mut stream, "/page").await;
        let (mut read, mut seconds) = (0, 0);
        while read < PAGE && rig.server.table.len() > 0 {
            sleep(Duration::from_secs(1)).await;
            seconds += 1;
            for _ in 0..bytes_a_second {
                match stream.read(&mut [0]).await.unwrap() {
                    0 => break,
                    bytes => read += bytes,
                }
            }
        }
        assert_eq!(read >= PAGE, whole, "{bytes_a_second} bytes a second: {read} in {seconds} s");
        assert!(whole || seconds <= 16, "{bytes_a_second} bytes a second: {read} in {seconds} s");
        drop(stream);
        rig.settle().await;
        assert_eq!(rig.in_flight(), (0, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn unfinished_heads_stay_within_the_quota() {
    // One client may take 256 KiB.
    let rig = Rig::new(|settings| settings.in_flight_mib = 1.try_into().unwrap());
    let mut streams = Vec::new();
    for _ in 0..20 {
        let mut stream = rig.connect(1);
        stream.write_all(format!("GET / HTTP/1.1\r\nx: {}", "y".repeat(32 << 10)).as_bytes()).await.unwrap();
        rig.settle().await;
        assert!(rig.in_flight().1 <= 256 << 10, "{:?}", rig.in_flight());
        streams.push(stream);
    }
    assert!(rig.server.table.len() <= 11, "{} connections", rig.server.table.len());
    let mut other = rig.connect(2);
    ask(&mut other, "/small").await;
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
        rig.settle().await;
        assert!(rig.in_flight().1 <= 256 << 10, "{:?}", rig.in_flight());
        streams.push(stream);
    }
    let mut statuses = Vec::new();
    for stream in &mut streams {
        statuses.push(status(stream).await);
    }
    let slow = statuses.iter().filter(|status| **status == Some(408)).count();
    let shed = statuses.iter().filter(|status| **status == Some(503)).count();
    assert_eq!((slow, shed), (4, 16), "{statuses:?}");
    drop(streams);
    rig.settle().await;
    assert_eq!(rig.in_flight(), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn requests_beyond_the_limit_are_503_at_once() {
    // One client may have 2 in flight.
    let rig = Rig::new(|settings| settings.request_limit = 8.try_into().unwrap());
    let mut waiting = Vec::new();
    for _ in 0..2 {
        let mut stream = rig.connect(1);
        ask(&mut stream, "/wait").await;
        waiting.push(stream);
    }
    let (mut sender, connection) = http2(rig.connect(2), 65_535).await;
    tokio::spawn(connection);
    let streams = [send(&mut sender, "/wait").await, send(&mut sender, "/wait").await];
    rig.settle().await;
    // Heads of HTTP/2 are counted however small they are: `/wait` twice.
    assert_eq!(rig.in_flight(), (4, 10));
    let mut third = rig.connect(1);
    ask(&mut third, "/small").await;
    let mut answer = [0; 512];
    let length = third.read(&mut answer).await.unwrap();
    let answer = std::str::from_utf8(&answer[..length]).unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("\r\nretry-after: 1\r\n"), "{answer}");
    let shed = send(&mut sender, "/small").await.await.unwrap();
    assert_eq!(shed.status(), StatusCode::SERVICE_UNAVAILABLE);
    rig.gate.add_permits(4);
    for stream in &mut waiting {
        assert_eq!(status(stream).await, Some(200));
    }
    for answer in streams {
        assert_eq!(answer.await.unwrap().status(), StatusCode::OK);
    }
    ask(&mut third, "/small").await;
    assert_eq!(status(&mut third).await, Some(200));
    rig.settle().await;
    assert_eq!(rig.in_flight(), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn silent_connections_are_closed_and_make_room() {
    let rig = Rig::new(|settings| {
        settings.connection_limit = 64.try_into().unwrap();
        settings.connections_per_address = 16.try_into().unwrap();
    });
    let mut silent: Vec<DuplexStream> = (0..20).filter_map(|_| rig.open(1, 1_024)).collect();
    assert_eq!(silent.len(), 16);
    silent.extend((0..48).map(|client| rig.connect(2 + client / 16)));
    let mut stream = rig.connect(5);
    ask(&mut stream, "/small").await;
    assert_eq!(status(&mut stream).await, Some(200));
    assert_eq!(silent[0].read(&mut [0; 1]).await.unwrap(), 0, "the longest idle one made room");
    assert_eq!(rig.server.table.len(), 64);
    sleep(Duration::from_secs(12)).await;
    assert_eq!(rig.server.table.len(), 1, "the one that asked is idle");
    sleep(Duration::from_mins(1)).await;
    assert_eq!(rig.server.table.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn http2_connection_without_streams_is_idle() {
    let rig = Rig::new(|settings| settings.connection_limit = 1.try_into().unwrap());
    let (mut sender, connection) = http2(rig.connect(1), 65_535).await;
    let driving = tokio::spawn(connection);
    let answer = send(&mut sender, "/small").await.await.unwrap();
    let body = answer.into_body().data().await.unwrap().unwrap();
    assert_eq!(body, "small");
    rig.settle().await;
    let mut stream = rig.connect(2);
    ask(&mut stream, "/small").await;
    assert_eq!(status(&mut stream).await, Some(200));
    // The connection ends, with an error or without one.
    let _ = driving.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn http2_heads_of_many_small_headers_are_431() {
    let rig = Rig::new(|_| ());
    let (mut sender, connection) = http2(rig.connect(1), 65_535).await;
    tokio::spawn(connection);
    for (count, expected) in [(400, StatusCode::OK), (2_000, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)] {
        let named = |request: http::request::Builder, name| request.header(format!("h{name}"), "");
        let request = (0..count).fold(http::Request::get("http://x/small"), named).body(()).unwrap();
        std::future::poll_fn(|cx| sender.poll_ready(cx)).await.unwrap();
        let answer = sender.send_request(request, true).unwrap().0.await.unwrap();
        assert_eq!(answer.status(), expected, "{count} headers");
    }
}

#[tokio::test(start_paused = true)]
async fn http2_heads_above_the_limit_are_431_with_the_envelope() {
    let rig = Rig::new(|_| ());
    let (mut sender, connection) = http2(rig.connect(1), 65_535).await;
    tokio::spawn(connection);
    for (length, expected) in
        [(15_000, StatusCode::OK), (17_000, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)]
    {
        let request = http::Request::get("http://x/small").header("x", "y".repeat(length)).body(()).unwrap();
        std::future::poll_fn(|cx| sender.poll_ready(cx)).await.unwrap();
        let answer = sender.send_request(request, true).unwrap().0.await.unwrap();
        assert_eq!(answer.status(), expected);
        let body = answer.into_body().data().await.unwrap().unwrap();
        assert_eq!(body.starts_with(br#"{"code":-431,"#), expected != StatusCode::OK, "{body:?}");
    }
}
