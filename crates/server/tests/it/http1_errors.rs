//! Malformed HTTP/1. Each error returns the envelope, also where the HTTP library would respond by itself.

use crate::http::start_server;
use crate::raw_http::{RawAnswer, RawHttp};
use crate::service::Service;
use guanxi_server::Settings;

/// Sends a request on a new connection. Returns the response, and whether the server closed the connection after
/// it.
async fn exchange(address: std::net::SocketAddr, request: &[u8]) -> (RawAnswer, bool) {
    let mut connection = RawHttp::connect(address).await;
    connection.send(request).await;
    let beginning = String::from_utf8_lossy(&request[..request.len().min(80)]).into_owned();
    let answer = connection.answer().await.unwrap_or_else(|| panic!("no response to {beginning:?}"));
    let closes = answer.has("connection: close");
    (answer, closes && connection.has_ended().await)
}

#[tokio::test]
async fn malformed_head_returns_envelope_and_closes() {
    let service = Service::new().await;
    let (address, _stop, _serving) = start_server(&service, Settings::default()).await;
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
    for (case, request, status) in cases {
        let (answer, ended) = exchange(address, request.as_bytes()).await;
        assert_eq!((answer.status, answer.code()), (status, -i64::from(status)), "{case}: {answer:?}");
        assert!(answer.has("content-type: application/json; charset=utf-8"), "{case}: {answer:?}");
        assert!(ended, "{case}: {answer:?}");
    }
}

#[tokio::test]
async fn malformed_second_request_returns_400() {
    let service = Service::new().await;
    let (address, _stop, _serving) = start_server(&service, Settings::default()).await;
    let mut connection = RawHttp::connect(address).await;
    connection.send(b"GET /x/relation/stat?vmid=1 HTTP/1.1\r\nhost: x\r\n\r\nGARBAGE\r\n\r\n").await;
    assert_eq!(connection.answer().await.unwrap().code(), 0);
    assert_eq!(connection.answer().await.unwrap().code(), -400);
    assert!(connection.has_ended().await);
}

#[tokio::test]
async fn peer_that_keeps_sending_receives_the_response() {
    let service = Service::new().await;
    let (address, _stop, _serving) = start_server(&service, Settings::default()).await;
    let long = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}", "y".repeat(500_000));
    let (answer, ended) = exchange(address, long.as_bytes()).await;
    assert_eq!((answer.status, ended), (431, true));
}

#[tokio::test]
async fn request_has_exactly_one_host() {
    let service = Service::new().await;
    let (address, _stop, _serving) = start_server(&service, Settings::default()).await;
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
async fn ambiguous_body_length_is_rejected() {
    let service = Service::new().await;
    let (address, _stop, _serving) = start_server(&service, Settings::default()).await;
    let post = |lengths: &str, body: &str| {
        format!("POST /x/relation/modify HTTP/1.1\r\nhost: x\r\n{lengths}\r\n{body}")
    };
    let (chunked, plain) = ("5\r\nact=1\r\n0\r\n\r\n", "act=1");
    for lengths in [
        "transfer-encoding: chunked\r\ncontent-length: 5\r\n",
        "content-length: 5\r\ntransfer-encoding: chunked\r\n",
        "Content-Length: 5\r\nx: y\r\nTRANSFER-ENCODING: chunked\r\n",
    ] {
        let (answer, ended) = exchange(address, post(lengths, chunked).as_bytes()).await;
        assert_eq!((answer.status, answer.code(), ended), (400, -400, true), "{lengths:?}");
        // Also after a valid request in the same bytes of one connection.
        let mut connection = RawHttp::connect(address).await;
        let both = post("content-length: 5\r\n", plain) + &post(lengths, chunked);
        connection.send(both.as_bytes()).await;
        assert_eq!(connection.answer().await.unwrap().code(), -101, "{lengths:?}");
        assert_eq!(connection.answer().await.unwrap().status, 400, "{lengths:?}");
        assert!(connection.has_ended().await);
    }
    let mut connection = RawHttp::connect(address).await;
    let alternate = [
        post("content-length: 5\r\n", plain),
        post("transfer-encoding: chunked\r\n", chunked),
        post("content-length: 5\r\n", plain),
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
async fn malformed_chunks_return_400() {
    let service = Service::new().await;
    let (address, _stop, _serving) = start_server(&service, Settings::default()).await;
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
