//! The address of a database. It has libpq's parameters, environment variables, files and defaults.

mod parameters;
mod password_file;
#[cfg(test)]
mod tests;

use super::error::root_cause;
use crate::error::OpenError;
use parameters::Parameters;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::LoadBalanceHosts;

/// The folder of Debian's server sockets, and the one of PostgreSQL's own builds.
const SOCKET_FOLDERS: [&str; 2] = ["/var/run/postgresql", "/tmp"];

const DEFAULT_PORT: u16 = 5432;

/// The interval of TCP keepalive probes on an idle connection.
pub(super) const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);

/// The address of a database, with its credentials.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// The servers in the order of the attempts. Each has one host.
    pub(super) servers: Vec<Config>,
    /// True if connections begin with a random server.
    pub(super) is_balanced: bool,
    pub(super) ssl_mode: SslMode,
    pub(super) tls_files: TlsFiles,
    pub(super) session_target: SessionTarget,
}

/// The use of TLS, from the weakest to the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SslMode {
    /// No TLS.
    Disable,
    /// TLS if the server rejects a connection without.
    Allow,
    /// TLS if the server offers it.
    Prefer,
    /// TLS. The certificate is verified if there are root certificates.
    Require,
    /// TLS with a certificate of a trusted authority.
    VerifyCa,
    /// TLS with a certificate of a trusted authority for the host.
    VerifyFull,
}

/// The trusted authorities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Roots {
    /// The authorities of the operating system.
    System,
    /// The certificates of a file, which may be absent.
    File(Option<PathBuf>),
}

/// The files of TLS. A file that is absent is not used, unless the mode needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TlsFiles {
    pub(super) roots: Roots,
    pub(super) revocations: Option<PathBuf>,
    pub(super) certificate: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
}

/// The requirement for the session of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SessionTarget {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    /// A standby, or any server if no standby is available.
    PreferStandby,
}

/// A value of a parameter, by its name.
pub(super) trait Named: Copy + PartialEq + 'static {
    const PARAMETER: &'static str;
    const NAMES: &'static [(&'static str, Self)];

    /// Returns the name of a value.
    fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, value)| *value == self).map_or("", |(name, _)| name)
    }

    fn parse(text: &str) -> Result<Self, ConfigError> {
        let found = Self::NAMES.iter().find(|(name, _)| *name == text);
        found.map(|(_, value)| *value).ok_or_else(|| ConfigError::Unknown {
            parameter: Self::PARAMETER,
            value: text.to_owned(),
            known: Self::NAMES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "),
        })
    }
}

impl Named for SslMode {
    const PARAMETER: &'static str = "sslmode";
    const NAMES: &'static [(&'static str, SslMode)] = &[
        ("disable", SslMode::Disable),
        ("allow", SslMode::Allow),
        ("prefer", SslMode::Prefer),
        ("require", SslMode::Require),
        ("verify-ca", SslMode::VerifyCa),
        ("verify-full", SslMode::VerifyFull),
    ];
}

impl Named for SessionTarget {
    const PARAMETER: &'static str = "target_session_attrs";
    const NAMES: &'static [(&'static str, SessionTarget)] = &[
        ("any", SessionTarget::Any),
        ("read-write", SessionTarget::ReadWrite),
        ("read-only", SessionTarget::ReadOnly),
        ("primary", SessionTarget::Primary),
        ("standby", SessionTarget::Standby),
        ("prefer-standby", SessionTarget::PreferStandby),
    ];
}

