//! HTTP/1 as nobody should send it: each fault is answered with the envelope, also where the HTTP library answers by itself.

use crate::http::served;
use crate::raw_http::{RawAnswer, RawHttp};
use crate::service::Service;
use guanxi_server::Settings;

/// Sends a request on a connection of its own. Returns the answer, and whether the server ended the connection behind it.
async fn exchange(address: std::net::SocketAddr, request: &[u8]) -> (RawAnswer, bool) {
    let mut connection = RawHttp::connect(address).await;
    connection.send(request).await;
    let what = String::from_utf8_lossy(&request[..request.len().min(80)]).into_owned();
    let answer = connection.answer().await.unwrap_or_else(|| panic!("no answer to {what:?}"));
    let closes = answer.has("connection: close");
    (answer, closes && connection.has_ended().await)
}

#[tokio::test]
async fn malformed_heads_are_told_in_the_envelope_and_end_the_connection() {
    let service = Service::new().await;
    let (address, _stop, _serving) = served(&service, Settings::default()).await;
    let long = "y".repeat(70_000);
    let many = "x: y\r\n".repeat(120);
    let cases: [(&str, &str, u16); 15] = [
        ("no request line", "GARBAGE\r\n\r\n", 400),
        ("no version", "GET /\r\nhost: x\r\n\r\n", 400),
        ("an unknown version", "GET / HTTP/9.9\r\nhost: x\r\n\r\n", 400),
        ("a method of NUL", "G\0T / HTTP/1.1\r\nhost: x\r\n\r\n", 400),
        ("an address with a blank", "GET /a b HTTP/1.1\r\nhost: x\r\n\r\n", 400),
        ("a name with a blank", "GET / HTTP/1.1\r\nho st: x\r\n\r\n", 400),
        ("a name with a blank behind it", "GET / HTTP/1.1\r\nhost : x\r\n\r\n", 400),
        ("a folded header", "GET / HTTP/1.1\r\nhost: x\r\nx: a\r\n b\r\n\r\n", 400),
        ("a length that is none", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: five\r\n\r\n", 400),
        ("two lengths", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", 400),
        (
            "an encoding that is not chunked",
            "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n\r\n",
            400,
        ),
        ("an encoding in 1.0", "POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ("a long address", &format!("GET /?{long} HTTP/1.1\r\nhost: x\r\n\r\n"), 414),
        ("a long header", &format!("GET / HTTP/1.1\r\nhost: x\r\nx: {long}\r\n\r\n"), 431),
        ("many headers", &format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n"), 431),
    ];
    for (what, request, status) in cases {
        let (answer, ended) = exchange(address, request.as_bytes()).await;
        assert_eq!((answer.status, answer.code()), (status, -i64::from(status)), "{what}: {answer:?}");
        assert!(answer.has("content-type: application/json; charset=utf-8"), "{what}: {answer:?}");
        assert!(ended, "{what}: {answer:?}");
    }
}

#[tokio::test]
async fn fault_behind_a_good_request_is_told_too() {
    let service = Service::new().await;
    let (address, _stop, _serving) = served(&service, Settings::default()).await;
    let mut connection = RawHttp::connect(address).await;
    connection.send(b"GET /x/relation/stat?vmid=1 HTTP/1.1\r\nhost: x\r\n\r\nGARBAGE\r\n\r\n").await;
    assert_eq!(connection.answer().await.unwrap().code(), 0);
    assert_eq!(connection.answer().await.unwrap().code(), -400);
    assert!(connection.has_ended().await);
}

#[tokio::test]
async fn peer_that_sends_on_has_its_answer() {
    let service = Service::new().await;
    let (address, _stop, _serving) = served(&service, Settings::default()).await;
    let long = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}", "y".repeat(500_000));
    let (answer, ended) = exchange(address, long.as_bytes()).await;
    assert_eq!((answer.status, ended), (431, true));
}

#[tokio::test]
async fn host_is_named_once() {
    let service = Service::new().await;
    let (address, _stop, _serving) = served(&service, Settings::default()).await;
    let cases = [
        ("1.1", "host: members.example.cn:8080\r\n", 200),
        ("1.1", "Host:\r\n", 200),
        ("1.1", "", 400),
        ("1.1", "host: a\r\nhost: b\r\n", 400),
        ("1.1", "host: a\r\nHOST: a\r\n", 400),
        ("1.1", "host: a, b\r\n", 400),
        ("1.1", "host: a/b\r\n", 400),
        ("1.0", "", 200),
        ("1.0", "host: a\r\nhost: b\r\n", 400),
    ];
    for (version, hosts, status) in cases {
        let request = format!("GET /x/relation/stat?vmid=1 HTTP/{version}\r\n{hosts}\r\n");
        let (answer, _) = exchange(address, request.as_bytes()).await;
        let code = if status == 200 { 0 } else { -400 };
        assert_eq!((answer.status, answer.code()), (status, code), "HTTP/{version} {hosts:?}: {answer:?}");
    }
}

#[tokio::test]
async fn two_lengths_of_a_body_are_refused_and_one_is_taken() {
    let service = Service::new().await;
    let (address, _stop, _serving) = served(&service, Settings::default()).await;
    let post = |lengths: &str, body: &str| {
        format!("POST /x/relation/modify HTTP/1.1\r\nhost: x\r\n{lengths}\r\n{body}")
    };
    let (chunked, whole) = ("5\r\nact=1\r\n0\r\n\r\n", "act=1");
    for lengths in [
        "transfer-encoding: chunked\r\ncontent-length: 5\r\n",
        "content-length: 5\r\ntransfer-encoding: chunked\r\n",
        "Content-Length: 5\r\nx: y\r\nTRANSFER-ENCODING: chunked\r\n",
    ] {
        let (answer, ended) = exchange(address, post(lengths, chunked).as_bytes()).await;
        assert_eq!((answer.status, answer.code(), ended), (400, -400, true), "{lengths:?}");
        // Also behind a request on the same connection, in the same bytes.
        let mut connection = RawHttp::connect(address).await;
        let both = post("content-length: 5\r\n", whole) + &post(lengths, chunked);
        connection.send(both.as_bytes()).await;
        assert_eq!(connection.answer().await.unwrap().code(), -101, "{lengths:?}");
        assert_eq!(connection.answer().await.unwrap().status, 400, "{lengths:?}");
        assert!(connection.has_ended().await);
    }
    let mut connection = RawHttp::connect(address).await;
    let alternate = [
        post("content-length: 5\r\n", whole),
        post("transfer-encoding: chunked\r\n", chunked),
        post("content-length: 5\r\n", whole),
    ];
    for request in &alternate {
        connection.send(request.as_bytes()).await;
        assert_eq!(connection.answer().await.unwrap().code(), -101);
    }
    connection.send(alternate.concat().as_bytes()).await;
    for _ in &alternate {
        assert_eq!(connection.answer().await.unwrap().code(), -101, "pipelined");
    }
}

#[tokio::test]
async fn malformed_chunks_are_400() {
    let service = Service::new().await;
    let (address, _stop, _serving) = served(&service, Settings::default()).await;
    for chunks in
        ["five\r\nact=1\r\n0\r\n\r\n", "-1\r\n\r\n", "5\r\nact=1x\r\n0\r\n\r\n", "ffffffffffffffffff\r\nx"]
    {
        let request = format!(
            "POST /x/relation/modify HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n{chunks}"
        );
        let (answer, _) = exchange(address, request.as_bytes()).await;
        assert_eq!((answer.status, answer.code()), (400, -400), "{chunks:?}: {answer:?}");
    }
}
