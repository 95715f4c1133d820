//! The proxy: one port that takes HTTP, TLS and `CONNECT`, and answers for the served hosts.
//!
//! The first byte of a connection tells TLS from HTTP. `CONNECT` opens a tunnel, which ends in this process and holds
//! TLS or HTTP again. All requests go to one service. A request, a tunnel or a TLS name of another host is refused.
//! The proxy opens no connection and resolves no name.

use crate::certificates::{CertificateAuthority, Certificates, system_time};
use crate::community_name::CommunityName;
use crate::hosts::{Hosts, LOCALHOST};
use guanxi_server::net::connection::ConnectionHandle;
use guanxi_server::net::listener::{self, Handshake};
use guanxi_server::{HttpService, Settings};
use http::Extensions;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use stream::{BufferedTcp, RequestStream};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::server::{Acceptor, ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ServerConfig};

mod connect;
mod credentials;
mod refusal;
mod request;
mod stream;

pub use refusal::{Refusal, RefusedAt};

/// The first byte of a TLS handshake.
const TLS_HANDSHAKE: u8 = 0x16;

/// The default ports of `http` and `https`.
const HTTP_PORT: u16 = 80;
const HTTPS_PORT: u16 = 443;

type OnRefusal = Arc<dyn Fn(Refusal) + Send + Sync>;

/// A proxy that answers for the served hosts.
pub struct Proxy {
    service: HttpService,
    settings: Settings,
    entry: Arc<Entry>,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Proxy").field("hosts", &self.entry.hosts).finish_non_exhaustive()
    }
}

impl Proxy {
    /// Creates a proxy. `on_refusal` is called for each refusal of a host that is not served. Of the settings, the
    /// limits and timeouts of connections apply, except for limits of one address.
    ///
    /// # Errors
    ///
    /// Fails if the system has no randomness for a key.
    pub fn new(
        service: HttpService,
        hosts: Hosts,
        authority: CertificateAuthority,
        settings: &Settings,
        on_refusal: impl Fn(Refusal) + Send + Sync + 'static,
    ) -> Result<Proxy, rcgen::Error> {
        let entry = Arc::new(Entry {
            certificates: Certificates::new(authority, hosts.clone())?,
            hosts,
            on_refusal: Arc::new(on_refusal),
        });
        let checked = Arc::clone(&entry);
        let service = service.with_filter(move |request| checked.rejection(request));
        // All clients have the address of loopback, so a limit by address would limit them together.
        let every_address = "0.0.0.0/0,::/0".parse().unwrap_or_default();
        let settings = Settings { trusted_proxies: every_address, ..settings.clone() };
        Ok(Proxy { service, settings, entry })
    }

    /// Serves a listener until `stop` resolves. Then waits for the requests in flight, up to the grace period of the
    /// settings.
    pub async fn serve(&self, listener: TcpListener, stop: impl Future<Output = ()>) {
        let handshake = ProxyHandshake(Arc::clone(&self.entry));
        listener::serve_with_handshake(listener, handshake, self.service.clone(), &self.settings, stop).await;
    }
}

/// The decision which connections and requests are served.
struct Entry {
    hosts: Hosts,
    certificates: Certificates,
    on_refusal: OnRefusal,
}

/// The facts of a connection that its requests need. Requests carry it as an extension.
#[derive(Clone, Copy, Debug)]
struct Channel {
    /// The address to which the client connected.
    own: SocketAddr,
    /// The port of a URL without one.
    default_port: u16,
}

/// A tunnel that `CONNECT` opened.
struct Tunnel {
    host: String,
    community: Option<CommunityName>,
}

struct ProxyHandshake(Arc<Entry>);

impl Handshake for ProxyHandshake {
    type Stream = RequestStream;

    async fn accept(
        &self,
        stream: TcpStream,
        connection: ConnectionHandle,
    ) -> Option<(RequestStream, Extensions)> {
        let own = stream.local_addr().ok()?;
        let mut stream = BufferedTcp::new(stream);
        let mut tunnel = None;
        if stream.starts_with(connect::METHOD).await? {
            let (inner, opened) = self.0.open_tunnel(stream, own).await?;
            (stream, tunnel) = (inner, Some(opened));
        }
        let is_tls = stream.first_byte().await? == TLS_HANDSHAKE;
        let stream = stream.into_stream();
        let stream: RequestStream = if is_tls {
            Box::new(self.0.accept_tls(stream, tunnel.as_ref()).await?)
        } else {
            Box::new(stream)
        };
        let mut extensions = Extensions::new();
        extensions.insert(connection);
        extensions.insert(Channel { own, default_port: if is_tls { HTTPS_PORT } else { HTTP_PORT } });
        if let Some(community) = tunnel.and_then(|tunnel| tunnel.community) {
            extensions.insert(community);
        }
        Some((stream, extensions))
    }
}

impl Entry {
    /// Accepts TLS with the certificate of the name that the client asks for, or of the tunnel's host.
    async fn accept_tls<S>(
        &self,
        stream: S,
        tunnel: Option<&Tunnel>,
    ) -> Option<tokio_rustls::server::TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await.ok()?;
        let named = start.client_hello().server_name().map(str::to_ascii_lowercase);
        let host = named.as_deref().or(tunnel.map(|tunnel| tunnel.host.as_str())).unwrap_or(LOCALHOST);
        // An address has no certificate of its own. That of `localhost` has the addresses of loopback.
        let host = if host.parse::<std::net::IpAddr>().is_ok() { LOCALHOST } else { host };
        let config = self.certificates.config(host, system_time());
        if config.is_none() {
            let community = tunnel.and_then(|tunnel| tunnel.community.clone());
            self.refuse(RefusedAt::Tls, host, community.unwrap_or_default());
        }
        let accepted = start.into_stream(config.unwrap_or_else(refusing_config)).await;
        accepted.inspect_err(|error| tracing::debug!(%error, "TLS handshake failed")).ok()
    }

    fn refuse(&self, at: RefusedAt, host: impl fmt::Display, community: CommunityName) -> Refusal {
        let refusal = Refusal { at, host: host.to_string(), community };
        (self.on_refusal)(refusal.clone());
        refusal
    }
}

/// Returns a configuration that ends a handshake with an alert.
fn refusing_config() -> Arc<ServerConfig> {
    #[derive(Debug)]
    struct NoCertificate;
    impl ResolvesServerCert for NoCertificate {
        fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
            None
        }
    }
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider supports the default versions")
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(NoCertificate));
    Arc::new(config)
}