/// An invalid address. No message contains a password.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConfigError {
    #[error("it must begin with postgres://")]
    Scheme,
    #[error("{0} is invalid")]
    Invalid(&'static str),
    #[error("{parameter} has the unknown value {value:?}, known are {known}")]
    Unknown { parameter: &'static str, value: String, known: String },
    #[error("{0} is no UTF-8 after percent-decoding")]
    NotUtf8(String),
    #[error("a parameter has no value, or its quote is not closed")]
    Unterminated,
    #[error("{counted} must have one entry, or as many entries as host")]
    Count { counted: &'static str },
    #[error(
        "sslrootcert=system needs sslmode=verify-full, since anyone can get a certificate from its authorities"
    )]
    WeakMode,
    #[error("gssencmode=require is not supported")]
    Gss,
    #[error("{}", root_cause(.0))]
    Driver(#[source] tokio_postgres::Error),
}

/// Parses a database URL. Absent parameters come from libpq's environment variables, then from its defaults.
pub fn parse_url(text: &str) -> Result<DatabaseConfig, OpenError> {
    DatabaseConfig::parse(text, |variable| std::env::var(variable).ok())
        .map_err(|error| OpenError::InvalidUrl(error.into()))
}

impl DatabaseConfig {
    /// Parses a URL or pairs, with the variables of an environment.
    pub(super) fn parse(
        text: &str,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<DatabaseConfig, ConfigError> {
        let mut parameters = Parameters::parse(text)?;
        parameters.add_environment(&environment);
        let home = environment("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
        let home_file = |name: &str| home.as_ref().map(|home| home.join(name));

        let roots = parameters.take("sslrootcert");
        let is_system = roots.as_deref() == Some("system");
        let ssl_mode = match parameters.take("sslmode") {
            Some(mode) => SslMode::parse(&mode)?,
            None if is_system => SslMode::VerifyFull,
            None => SslMode::Prefer,
        };
        let roots = match roots {
            Some(_) if is_system && ssl_mode < SslMode::VerifyFull => return Err(ConfigError::WeakMode),
            Some(_) if is_system => Roots::System,
            roots => Roots::File(roots.map(PathBuf::from).or_else(|| home_file(".postgresql/root.crt"))),
        };
        let mut file = |parameter: &str, default: &str| {
            parameters.take(parameter).map(PathBuf::from).or_else(|| home_file(default))
        };
        let tls_files = TlsFiles {
            roots,
            revocations: file("sslcrl", ".postgresql/root.crl"),
            certificate: file("sslcert", ".postgresql/postgresql.crt"),
            key: file("sslkey", ".postgresql/postgresql.key"),
        };
        let target = parameters.take(SessionTarget::PARAMETER);
        let session_target = target.as_deref().map_or(Ok(SessionTarget::Any), SessionTarget::parse)?;
        let password_file = parameters.take("passfile").map(PathBuf::from).or_else(|| home_file(".pgpass"));
        let os_user = environment("USER").unwrap_or_default();
        let (servers, is_balanced) = servers(parameters, password_file.as_deref(), &os_user)?;
        Ok(DatabaseConfig { servers, is_balanced, ssl_mode, tls_files, session_target })
    }
}

/// Returns the servers that the parameters name, and true if connections begin with a random one.
fn servers(
    mut parameters: Parameters,
    password_file: Option<&Path>,
    os_user: &str,
) -> Result<(Vec<Config>, bool), ConfigError> {
    let [hosts, addresses, ports] = ["host", "hostaddr", "port"].map(|name| parameters.take_list(name));
    let count = hosts.len().max(addresses.len()).max(1);
    if !addresses.is_empty() && addresses.len() != count || !hosts.is_empty() && hosts.len() != count {
        return Err(ConfigError::Count { counted: "hostaddr" });
    }
    if ports.len() > 1 && ports.len() != count {
        return Err(ConfigError::Count { counted: "port" });
    }
    if parameters.take("gssencmode").is_some_and(|mode| mode == "require") {
        return Err(ConfigError::Gss);
    }
    if let Some(count) = parameters.take("keepalives_count") {
        parameters.set("keepalives_retries", count);
    }
    let mut common: Config = parameters.to_pairs().parse().map_err(ConfigError::Driver)?;
    common.keepalives_idle(KEEPALIVE_INTERVAL).keepalives_interval(KEEPALIVE_INTERVAL);
    if common.get_application_name().is_none() {
        common.application_name("guanxi");
    }
    let user = parameters.get("user").unwrap_or(os_user);
    let database = parameters.get("dbname").unwrap_or(user);
    let entry = |list: &[String], index: usize| list.get(index).cloned().filter(|entry| !entry.is_empty());
    let mut servers = Vec::with_capacity(count);
    for index in 0..count {
        let mut server = common.clone();
        let address = entry(&addresses, index);
        let host = entry(&hosts, index).or_else(|| address.clone()).unwrap_or_else(socket_folder);
        let port = entry(&ports, if ports.len() == 1 { 0 } else { index });
        let port =
            port.map_or(Ok(DEFAULT_PORT), |port| port.parse()).map_err(|_| ConfigError::Invalid("port"))?;
        server.host(&host).port(port);
        if let Some(address) = address {
            server.hostaddr(address.parse::<IpAddr>().map_err(|_| ConfigError::Invalid("hostaddr"))?);
        }
        if server.get_password().is_none()
            && let Some(path) = password_file
            && let Some(password) =
                password_file::find_password(path, [login_host(&host), &port.to_string(), database, user])
        {
            server.password(password);
        }
        servers.push(server);
    }
    Ok((servers, common.get_load_balance_hosts() == LoadBalanceHosts::Random))
}

fn socket_folder() -> String {
    let existing = SOCKET_FOLDERS.iter().find(|folder| Path::new(folder).is_dir());
    existing.unwrap_or(&SOCKET_FOLDERS[1]).to_string()
}

/// Returns the host as a password file names it: `localhost` for the server of the default socket.
fn login_host(host: &str) -> &str {
    if SOCKET_FOLDERS.contains(&host) { "localhost" } else { host }
}
