//! New connections: one server after another, with TLS or without, until one has the session that is asked for.

#[cfg(test)]
mod tests;

use super::config::{DatabaseConfig, Named, SessionTarget, SslMode};
use super::tls::{Handshake, Tls};
use crate::StorageError;
use crate::error::OpenError;
use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use deadpool_postgres::ClientWrapper;
use std::error::Error;
use std::slice;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::config::{Host, SslMode as DriverMode};
use tokio_postgres::{Client, Config, SimpleQueryMessage};

/// A client, and the task that moves its bytes.
type Session = (Client, JoinHandle<()>);

/// A failed attempt: the server with the kind of the connection, and the error.
type Failure = (String, StorageError);

/// A source of new connections to one database.
#[derive(Debug)]
pub(super) struct Connector {
    config: DatabaseConfig,
    tls: Arc<Tls>,
    /// The time limit of all servers together, unless the address has one for each.
    time_limit: Duration,
    /// The statements that each connection begins with.
    setup: String,
    /// True if the last connection was encrypted, in a mode where both is possible.
    was_encrypted: Mutex<Option<bool>>,
}

/// The attempts at all servers failed.
#[derive(Debug, thiserror::Error)]
#[error("{}", describe(.0))]
struct AllFailed(Vec<Failure>);

fn describe(failures: &[Failure]) -> String {
    let cause = |error: &StorageError| error.source().map_or_else(|| error.to_string(), ToString::to_string);
    let texts = failures.iter().map(|(attempt, error)| format!("{attempt}: {}", cause(error)));
    texts.collect::<Vec<_>>().join("; ")
}

impl Connector {
    /// Returns an error if the mode needs TLS and its files are unusable.
    pub(super) fn new(
        config: DatabaseConfig,
        time_limit: Duration,
        setup: String,
    ) -> Result<Connector, OpenError> {
        let tls = Arc::new(Tls::new(config.ssl_mode, config.tls_files.clone()));
        if config.ssl_mode >= SslMode::Require && !config.servers.iter().all(is_local) {
            tls.client_config().map_err(|error| OpenError::Database(error.into()))?;
        }
        Ok(Connector { config, tls, time_limit, setup, was_encrypted: Mutex::default() })
    }

    /// Opens a connection.
    pub(super) async fn connect(&self) -> Result<Session, StorageError> {
        let targets = match &self.config.session_target {
            SessionTarget::PreferStandby => &[SessionTarget::Standby, SessionTarget::Any],
            target => slice::from_ref(target),
        };
        let servers = &self.config.servers;
        let first = if self.config.is_balanced { random_below(servers.len()) } else { 0 };
        let share = self.time_limit / u32::try_from(servers.len()).unwrap_or(u32::MAX);
        let mut failures = Vec::new();
        for target in targets {
            for server in servers[first..].iter().chain(&servers[..first]) {
                let limit = server.get_connect_timeout().copied().unwrap_or(share);
                match timeout(limit, self.connect_to(server, *target)).await {
                    Ok(Ok(session)) => return Ok(session),
                    Ok(Err(failed)) => failures.extend(failed),
                    Err(_) => {
                        let error =
                            StorageError::unavailable("no connection to the server within the time limit");
                        failures.push((name(server), error));
                    }
                }
            }
        }
        if failures.len() > 1 {
            return Err(StorageError::unavailable(AllFailed(failures)));
        }
        Err(failures
            .pop()
            .map_or_else(|| StorageError::unavailable("no server is named"), |(_, error)| error))
    }

    /// Opens a connection to one server, and prepares its session.
    async fn connect_to(&self, server: &Config, target: SessionTarget) -> Result<Session, Vec<Failure>> {
        let session = self.negotiate(server).await?;
        let prepare = async {
            check_target(&session.0, target).await?;
            Ok(session.0.batch_execute(&self.setup).await?)
        };
        match prepare.await {
            Ok(()) => Ok(session),
            Err(error) => Err(vec![(name(server), as_unavailable(error))]),
        }
    }

    /// Opens a connection with TLS or without, as the mode says. TLS is not used on a socket of this machine.
    async fn negotiate(&self, server: &Config) -> Result<Session, Vec<Failure>> {
        let (first, second) = match self.config.ssl_mode {
            SslMode::Disable => (DriverMode::Disable, None),
            _ if is_local(server) => (DriverMode::Disable, None),
            SslMode::Allow => (DriverMode::Disable, Some(DriverMode::Prefer)),
            SslMode::Prefer => (DriverMode::Prefer, Some(DriverMode::Disable)),
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => (DriverMode::Require, None),
        };
        let (failure, may_retry) = match self.attempt(server, first).await {
            Ok((session, is_encrypted)) => {
                if second.is_some() {
                    self.report(server, is_encrypted, None);
                }
                return Ok(session);
            }
            Err(failed) => failed,
        };
        let Some(second) = second.filter(|_| may_retry) else { return Err(vec![failure]) };
        match self.attempt(server, second).await {
            Ok((session, is_encrypted)) => {
                self.report(server, is_encrypted, Some(&failure.1));
                Ok(session)
            }
            Err((last, _)) => Err(vec![failure, last]),
        }
    }

