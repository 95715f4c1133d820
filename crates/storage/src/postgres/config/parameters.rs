//! Connection parameters as libpq names them: from a URL, from a text of pairs, and from the environment.

use super::ConfigError;
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;

/// The parameters that are set, by name. Empty values are absent. Lists of hosts and ports are joined by commas.
#[derive(Debug, Default)]
pub(super) struct Parameters(BTreeMap<String, String>);

/// The environment variables of libpq, and the parameter of each.
const VARIABLES: [(&str, &str); 19] = [
    ("PGHOST", "host"),
    ("PGHOSTADDR", "hostaddr"),
    ("PGPORT", "port"),
    ("PGUSER", "user"),
    ("PGPASSWORD", "password"),
    ("PGPASSFILE", "passfile"),
    ("PGDATABASE", "dbname"),
    ("PGOPTIONS", "options"),
    ("PGAPPNAME", "application_name"),
    ("PGCONNECT_TIMEOUT", "connect_timeout"),
    ("PGSSLMODE", "sslmode"),
    ("PGSSLROOTCERT", "sslrootcert"),
    ("PGSSLCERT", "sslcert"),
    ("PGSSLKEY", "sslkey"),
    ("PGSSLCRL", "sslcrl"),
    ("PGSSLNEGOTIATION", "sslnegotiation"),
    ("PGCHANNELBINDING", "channel_binding"),
    ("PGTARGETSESSIONATTRS", "target_session_attrs"),
    ("PGLOADBALANCEHOSTS", "load_balance_hosts"),
];

impl Parameters {
    /// Parses a URL `postgres://…`, or pairs such as `host=db.example.cn user=guanxi`.
    pub(super) fn parse(text: &str) -> Result<Parameters, ConfigError> {
        let mut parameters = Parameters::default();
        match text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://")) {
            Some(rest) => parameters.read_url(rest)?,
            None if text.split('=').next().is_some_and(|start| start.contains("://")) => {
                return Err(ConfigError::Scheme);
            }
            None => parameters.read_pairs(text)?,
        }
        Ok(parameters)
    }

    /// Adds the variables of the environment whose parameters are absent.
    pub(super) fn add_environment(&mut self, environment: impl Fn(&str) -> Option<String>) {
        for (variable, name) in VARIABLES {
            if !self.0.contains_key(name)
                && let Some(value) = environment(variable)
            {
                self.set(name, value);
            }
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Removes a parameter and returns its value.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// Removes a parameter and returns the entries of its list.
    pub(super) fn take_list(&mut self, name: &str) -> Vec<String> {
        let entries = |list: String| list.split(',').map(|entry| entry.trim().to_owned()).collect();
        self.take(name).map_or_else(Vec::new, entries)
    }

    pub(super) fn set(&mut self, name: &str, value: String) {
        if !value.is_empty() {
            self.0.insert(name.to_owned(), value);
        }
    }

    /// Returns the parameters as pairs with quoted values.
    pub(super) fn to_pairs(&self) -> String {
        let quoted = |value: &str| value.replace('\\', "\\\\").replace('\'', "\\'");
        let pairs = self.0.iter().map(|(name, value)| format!("{name}='{}'", quoted(value)));
        pairs.collect::<Vec<_>>().join(" ")
    }

    /// Reads a URL without its scheme: `USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?NAME=VALUE&NAME=VALUE`.
    fn read_url(&mut self, text: &str) -> Result<(), ConfigError> {
        let at = text.find(['@', '/']).filter(|at| text[*at..].starts_with('@'));
        let (credentials, rest) = at.map_or(("", text), |at| (&text[..at], &text[at + 1..]));
        let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
        self.set("user", decode("user", user)?);
        self.set("password", decode("password", password)?);
        let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (servers, database) = address.split_once('/').unwrap_or((address, ""));
        self.set("dbname", decode("dbname", database)?);
        let (mut hosts, mut ports) = (Vec::new(), Vec::new());
        for server in servers.split(',') {
            let (host, port) = split_port(server).ok_or(ConfigError::Invalid("host"))?;
            hosts.push(decode("host", host)?);
            ports.push(decode("port", port)?);
        }
        // A list of nothing but commas names no host.
        let list = |entries: Vec<String>| {
            if entries.iter().all(String::is_empty) { String::new() } else { entries.join(",") }
        };
        self.set("host", list(hosts));
        self.set("port", list(ports));
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').ok_or(ConfigError::Unterminated)?;
            let name = decode("parameter", name)?;
            match (name.as_str(), decode(&name, value)?) {
                // The spelling of JDBC, which libpq accepts too.
                ("ssl", value) if value == "true" => self.set("sslmode", "require".to_owned()),
                (name, value) => self.set(name, value),
            }
        }
        Ok(())
    }

    /// Reads pairs such as `host=db.example.cn password='two words'`. A backslash escapes the next character.
    fn read_pairs(&mut self, text: &str) -> Result<(), ConfigError> {
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let (name, after) = rest.split_once('=').ok_or(ConfigError::Unterminated)?;
            let after = after.trim_start();
            let is_quoted = after.starts_with('\'');
            let mut chars = after.chars();
            if is_quoted {
                chars.next();
            }
            let mut value = String::new();
            loop {
                match chars.next() {
                    None if is_quoted => return Err(ConfigError::Unterminated),
                    None => break,
                    Some('\'') if is_quoted => break,
                    Some(space) if space.is_whitespace() && !is_quoted => break,
                    Some('\\') => value.extend(chars.next()),
                    Some(other) => value.push(other),
                }
            }
            self.set(name.trim_end(), value);
            rest = chars.as_str().trim_start();
        }
        Ok(())
    }
}

/// Splits a host from its port. An IPv6 address is in brackets.
fn split_port(server: &str) -> Option<(&str, &str)> {
    let Some(rest) = server.strip_prefix('[') else {
        return Some(server.split_once(':').unwrap_or((server, "")));
    };
    let (host, port) = rest.split_once(']')?;
    Some((host, if port.is_empty() { "" } else { port.strip_prefix(':')? }))
}

fn decode(name: &str, text: &str) -> Result<String, ConfigError> {
    let decoded = percent_decode_str(text).decode_utf8();
    Ok(decoded.map_err(|_| ConfigError::NotUtf8(name.to_owned()))?.into_owned())
}
