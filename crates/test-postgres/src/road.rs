//! The road between a program and its database, which a test can cut, hold up and close.

use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// How a road is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Everything gets through.
    Open,
    /// Whoever comes is let in, and nothing gets through.
    Held,
    /// Whoever comes is sent away, and who is on it is cut off.
    Closed,
    /// The next commit is cut off before the database hears of it. Then it is open.
    CutBeforeCommit,
    /// The next commit is done, and cut off before the program hears of it. Then it is open.
    CutAfterCommit,
    /// The next commit gets through to nobody, and nothing else of its connection does. To others it is open.
    HeldAtCommit,
}

/// A road to a database.
#[derive(Debug)]
pub struct Road {
    url: String,
    state: watch::Sender<State>,
    knocks: watch::Sender<u64>,
}

/// What says to a database that it should commit, and what it says then.
const COMMIT: &[u8] = b"Q\0\0\0\x0bcommit\0";
const COMMITTED: &[u8] = b"COMMIT\0";

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl Road {
    /// An open road to the database of an address.
    pub(crate) async fn to(address: &str) -> Road {
        let config: Arc<Config> = Arc::new(address.parse().expect("it is an address"));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a port");
        let port = listener.local_addr().expect("it is bound").port();
        let (state, knocks) = (watch::Sender::new(State::Open), watch::Sender::new(0));
        let road = Road { url: url(&config, port), state: state.clone(), knocks: knocks.clone() };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                knocks.send_modify(|knocks| *knocks += 1);
                let (config, state) = (Arc::clone(&config), state.clone());
                if *state.borrow() != State::Closed {
                    tokio::spawn(async move { carry(client, &config, state).await });
                }
            }
        });
        road
    }

    /// The address of the database by this road.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// What connections by this road are called in the database.
    pub fn name(&self) -> &str {
        self.url.rsplit('=').next().unwrap_or_default()
    }

    /// From now on it is so.
    pub fn set(&self, state: State) {
        self.state.send_replace(state);
    }

    /// Waits for somebody new to come.
    pub async fn knock(&self) {
        let _ = self.knocks.subscribe().changed().await;
    }

    /// Waits until it is so.
    pub async fn becomes(&self, state: State) {
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
    format!("{url} application_name=road-{port}")
}

async fn reach(config: &Config) -> std::io::Result<Box<dyn Stream>> {
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

/// Whether something stands in what was said, of which an end is kept for what comes in two pieces.
fn heard(tail: &mut Vec<u8>, said: &[u8], what: &[u8]) -> bool {
    tail.extend_from_slice(said);
    let heard = tail.windows(what.len()).any(|window| window == what);
    tail.drain(..tail.len().saturating_sub(what.len() - 1));
    heard
}

/// Passes on what two say to each other, until one of them goes away or the road is cut.
async fn carry(mut client: TcpStream, config: &Config, road: watch::Sender<State>) {
    let Ok(mut server) = reach(config).await else { return };
    let mut state = road.subscribe();
    let (mut asked, mut told) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let (mut asks, mut tells) = (Vec::new(), Vec::new());
    let mut commits = None;
    loop {
        let now = *state.borrow_and_update();
        let held = now == State::Held || commits == Some(State::HeldAtCommit);
        tokio::select! {
            changed = state.changed() => if changed.is_err() || *state.borrow() == State::Closed {
                return;
            },
            count = client.read(&mut asked), if !held => {
                let said = &asked[..count.unwrap_or(0)];
                if heard(&mut asks, said, COMMIT) {
                    commits = Some(now);
                    match now {
                        State::CutBeforeCommit => {
                            road.send_replace(State::Open);
                            return;
                        }
                        State::HeldAtCommit => {
                            road.send_replace(State::Open);
                            continue;
                        }
                        _ => (),
                    }
                }
                if said.is_empty() || server.write_all(said).await.is_err() {
                    return;
                }
            },
            count = server.read(&mut told), if !held => {
                let said = &told[..count.unwrap_or(0)];
                let committed = commits.is_some() && heard(&mut tells, said, COMMITTED);
                if commits == Some(State::CutAfterCommit) {
                    if committed {
                        road.send_replace(State::Open);
                        return;
                    }
                    if !said.is_empty() {
                        continue;
                    }
                }
                if committed {
                    commits = None;
                }
                if said.is_empty() || client.write_all(said).await.is_err() {
                    return;
                }
            },
        }
    }
}
