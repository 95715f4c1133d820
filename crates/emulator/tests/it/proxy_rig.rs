//! A proxy in front of a service with a few routes.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use guanxi_emulator::certificates::AuthorityFiles;
use guanxi_emulator::proxy::Refusal;
use guanxi_emulator::{CertificateAuthority, CommunityName, Hosts, Proxy};
use guanxi_server::net::connection::ConnectionHandle;
use guanxi_server::net::route_table::RouteTable;
use guanxi_server::{HttpService, Settings};
use http::Method;
use http::header::{HOST, PROXY_AUTHORIZATION};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The served host.
pub(crate) const HOST_NAME: &str = "api.example.cn";

/// A running proxy.
pub(crate) struct Rig {
    pub(crate) address: SocketAddr,
    pub(crate) files: AuthorityFiles,
    pub(crate) refusals: Arc<Mutex<Vec<Refusal>>>,
    pub(crate) stop: oneshot::Sender<()>,
    pub(crate) serving: JoinHandle<()>,
    _folder: TempDir,
}

/// Responds with the facts of a request.
async fn echo(request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let authority = parts.uri.authority().map(ToString::to_string);
    let host = parts.headers.get(HOST).map(|host| host.to_str().unwrap().to_owned());
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let facts = json!({
        "target": parts.uri.path_and_query().map(ToString::to_string),
        "host": authority.or(host),
        "community": parts.extensions.get::<CommunityName>().map(CommunityName::as_str),
        "has_credentials": parts.headers.contains_key(PROXY_AUTHORIZATION),
        "version": format!("{:?}", parts.version),
        "body": String::from_utf8(body.to_vec()).unwrap(),
    });
    Body::from(facts.to_string()).into_response()
}

/// Closes the connection of a request.
async fn cut(request: Request) -> Response {
    request.extensions().get::<ConnectionHandle>().unwrap().close();
    std::future::pending().await
}

impl Rig {
    pub(crate) async fn start() -> Rig {
        Rig::with_settings(|_| ()).await
    }

    pub(crate) async fn with_settings(change: impl FnOnce(&mut Settings)) -> Rig {
        let mut settings = Settings::default();
        change(&mut settings);
        let folder = tempfile::tempdir().unwrap();
        let (authority, files) = CertificateAuthority::load_or_create(folder.path()).unwrap();
        let routes = RouteTable::default()
            .route(Method::GET, "/echo", |(), request| echo(request))
            .route(Method::POST, "/echo", |(), request| echo(request))
            .route(Method::GET, "/cut", |(), request| cut(request));
        let hosts: Hosts = [HOST_NAME.parse().unwrap()].into_iter().collect();
        let refusals = Arc::<Mutex<Vec<Refusal>>>::default();
        let noted = Arc::clone(&refusals);
        let note = move |refusal| noted.lock().unwrap().push(refusal);
        let service = HttpService::new(routes.with_state(()));
        let proxy = Proxy::new(service, hosts, authority, &settings, note).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(async move {
            proxy.serve(listener, async { stopped.await.unwrap_or_default() }).await;
        });
        Rig { address, files, refusals, stop, serving, _folder: folder }
    }

    /// Returns the refused hosts so far.
    pub(crate) fn refused_hosts(&self) -> Vec<String> {
        self.refusals.lock().unwrap().iter().map(|refusal| refusal.host.clone()).collect()
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends bytes, and reads until the proxy closes the connection.
    pub(crate) async fn exchange(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect().await;
        // The proxy may close before it has read everything.
        let _ = stream.write_all(bytes.as_ref()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Returns a client that trusts the authority.
    pub(crate) fn client(&self) -> reqwest::ClientBuilder {
        // The provider stays that of the first test of the process.
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let pem = std::fs::read(&self.files.pem).unwrap();
        reqwest::Client::builder().no_proxy().tls_certs_only([reqwest::Certificate::from_pem(&pem).unwrap()])
    }

    /// Returns a client that sends everything to the proxy, with a user if there is one.
    pub(crate) fn proxied(&self, user: Option<&str>) -> reqwest::ClientBuilder {
        let proxy = reqwest::Proxy::all(format!("http://{}", self.address)).unwrap();
        let proxy = match user {
            Some(user) => proxy.basic_auth(user, "x"),
            None => proxy,
        };
        self.client().proxy(proxy)
    }
}

/// Returns the JSON of the response to a GET request.
pub(crate) async fn get(client: reqwest::ClientBuilder, url: &str) -> Value {
    let response = client.build().unwrap().get(url).send().await;
    response.unwrap_or_else(|error| panic!("{url}: {error:?}")).json().await.unwrap()
}

/// Returns the status of the response at the start of `answer`.
pub(crate) fn status(answer: &str) -> Option<u16> {
    answer.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()
}
