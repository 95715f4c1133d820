//! Malformed and hostile bytes.

use crate::proxy_rig::{HOST_NAME, Rig, status};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn malformed_connect_is_rejected() {
    let rig = Rig::start().await;
    let target = |target: &str| format!("CONNECT {target} HTTP/1.1\r\nhost: {HOST_NAME}\r\n\r\n");
    let header = |header: &str| format!("CONNECT {HOST_NAME}:443 HTTP/1.1\r\n{header}\r\n\r\n");
    for (request, expected) in [
        (target("/"), 400),
        (target("*"), 400),
        (target(HOST_NAME), 400),
        (target(&format!("{HOST_NAME}:")), 400),
        (target(&format!("{HOST_NAME}:0")), 400),
        (target(&format!("{HOST_NAME}:65536")), 400),
        (target(&format!("{HOST_NAME}:-1")), 400),
        (target(&format!("me:x@{HOST_NAME}:443")), 400),
        (target(&format!("https://{HOST_NAME}:443")), 400),
        (target(":443"), 400),
        (target("[::1:443"), 400),
        (target("[::1]:443"), 502),
        (target("[2001:db8::1]:443"), 502),
        (target(&format!("{HOST_NAME}\0:443")), 400),
        (target(&format!("{HOST_NAME}:443 x")), 400),
        (format!("CONNECT {HOST_NAME}:443\r\n\r\n"), 400),
        (header("a\0b: c"), 400),
        (header("no colon"), 400),
        (header("a: b\r\n c: d"), 400),
        (header("proxy-authorization: Bearer x"), 400),
        (header("proxy-authorization: Basic YS9iOng="), 400),
        (header("proxy-authorization: Basic YTp4\r\nproxy-authorization: Basic Yjp4"), 400),
        (header(&"a: b\r\n".repeat(100)), 431),
        (header(&format!("a: {}", "x".repeat(16_384))), 431),
        (target(&"x".repeat(20_000)), 431),
    ] {
        let answer = rig.exchange(&request).await;
        let start: String = request.chars().take(100).collect();
        assert_eq!(status(&answer), Some(expected), "{start:?}: {answer}");
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(body.starts_with(&format!("{{\"code\":-{expected},\"message\":\"")), "{start:?}: {answer}");
    }
}

#[tokio::test]
async fn malformed_request_is_rejected() {
    let rig = Rig::start().await;
    let echo = |headers: &str| format!("GET /echo HTTP/1.1\r\nconnection: close\r\n{headers}\r\n\r\n");
    let connect = format!("CONNECT {HOST_NAME}:443 HTTP/1.1\r\n\r\n");
    for (request, expected) in [
        (echo("host: me@api.example.cn"), 400),
        (echo("host: a.cn\r\nhost: b.cn"), 400),
        (echo("host: api.example.cn:0"), 400),
        (echo("host: api.example.cn\r\nproxy-authorization: Basic x"), 400),
        (format!("GET http://me@{HOST_NAME}/ HTTP/1.1\r\nhost: {HOST_NAME}\r\n\r\n"), 400),
        (format!("\r\n{}", connect.replace("\r\n\r\n", "\r\nhost: x\r\n\r\n")), 400),
        (echo("host: api.example.cn").replace("GET /echo", "connect api.example.cn:443"), 404),
        (format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(100_000)), 414),
    ] {
        let answer = rig.exchange(&request).await;
        let start: String = request.chars().take(100).collect();
        assert_eq!(status(&answer), Some(expected), "{start:?}: {answer}");
    }
    let nested = rig.exchange(format!("{connect}{}", connect.replace("1.1\r\n", "1.1\r\nhost: a\r\n"))).await;
    assert!(nested.starts_with("HTTP/1.1 200 ") && nested.contains("HTTP/1.1 400 "), "{nested}");
    assert!(rig.refused_hosts().is_empty());
}

#[tokio::test]
async fn malformed_tls_closes_the_connection() {
    let rig = Rig::start().await;
    let connect = format!("CONNECT {HOST_NAME}:443 HTTP/1.1\r\n\r\n").into_bytes();
    let long = vec![0x16; 70_000];
    let garbage: [&[u8]; 4] =
        [b"\x16garbage garbage", b"\x16\x03\x01\xff\xff", b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", &long];
    for bytes in garbage {
        for before in [&[][..], &connect] {
            let mut stream = rig.connect().await;
            let _ = stream.write_all(&[before, bytes].concat()).await;
            let _ = stream.shutdown().await;
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
            let answer = String::from_utf8_lossy(&answer).into_owned();
            assert_eq!(answer.matches("HTTP/").count(), usize::from(!before.is_empty()), "{answer}");
        }
    }
}

#[tokio::test]
async fn slow_head_is_closed_after_its_timeout() {
    let rig = Rig::with_settings(|settings| settings.header_timeout_seconds = 1.try_into().unwrap()).await;
    let connect = format!("CONNECT {HOST_NAME}:443 HTTP/1.1\r\n");
    let starts =
        ["", "C", &connect, &format!("{connect}\r\n"), &format!("{connect}\r\n\x16"), "GET / HTTP/1.1\r\n"];
    let answers = starts.map(|start| rig.exchange(start.to_owned()));
    for (start, answer) in starts.iter().zip(futures_util::future::join_all(answers).await) {
        assert_eq!(answer.is_empty(), !start.contains("\r\n\r\n"), "{start:?}: {answer}");
    }
}
