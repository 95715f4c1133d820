//! The environment of a program that runs against the emulator: the proxy and the trusted certificate, in the
//! variables that languages and tools read.
//!
//! | variable | read by |
//! |---|---|
//! | `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`, and in lower case | nearly all clients |
//! | `NODE_USE_ENV_PROXY` | Node.js from 22.21, which otherwise ignores these |
//! | `SSL_CERT_FILE` | OpenSSL (Python, Ruby, Perl, .NET), Go on Linux, Rust, httpx |
//! | `REQUESTS_CA_BUNDLE` | requests of Python |
//! | `CURL_CA_BUNDLE` | curl |
//! | `NODE_EXTRA_CA_CERTS` | Node.js, Bun |
//! | `DENO_CERT` | Deno |
//! | `JAVA_TOOL_OPTIONS` | Java: proxy and trust store |

use crate::certificates::AuthorityFiles;
use crate::community_name::CommunityName;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

mod format;

pub use format::Format;

/// The variable with the address of the operators' API.
pub const OPERATORS: &str = "GUANXI_EMULATOR";

/// The variable with the operators' token.
pub const TOKEN: &str = "GUANXI_EMULATOR_TOKEN";

/// The variable with the address of the proxy, without a community.
pub const PROXY: &str = "GUANXI_EMULATOR_PROXY";

/// The variable with the community of the program's requests, which the commands of the emulator read.
pub const COMMUNITY: &str = "GUANXI_EMULATOR_COMMUNITY";

/// The variable with options that a program of Java adds to its own.
const JAVA_OPTIONS: &str = "JAVA_TOOL_OPTIONS";

/// The password in the address of the proxy. The proxy ignores it, but some clients send no user without one.
const PASSWORD: &str = "x";

/// The hosts that clients reach without the proxy.
const DIRECT: &str = "localhost,127.0.0.1,::1";

/// The facts that the environment of a program follows from.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The address of the proxy.
    pub proxy: SocketAddr,
    /// The community of the program's requests.
    pub community: &'a CommunityName,
    /// The files with the trusted certificate.
    pub certificates: &'a AuthorityFiles,
    /// The URL of the operators' API.
    pub operators: &'a str,
    /// The operators' token.
    pub token: &'a str,
    /// The value of `JAVA_TOOL_OPTIONS` so far.
    pub java_options: Option<&'a str>,
}

/// The error of a value that some format of an environment cannot contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} would contain a path or a text that is no UTF-8, or that has control characters")]
pub struct InvalidVariable(pub &'static str);

/// The variables of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment(Vec<(&'static str, String)>);

impl Environment {
    /// Creates the environment of a program.
    pub fn new(facts: &Facts<'_>) -> Result<Environment, InvalidVariable> {
        let mut variables = Vec::new();
        let address = reachable(facts.proxy);
        let proxy = match facts.community.as_str() {
            community if *facts.community != CommunityName::default() => {
                format!("http://{community}:{PASSWORD}@{address}")
            }
            _ => format!("http://{address}"),
        };
        for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy"] {
            variables.push((name, proxy.clone()));
        }
        for name in ["NO_PROXY", "no_proxy"] {
            variables.push((name, DIRECT.to_owned()));
        }
        variables.push(("NODE_USE_ENV_PROXY", "1".to_owned()));
        for name in
            ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "DENO_CERT"]
        {
            variables.push((name, path_text(&facts.certificates.pem, name)?.to_owned()));
        }
        let trust_store = path_text(&facts.certificates.java_trust_store, JAVA_OPTIONS)?;
        variables.push((JAVA_OPTIONS, java_options(facts.java_options, address, trust_store)));
        variables.push((OPERATORS, facts.operators.to_owned()));
        variables.push((TOKEN, facts.token.to_owned()));
        variables.push((PROXY, format!("http://{address}")));
        variables.push((COMMUNITY, facts.community.as_str().to_owned()));
        let invalid = variables.iter().find(|(_, value)| value.chars().any(char::is_control));
        invalid.map_or(Ok(()), |(name, _)| Err(InvalidVariable(name)))?;
        Ok(Environment(variables))
    }

    /// Returns the names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// Returns the text that sets the variables.
    pub fn render(&self, format: Format) -> String {
        self.iter().map(|(name, value)| format.line(name, value)).collect()
    }
}

/// Returns an address under which a client reaches a listener. A listener on all addresses is reached on loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn path_text<'p>(path: &'p Path, name: &'static str) -> Result<&'p str, InvalidVariable> {
    path.to_str().ok_or(InvalidVariable(name))
}

/// Appends the proxy and the trust store to the options for Java. Java sends no user to a proxy by itself.
fn java_options(existing: Option<&str>, proxy: SocketAddr, trust_store: &str) -> String {
    let (host, port) = (proxy.ip(), proxy.port());
    let direct = "localhost|127.*|[::1]";
    let own = format!(
        "-Dhttp.proxyHost={host} -Dhttp.proxyPort={port} -Dhttps.proxyHost={host} -Dhttps.proxyPort={port} \
         -Dhttp.nonProxyHosts={direct} -Djavax.net.ssl.trustStoreType=PKCS12 \
         -Djavax.net.ssl.trustStore={}",
        quote_java_option(trust_store)
    );
    let existing = existing.map(str::trim).filter(|options| !options.is_empty());
    match existing {
        Some(existing) if existing.ends_with(&own) => existing.to_owned(),
        Some(existing) => format!("{existing} {own}"),
        None => own,
    }
}

/// Quotes a part of an option. Java splits at white space, and knows both quotes but no escape.
fn quote_java_option(text: &str) -> String {
    let quoted = text.split_inclusive('\'').map(|part| match part.strip_suffix('\'') {
        Some(before) => format!("'{before}'\"'\""),
        None => format!("'{part}'"),
    });
    if text.contains([' ', '\t', '\'', '"']) { quoted.collect() } else { text.to_owned() }
}

#[cfg(test)]
mod tests;
