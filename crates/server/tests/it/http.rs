//! HTTP: statuses, headers, compression, HTTP/1 and HTTP/2, shutdown.

use crate::operator_client::OperatorClient;
use crate::raw_http::RawHttp;
use crate::service::Service;
use axum::body::Body;
use guanxi_server::Settings;
use guanxi_server::net::listener;
use http::Request;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

#[tokio::test]
async fn unknown_path_returns_404_envelope() {
    let service = Service::new().await;
    let answer = service.anonymous().get("/x/relation/nothing").await;
    assert_eq!(
        (answer.status.as_u16(), answer.text()),
        (404, r#"{"code":-404,"message":"路径不存在","ttl":1}"#)
    );
}

#[tokio::test]
async fn responses_have_security_headers() {
    let year = "max-age=31536000";
    for (url, https) in
        [(None, ""), (Some("http://members.example.cn"), ""), (Some("https://members.example.cn"), year)]
    {
        let service = Service::with_settings(|settings| settings.public_url = url.map(str::to_owned)).await;
        let anonymous = service.anonymous();
        let paths = [
            "/x/relation/stat?vmid=1",
            "/x/space/acc/info",
            "/nowhere",
            "/",
            "/login",
            "/assets/guanxi.js",
            "/openapi",
        ];
        for path in paths {
            let answer = anonymous.get(path).await;
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
            assert_eq!(answer.header("strict-transport-security"), https, "{path} {url:?}");
        }
        let operators = OperatorClient::new(&service, None);
        for path in ["/healthz", "/operator/audit", "/nowhere"] {
            let answer = operators.get(path).await;
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(
                answer.header("strict-transport-security"),
                "",
                "the operators' listener has no public URL"
            );
        }
    }
}

#[tokio::test]
async fn security_txt_names_the_configured_contact() {
    const PATH: &str = "/.well-known/security.txt";
    let service = Service::new().await;
    let none = service.anonymous().get(PATH).await;
    assert_eq!((none.status.as_u16(), none.code()), (404, -404));
    let service = service.reconfigured(|settings| {
        settings.security_contact = Some("mailto:security@example.cn".to_owned());
        settings.public_url = Some("https://members.example.cn".to_owned());
    });
    let answer = service.anonymous().get(PATH).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/plain; charset=utf-8"));
    // 180 days after midnight UTC of the current day.
    let lines = [
        "Contact: mailto:security@example.cn",
        "Expires: 2026-07-14T00:00:00Z",
        "Preferred-Languages: zh, en",
        "Canonical: https://members.example.cn/.well-known/security.txt",
    ];
    assert_eq!(answer.text().lines().collect::<Vec<_>>(), lines);
}

#[tokio::test]
async fn large_responses_are_compressed() {
    let service = Service::new().await;
    let encoding_of = async |path: &str, encoding: &str| {
        let request = Request::get(path).header(ACCEPT_ENCODING, encoding).body(Body::empty()).unwrap();
        let answer = service.send(request).await;
        answer.headers.get(CONTENT_ENCODING).map(|value| value.to_str().unwrap().to_owned())
    };
    let (large, small) = ("/x/space/acc/info?mid=1", "/x/relation/stat?vmid=1");
    for encoding in ["gzip", "br", "zstd"] {
        assert_eq!(encoding_of(large, encoding).await.as_deref(), Some(encoding));
        assert_eq!(encoding_of(small, encoding).await, None);
    }
    assert_eq!(encoding_of(large, "identity").await, None);
    assert_eq!(encoding_of(large, "gzip, identity;q=0").await.as_deref(), Some("gzip"));
    for (path, status) in [(small, 200), ("/nowhere", 404)] {
        let request =
            Request::get(path).header(ACCEPT_ENCODING, "identity;q=0, *;q=0").body(Body::empty()).unwrap();
        assert_eq!(service.send(request).await.status, status);
    }
}

/// Starts a server on a free port. It runs until the sender fires.
pub(crate) async fn start_server(
    service: &Service,
    settings: Settings,
) -> (std::net::SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let app = service.app.clone();
    let site = guanxi_server::service(app.clone(), &settings).unwrap();
    let serving = tokio::spawn(async move {
        listener::serve(vec![(listener, site)], app, &settings, async { stopped.await.unwrap_or(()) }).await;
    });
    (address, stop, serving)
}

#[tokio::test]
async fn connection_serves_many_requests_until_shutdown() {
    let service = Service::new().await;
    let (address, stop, serving) = start_server(&service, Settings::default()).await;
    let mut connection = TcpStream::connect(address).await.unwrap();
    for _ in 0..3 {
        connection.write_all(b"GET /x/relation/stat?vmid=1 HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"}}") {
            assert!(connection.read_buf(&mut answer).await.unwrap() > 0);
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
    }
    stop.send(()).unwrap();
    serving.await.unwrap();
    assert_eq!(connection.read(&mut [0; 16]).await.unwrap(), 0);
}

