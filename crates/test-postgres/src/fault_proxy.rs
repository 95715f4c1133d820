//! A TCP proxy between a program and its database. A test can pause it, refuse connections and drop them at a
//! commit.

use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// The behaviour of a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyState {
    /// Forwards everything.
    Forwarding,
    /// Accepts connections and forwards nothing.
    Paused,
    /// Closes new and open connections at once.
    Refusing,
    /// Drops the connection of the next commit before the database receives it, then forwards.
    DropBeforeCommit,
    /// Forwards the next commit and drops its connection before the program sees the reply, then forwards.
    DropAfterCommit,
    /// Pauses the connection of the next commit for good. All other connections are forwarded.
    PauseAtCommit,
}

/// A proxy to one database.
#[derive(Debug)]
pub struct FaultProxy {
    url: String,
    state: watch::Sender<ProxyState>,
    connections: watch::Sender<u64>,
}

/// The protocol bytes of a commit request and of its reply.
const COMMIT: &[u8] = b"Q\0\0\0\x0bcommit\0";
const COMMITTED: &[u8] = b"COMMIT\0";

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl FaultProxy {
    /// Starts a forwarding proxy to the database at `address`.
    pub(crate) async fn start(address: &str) -> FaultProxy {
        let config: Arc<Config> = Arc::new(address.parse().expect("valid database address"));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind a free port");
        let port = listener.local_addr().expect("address of a bound listener").port();
        let (state, connections) = (watch::Sender::new(ProxyState::Forwarding), watch::Sender::new(0));
        let proxy =
            FaultProxy { url: url(&config, port), state: state.clone(), connections: connections.clone() };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                connections.send_modify(|connections| *connections += 1);
                let (config, state) = (Arc::clone(&config), state.clone());
                if *state.borrow() != ProxyState::Refusing {
                    tokio::spawn(async move { forward(client, &config, state).await });
                }
            }
        });
        proxy
    }

    /// The database address through this proxy.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// The `application_name` of this proxy's connections in the database.
    pub fn application_name(&self) -> &str {
        self.url.rsplit('=').next().unwrap_or_default()
    }

    /// Changes the behaviour from now on.
    pub fn set(&self, state: ProxyState) {
        self.state.send_replace(state);
    }

    /// Waits for the next new connection.
    pub async fn wait_for_connection(&self) {
        let _ = self.connections.subscribe().changed().await;
    }

    /// Waits until the proxy is in `state`.
    pub async fn wait_for(&self, state: ProxyState) {
        let _ = self.state.subscribe().wait_for(|is| *is == state).await;
    }
}

fn url(config: &Config, port: u16) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
    let mut url = format!("host=127.0.0.1 port={port}");
    let password = config.get_password().map(|password| String::from_utf8_lossy(password).into_owned());
    for (name, value) in [
        ("user", config.get_user()),
        ("dbname", config.get_dbname()),
        ("password", password.as_deref()),
        ("options", config.get_options()),
    ] {
        if let Some(value) = value {
            url = format!("{url} {name}={}", quoted(value));
        }
    }
    format!("{url} application_name=proxy-{port}")
}

async fn connect(config: &Config) -> std::io::Result<Box<dyn Stream>> {
    let port = config.get_ports().first().copied().unwrap_or(5432);
    match config.get_hosts().first() {
        Some(Host::Unix(folder)) => {
            let socket = Path::new(folder).join(format!(".s.PGSQL.{port}"));
            Ok(Box::new(UnixStream::connect(socket).await?))
        }
        Some(Host::Tcp(host)) => Ok(Box::new(TcpStream::connect((host.as_str(), port)).await?)),
        None => Err(std::io::ErrorKind::AddrNotAvailable.into()),
    }
}

/// Returns true if `received` contains `needle`. `tail` holds the end of earlier reads, for a needle split over
/// two.
fn contains_across_reads(tail: &mut Vec<u8>, received: &[u8], needle: &[u8]) -> bool {
    tail.extend_from_slice(received);
    let contains = tail.windows(needle.len()).any(|window| window == needle);
    tail.drain(..tail.len().saturating_sub(needle.len() - 1));
    contains
}

/// Forwards bytes in both directions until one side closes or the proxy drops the connection.
async fn forward(mut client: TcpStream, config: &Config, proxy: watch::Sender<ProxyState>) {
    let Ok(mut server) = connect(config).await else { return };
    let mut state = proxy.subscribe();
    let (mut from_client, mut from_server) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let (mut client_tail, mut server_tail) = (Vec::new(), Vec::new());
    let mut commit_mode = None;
    loop {
        let mode = *state.borrow_and_update();
        let is_paused = mode == ProxyState::Paused || commit_mode == Some(ProxyState::PauseAtCommit);
        tokio::select! {
            changed = state.changed() => if changed.is_err() || *state.borrow() == ProxyState::Refusing {
                return;
            },
            count = client.read(&mut from_client), if !is_paused => {
                let received = &from_client[..count.unwrap_or(0)];
                if contains_across_reads(&mut client_tail, received, COMMIT) {
                    commit_mode = Some(mode);
                    match mode {
                        ProxyState::DropBeforeCommit => {
                            proxy.send_replace(ProxyState::Forwarding);
                            return;
                        }
                        ProxyState::PauseAtCommit => {
                            proxy.send_replace(ProxyState::Forwarding);
                            continue;
                        }
                        _ => (),
                    }
                }
                if received.is_empty() || server.write_all(received).await.is_err() {
                    return;
                }
            },
            count = server.read(&mut from_server), if !is_paused => {
                let received = &from_server[..count.unwrap_or(0)];
                let committed = commit_mode.is_some() && contains_across_reads(&mut server_tail, received, COMMITTED);
                if commit_mode == Some(ProxyState::DropAfterCommit) {
                    if committed {
                        proxy.send_replace(ProxyState::Forwarding);
                        return;
                    }
                    if !received.is_empty() {
                        continue;
                    }
                }
                if committed {
                    commit_mode = None;
                }
                if received.is_empty() || client.write_all(received).await.is_err() {
                    return;
                }
            },
        }
    }
}
