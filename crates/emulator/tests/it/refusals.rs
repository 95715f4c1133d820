//! Requests for hosts that are not served.

use crate::proxy_rig::{HOST_NAME, Rig, status};
use guanxi_emulator::proxy::RefusedAt;
use std::net::TcpListener;

/// Returns a listener on loopback that fails the test if anything connects to it.
fn unreached() -> (TcpListener, impl Fn(&TcpListener)) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    (listener, |listener| {
        let error = listener.accept().expect_err("the proxy opens no connection");
        assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    })
}

#[tokio::test]
async fn proxy_opens_no_connection() {
    let rig = Rig::start().await;
    let (listener, assert_unreached) = unreached();
    let port = listener.local_addr().unwrap().port();
    let own = rig.address;
    let mut refused = Vec::new();
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "other.cn", "x.api.example.cn"] {
        let host = format!("{host}:{port}");
        for request in [
            format!("CONNECT {host} HTTP/1.1\r\nhost: {host}\r\n\r\n"),
            format!("GET http://{host}/echo HTTP/1.1\r\nhost: {HOST_NAME}\r\n\r\n"),
            format!("GET https://{host}/echo HTTP/1.1\r\nhost: {host}\r\n\r\n"),
            format!("GET /echo HTTP/1.1\r\nhost: {host}\r\n\r\n"),
            format!("CONNECT {HOST_NAME}:{port} HTTP/1.1\r\n\r\nGET /echo HTTP/1.1\r\nhost: {host}\r\n\r\n"),
            format!("CONNECT {own} HTTP/1.1\r\n\r\nGET http://{host}/ HTTP/1.1\r\nhost: {own}\r\n\r\n"),
        ] {
            let answer = rig.exchange(&request).await;
            let answer =
                answer.strip_prefix("HTTP/1.1 200 Connection established\r\n\r\n").unwrap_or(&answer);
            assert_eq!(status(answer), Some(502), "{request}: {answer}");
            refused.push(host.replace("[::ffff:127.0.0.1]", "127.0.0.1"));
            assert!(answer.contains(refused.last().unwrap()), "{request}: {answer}");
            assert!(answer.contains("{\"code\":-502,"), "{request}: {answer}");
        }
    }
    assert_eq!(rig.refused_hosts(), refused);
    // A served host answers on the port of the listener too, without a connection to it.
    let request = format!("GET http://{HOST_NAME}:{port}/echo HTTP/1.1\r\nconnection: close\r\n\r\n");
    let answer = rig.exchange(request.replace("connection", "host: x\r\nconnection")).await;
    assert_eq!(status(&answer), Some(200), "{answer}");
    assert_unreached(&listener);
}

#[tokio::test]
async fn refusal_names_host_step_and_community() {
    let rig = Rig::start().await;
    let send = |url: String, user: Option<&str>| {
        let client = rig.proxied(user).build().unwrap();
        async move { client.get(url).send().await }
    };
    send("https://other.cn/".to_owned(), Some("a")).await.unwrap_err();
    let response = send("http://other.cn/x".to_owned(), Some("b")).await.unwrap();
    assert_eq!(response.status(), 502);
    assert_eq!(response.json::<serde_json::Value>().await.unwrap()["code"], -502);
    let direct = rig.client().resolve("other.cn", rig.address).build().unwrap();
    direct.get(format!("https://other.cn:{}/", rig.address.port())).send().await.unwrap_err();
    let refusals = rig.refusals.lock().unwrap();
    let facts: Vec<_> =
        refusals.iter().map(|refusal| (refusal.at, &*refusal.host, refusal.community.as_str())).collect();
    assert_eq!(
        facts,
        [
            (RefusedAt::Connect, "other.cn:443", "a"),
            (RefusedAt::Request, "other.cn", "b"),
            (RefusedAt::Tls, "other.cn", "default"),
        ]
    );
}