/// Decision D5: raw characters in a query are accepted.
#[tokio::test]
async fn raw_characters_in_query_are_accepted() {
    let service = Service::new().await;
    let name = r#"{}"<>|\^`"#;
    let card = serde_json::json!({"card": {"mid": 2, "uname": name}});
    service.import_rows(&[&card.to_string()]).await;
    let (address, _stop, _serving) = start_server(&service, Settings::default()).await;
    let mut connection = TcpStream::connect(address).await.unwrap();
    let get = format!("GET /find?who={name} HTTP/1.1\r\nhost: x\r\n\r\n");
    let post =
        format!("POST /x/relation/modify?q={name} HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n?\"<>");
    for (request, status, expected) in [
        (&get, "HTTP/1.1 303 See Other\r\n", "location: /space/2\r\n"),
        (&post, "HTTP/1.1 200 OK\r\n", r#"{"code":-101,"message":"账号未登录","ttl":1}"#),
        (&get, "HTTP/1.1 303 See Other\r\n", "location: /space/2\r\n"),
    ] {
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let text = |answer: &[u8]| String::from_utf8_lossy(answer).into_owned();
        while !text(&answer).contains("\r\n\r\n") || !text(&answer).contains(expected) {
            assert!(connection.read_buf(&mut answer).await.unwrap() > 0, "{}", text(&answer));
        }
        let answer = text(&answer);
        assert!(answer.starts_with(status), "{answer}");
    }
}

#[tokio::test]
async fn http2_is_supported() {
    let service = Service::new().await;
    let (address, _stop, _serving) = start_server(&service, Settings::default()).await;
    let stream = TcpStream::connect(address).await.unwrap();
    let io = hyper_util::rt::TokioIo::new(stream);
    let executor = hyper_util::rt::TokioExecutor::new();
    let (mut sender, connection) = hyper::client::conn::http2::handshake(executor, io).await.unwrap();
    tokio::spawn(connection);
    let request =
        Request::get(format!("http://{address}/x/relation/stat?vmid=1")).body(Body::empty()).unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!((response.version(), response.status().as_u16()), (http::Version::HTTP_2, 200));
}

#[tokio::test]
async fn connection_above_limit_replaces_an_idle_one() {
    let service = Service::new().await;
    let settings = Settings { connection_limit: 1.try_into().unwrap(), ..Settings::default() };
    let (address, _stop, _serving) = start_server(&service, settings).await;
    let request = b"GET /x/relation/stat?vmid=1 HTTP/1.1\r\nhost: x\r\n\r\n";
    let mut first = RawHttp::connect(address).await;
    first.send(request).await;
    assert_eq!(first.answer().await.unwrap().code(), 0);
    let mut second = RawHttp::connect(address).await;
    second.send(request).await;
    assert_eq!(second.answer().await.unwrap().code(), 0);
    assert!(first.has_ended().await);
}

#[tokio::test]
async fn connections_per_address_are_limited() {
    let service = Service::new().await;
    let settings = Settings { connections_per_address: 2.try_into().unwrap(), ..Settings::default() };
    let behind_a_proxy = Settings { trusted_proxies: "127.0.0.1".parse().unwrap(), ..settings.clone() };
    let request = b"GET /x/relation/stat?vmid=1 HTTP/1.1\r\nhost: x\r\n\r\n";
    for (settings, served_of_four) in [(settings, 2), (behind_a_proxy, 4)] {
        let (address, _stop, _serving) = start_server(&service, settings).await;
        let mut connections = Vec::new();
        let mut answered = 0;
        for _ in 0..4 {
            let mut connection = RawHttp::connect(address).await;
            connection.send(request).await;
            answered += usize::from(connection.answer().await.is_some());
            connections.push(connection);
        }
        assert_eq!(answered, served_of_four);
    }
}