    /// Returns a session, and true if it is encrypted. After a failure, returns true if the other kind of connection
    /// may succeed: the server rejected this one, or the handshake failed.
    async fn attempt(&self, server: &Config, mode: DriverMode) -> Result<(Session, bool), (Failure, bool)> {
        let handshake = Handshake::new(&self.tls);
        let progress = Arc::clone(&handshake.progress);
        match server.clone().ssl_mode(mode).connect(handshake).await {
            Ok((client, connection)) => {
                let task = tokio::spawn(async move {
                    if let Err(error) = connection.await {
                        tracing::warn!(error = %StorageError::from(error), "database connection failed");
                    }
                });
                Ok(((client, task), progress.is_encrypted()))
            }
            Err(error) => {
                let is_other_kind = mode == DriverMode::Disable || progress.is_encrypted();
                let may_retry = progress.has_failed() || is_other_kind && error.as_db_error().is_some();
                let is_tls = progress.is_encrypted() || progress.has_failed();
                let attempt = name(server) + if is_tls { " with TLS" } else { "" };
                Err(((attempt, as_unavailable(error.into())), may_retry))
            }
        }
    }

    /// Logs a change between encrypted and plain connections.
    fn report(&self, server: &Config, is_encrypted: bool, failure: Option<&StorageError>) {
        let before = self.was_encrypted.lock().unwrap_or_else(PoisonError::into_inner).replace(is_encrypted);
        if before == Some(is_encrypted) {
            return;
        }
        let (server, mode) = (name(server), self.config.ssl_mode.name());
        match failure {
            _ if is_encrypted => {
                tracing::info!(server, sslmode = mode, "connections to the database use TLS");
            }
            Some(reason) if self.config.ssl_mode == SslMode::Prefer => {
                tracing::warn!(server, sslmode = mode, %reason, "connections to the database use no TLS");
            }
            _ => tracing::warn!(server, sslmode = mode, "connections to the database use no TLS"),
        }
    }
}

impl Manager for Connector {
    type Type = ClientWrapper;
    type Error = StorageError;

    async fn create(&self) -> Result<ClientWrapper, StorageError> {
        let (client, task) = self.connect().await?;
        Ok(ClientWrapper::new(client, task))
    }

    async fn recycle(&self, client: &mut ClientWrapper, _: &Metrics) -> RecycleResult<StorageError> {
        if client.is_closed() {
            return Err(RecycleError::message("the connection is closed"));
        }
        Ok(())
    }
}

impl SessionTarget {
    fn accepts(self, is_standby: bool, is_read_only: bool) -> bool {
        match self {
            SessionTarget::Any | SessionTarget::PreferStandby => true,
            SessionTarget::ReadWrite => !is_read_only,
            SessionTarget::ReadOnly => is_read_only,
            SessionTarget::Primary => !is_standby,
            SessionTarget::Standby => is_standby,
        }
    }
}

/// Returns an error unless the server is of the kind that is asked for.
async fn check_target(client: &Client, target: SessionTarget) -> Result<(), StorageError> {
    if target == SessionTarget::Any {
        return Ok(());
    }
    let query = "select pg_is_in_recovery(), current_setting('transaction_read_only')::bool";
    let [is_standby, is_read_only] = pair(client, query).await?.map(|text| text.as_deref() == Some("t"));
    if target.accepts(is_standby, is_read_only) {
        return Ok(());
    }
    let role = if is_standby { "a standby" } else { "a primary" };
    let access = if is_read_only { "read-only" } else { "writable" };
    let target = target.name();
    Err(StorageError::unavailable(format!(
        "the server is {role} and {access}, not target_session_attrs={target}"
    )))
}

/// Returns the two columns of a row, by a query that is not prepared.
pub(super) async fn pair(client: &Client, query: &str) -> Result<[Option<String>; 2], StorageError> {
    let answer = client.simple_query(query).await?;
    let row = answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    Ok([0, 1].map(|column| row.and_then(|row| row.get(column)).map(str::to_owned)))
}

/// Returns the error of a new connection. A server that rejects it is unavailable, whatever its reason.
fn as_unavailable(error: StorageError) -> StorageError {
    match error {
        StorageError::Engine(cause) => StorageError::Unavailable(cause),
        error => error,
    }
}

/// Returns true if a server is reached by a socket in a folder of this machine.
fn is_local(server: &Config) -> bool {
    server.get_hostaddrs().is_empty() && !matches!(server.get_hosts(), [Host::Tcp(_)])
}

/// Returns the host and port of a server.
fn name(server: &Config) -> String {
    let host = match server.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        #[cfg(unix)]
        Some(Host::Unix(folder)) => folder.display().to_string(),
        None => String::new(),
    };
    format!("{host}:{}", server.get_ports().first().copied().unwrap_or_default())
}

/// Returns a random number below a limit. Without randomness it is 0.
fn random_below(limit: usize) -> usize {
    let number = getrandom::u32().unwrap_or(0);
    usize::try_from(number).unwrap_or(0) % limit.max(1)
}
