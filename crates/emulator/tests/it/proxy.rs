//! Requests that the proxy serves.

use crate::proxy_rig::{HOST_NAME, Rig, get, status};
use serde_json::Value;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn url(scheme: &str) -> String {
    format!("{scheme}://{HOST_NAME}/echo?a=b")
}

#[tokio::test]
async fn tunnel_serves_both_versions_of_http() {
    let rig = Rig::start().await;
    for (client, version) in [(rig.proxied(None).http1_only(), "HTTP/1.1"), (rig.proxied(None), "HTTP/2.0")] {
        let facts = get(client, &url("https")).await;
        assert_eq!(facts["version"], version);
        assert_eq!(facts["target"], "/echo?a=b");
        assert_eq!(facts["host"], HOST_NAME);
        assert_eq!(facts["community"], Value::Null);
    }
    assert!(rig.refused_hosts().is_empty());
}

#[tokio::test]
async fn request_over_plain_http_is_served() {
    let rig = Rig::start().await;
    let facts = get(rig.proxied(None), &url("http")).await;
    assert_eq!((&facts["target"], &facts["host"]), (&"/echo?a=b".into(), &HOST_NAME.into()));
    let client = rig.proxied(None).build().unwrap();
    let posted = client.post(url("https")).body("c=d").send().await.unwrap();
    assert_eq!(posted.json::<Value>().await.unwrap()["body"], "c=d");
}

#[tokio::test]
async fn user_of_the_proxy_is_the_community() {
    let rig = Rig::start().await;
    for scheme in ["http", "https"] {
        let facts = get(rig.proxied(Some("worker-3")), &url(scheme)).await;
        assert_eq!(facts["community"], "worker-3", "{scheme}");
        assert_eq!(facts["has_credentials"], false, "{scheme}");
    }
}

#[tokio::test]
async fn client_without_a_proxy_is_served() {
    let rig = Rig::start().await;
    let port = rig.address.port();
    for (host, has_name) in [(HOST_NAME, true), ("localhost", true), ("127.0.0.1", false)] {
        for scheme in ["http", "https"] {
            let mut client = rig.client();
            if has_name {
                client = client.resolve(host, rig.address);
            }
            let facts = get(client, &format!("{scheme}://{host}:{port}/echo")).await;
            assert_eq!(facts["host"], format!("{host}:{port}"), "{scheme}");
        }
    }
}

#[tokio::test]
async fn served_host_is_served_on_any_port() {
    let rig = Rig::start().await;
    let facts = get(rig.proxied(None), &format!("https://{HOST_NAME}:8443/echo")).await;
    assert_eq!(facts["host"], format!("{HOST_NAME}:8443"));
    let answer = rig.exchange(format!("GET https://{HOST_NAME}/echo HTTP/1.0\r\n\r\n")).await;
    assert_eq!(status(&answer), Some(200), "{answer}");
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let rig = Rig::start().await;
    let requests = [
        format!("GET http://{HOST_NAME}/echo?1 HTTP/1.1\r\nhost: other.cn\r\n\r\n"),
        format!("POST /echo?2 HTTP/1.1\r\nhost: {HOST_NAME}\r\ncontent-length: 3\r\n\r\na=b"),
        format!("GET /echo?3 HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", rig.address),
    ];
    let answer = rig.exchange(requests.concat()).await;
    let targets: Vec<usize> =
        (1..=3).map(|number| answer.find(&format!("/echo?{number}")).unwrap()).collect();
    assert!(targets.is_sorted() && answer.matches("HTTP/1.1 200").count() == 3, "{answer}");
}

#[tokio::test]
async fn bytes_behind_a_connect_belong_to_the_tunnel() {
    let rig = Rig::start().await;
    let tunneled = "GET /echo HTTP/1.1\r\nhost: api.example.cn\r\nconnection: close\r\n\r\n";
    let answer = rig.exchange(format!("CONNECT {HOST_NAME}:80 HTTP/1.1\r\n\r\n{tunneled}")).await;
    let (established, response) = answer.split_once("\r\n\r\n").unwrap();
    assert_eq!(established, "HTTP/1.1 200 Connection established");
    assert_eq!(status(response), Some(200), "{answer}");
}

#[tokio::test]
async fn handler_closes_a_connection_without_a_response() {
    let rig = Rig::start().await;
    let url = format!("https://{HOST_NAME}/cut");
    for client in [rig.proxied(None).http1_only(), rig.proxied(None)] {
        let error = client.build().unwrap().get(&url).send().await.unwrap_err();
        assert!(error.is_request(), "{error:?}");
    }
    assert_eq!(rig.exchange(format!("GET /cut HTTP/1.1\r\nhost: {HOST_NAME}\r\n\r\n")).await, "");
}

#[tokio::test]
async fn stop_ends_connections_in_their_handshakes() {
    let rig = Rig::start().await;
    let mut streams = Vec::new();
    for bytes in ["", "CONNECT", &format!("CONNECT {HOST_NAME}:443 HTTP/1.1\r\n\r\n\x16\x03")] {
        let mut stream = rig.connect().await;
        stream.write_all(bytes.as_bytes()).await.unwrap();
        streams.push(stream);
    }
    // The proxy has accepted all three when it has answered a fourth.
    get(rig.proxied(None), &url("https")).await;
    rig.stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(5), rig.serving).await.unwrap().unwrap();
    for mut stream in streams {
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }
}

#[tokio::test]
async fn many_connections_of_one_address_are_served() {
    let rig = Rig::with_settings(|settings| settings.connections_per_address = 1.try_into().unwrap()).await;
    let held: Vec<_> = open_connections(&rig, 8).await;
    let facts = get(rig.proxied(None), &url("https")).await;
    assert_eq!((facts["host"].as_str(), held.len()), (Some(HOST_NAME), 8));
}

/// Opens connections whose first request was answered.
async fn open_connections(rig: &Rig, count: usize) -> Vec<tokio::net::TcpStream> {
    let mut held = Vec::new();
    for _ in 0..count {
        let mut stream = rig.connect().await;
        stream
            .write_all(format!("GET /echo HTTP/1.1\r\nhost: {HOST_NAME}\r\n\r\n").as_bytes())
            .await
            .unwrap();
        assert!(stream.read(&mut [0; 16]).await.unwrap() > 0);
        held.push(stream);
    }
    held
}
