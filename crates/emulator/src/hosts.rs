//! The hosts that the emulator serves, and the authority of a request: its host with a port.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// The hosts of the URLs in the four documents. Document 000 has both, and documents 001 to 003 have the first.
const DOCUMENTED: [&str; 2] = ["api.bilibili.com", "passport.bilibili.com"];

/// The name of this machine on loopback.
pub const LOCALHOST: &str = "localhost";

/// The maximum length of a DNS name.
const MAX_NAME_BYTES: usize = 253;

/// A DNS name in lower case, without a trailing dot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(String);

impl HostName {
    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// The error of a text that is no DNS name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a host is a DNS name such as `api.example.com`, without a scheme, a port or a path")]
pub struct InvalidHostName;

impl FromStr for HostName {
    type Err = InvalidHostName;

    fn from_str(text: &str) -> Result<HostName, InvalidHostName> {
        let text = text.strip_suffix('.').unwrap_or(text);
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let is_label = |label: &str| {
            let is_short = (1..=63).contains(&label.len());
            is_short && label.bytes().all(is_letter) && !label.starts_with('-') && !label.ends_with('-')
        };
        // A last label of digits only would make an address of the name.
        let is_address = text.rsplit('.').next().is_some_and(|last| last.bytes().all(|c| c.is_ascii_digit()));
        if text.len() > MAX_NAME_BYTES || is_address || !text.split('.').all(is_label) {
            return Err(InvalidHostName);
        }
        Ok(HostName(text.to_ascii_lowercase()))
    }
}

/// The served hosts. Each is served on all ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosts(BTreeSet<HostName>);

/// The hosts of the documents.
impl Default for Hosts {
    fn default() -> Hosts {
        DOCUMENTED.iter().map(|name| HostName((*name).to_owned())).collect()
    }
}

impl FromIterator<HostName> for Hosts {
    fn from_iter<I: IntoIterator<Item = HostName>>(names: I) -> Hosts {
        Hosts(names.into_iter().collect())
    }
}

impl Extend<HostName> for Hosts {
    fn extend<I: IntoIterator<Item = HostName>>(&mut self, names: I) {
        self.0.extend(names);
    }
}

impl Hosts {
    /// Returns the names in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = &HostName> {
        self.0.iter()
    }

    /// Returns true if a name in lower case is served.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|served| served.0 == name)
    }

    /// Returns true if the authority is a served host, or the listener's own address.
    pub(crate) fn serve(&self, authority: &Authority, default_port: u16, own: SocketAddr) -> bool {
        if self.contains(&authority.host) {
            return true;
        }
        let is_own_host = match authority.host.parse::<IpAddr>() {
            Ok(address) => address.is_loopback() || address == own.ip().to_canonical(),
            Err(_) => authority.host == LOCALHOST,
        };
        is_own_host && authority.port.unwrap_or(default_port) == own.port()
    }
}

/// A host, and a port if the text has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authority {
    /// A name in lower case without a trailing dot, or an address without brackets.
    pub(crate) host: String,
    /// The port, at least 1.
    pub(crate) port: Option<u16>,
}

/// The error of a text that is no host with an optional port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InvalidAuthority;

impl FromStr for Authority {
    type Err = InvalidAuthority;

    fn from_str(text: &str) -> Result<Authority, InvalidAuthority> {
        let (host, port) = if let Some(rest) = text.strip_prefix('[') {
            let (address, port) = rest.split_once(']').ok_or(InvalidAuthority)?;
            let address: Ipv6Addr = address.parse().map_err(|_| InvalidAuthority)?;
            (IpAddr::from(address).to_canonical().to_string(), port)
        } else {
            let (host, port) = text.split_at(text.find(':').unwrap_or(text.len()));
            (parse_name(host)?, port)
        };
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => None,
            Some("") => None,
            Some(digits) => Some(parse_port(digits)?),
            None => return Err(InvalidAuthority),
        };
        Ok(Authority { host, port })
    }
}

/// Returns the name in lower case, without a trailing dot.
fn parse_name(text: &str) -> Result<String, InvalidAuthority> {
    let name = text.strip_suffix('.').unwrap_or(text);
    let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if !(1..=MAX_NAME_BYTES).contains(&name.len()) || !name.bytes().all(is_valid) {
        return Err(InvalidAuthority);
    }
    Ok(name.to_ascii_lowercase())
}

fn parse_port(digits: &str) -> Result<u16, InvalidAuthority> {
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(InvalidAuthority);
    }
    digits.parse().ok().filter(|port| *port > 0).ok_or(InvalidAuthority)
}

impl fmt::Display for Authority {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(out, "{open}{}{close}", self.host)?;
        self.port.map_or(Ok(()), |port| write!(out, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_are_dns_names_in_lower_case() {
        let long_label = format!("{}.cn", "x".repeat(64));
        let long = format!("{}cn", "x.".repeat(126));
        for (text, name) in [
            ("api.example.cn", Some("api.example.cn")),
            ("API.Example.CN", Some("api.example.cn")),
            ("emulator", Some("emulator")),
            ("_srv.a-b.cn", Some("_srv.a-b.cn")),
            (&long_label[1..], Some(&long_label[1..])),
            (&long_label, None),
            (&long, None),
            ("", None),
            ("api.example.cn.", Some("api.example.cn")),
            ("api.example.cn..", None),
            (".", None),
            ("api..cn", None),
            (".cn", None),
            ("-a.cn", None),
            ("a-.cn", None),
            ("api.example.cn:443", None),
            ("https://api.example.cn", None),
            ("api.example.cn/x", None),
            ("*.example.cn", None),
            ("127.0.0.1", None),
            ("[::1]", None),
            ("会员.cn", None),
            ("a b", None),
        ] {
            assert_eq!(text.parse::<HostName>().ok().as_ref().map(HostName::as_str), name, "{text}");
        }
    }

    #[test]
    fn authority_is_a_host_with_an_optional_port() {
        for (text, parsed) in [
            ("api.example.cn", Some(("api.example.cn", None))),
            ("API.example.cn.:8443", Some(("api.example.cn", Some(8443)))),
            ("api.example.cn:", Some(("api.example.cn", None))),
            ("127.0.0.1:1", Some(("127.0.0.1", Some(1)))),
            ("[::1]:65535", Some(("::1", Some(65535)))),
            ("[::ffff:127.0.0.1]", Some(("127.0.0.1", None))),
            ("[::1]", Some(("::1", None))),
            ("", None),
            (":443", None),
            ("/", None),
            ("a.cn:0", None),
            ("a.cn:65536", None),
            ("a.cn:+1", None),
            ("a.cn:443:443", None),
            ("me@a.cn:443", None),
            ("me:me@a.cn:443", None),
            ("::1", None),
            ("[::1", None),
            ("[::1]x", None),
            ("[a.cn]", None),
            ("a.cn/x", None),
            ("a\0.cn", None),
            ("a.cn a.cn", None),
        ] {
            let authority = text.parse::<Authority>();
            let found = authority.as_ref().ok().map(|authority| (authority.host.as_str(), authority.port));
            assert_eq!(found, parsed, "{text}");
        }
    }

    #[test]
    fn served_hosts_have_all_ports_and_loopback_its_own() {
        let own: SocketAddr = "127.0.0.1:8080".parse().unwrap();
        let mut hosts: Hosts = Hosts::default();
        hosts.extend(["members.example.cn".parse().unwrap()]);
        for (text, is_served) in [
            (DOCUMENTED[0], true),
            (DOCUMENTED[1], true),
            ("Members.Example.CN.:8443", true),
            ("example.cn", false),
            ("x.members.example.cn", false),
            ("localhost:8080", true),
            ("127.0.0.1:8080", true),
            ("127.1.2.3:8080", true),
            ("[::1]:8080", true),
            ("[::ffff:127.0.0.1]:8080", true),
            ("127.0.0.1:8081", false),
            ("127.0.0.1", false),
            ("localhost", false),
            ("10.0.0.1:8080", false),
        ] {
            assert_eq!(hosts.serve(&text.parse().unwrap(), 80, own), is_served, "{text}");
        }
        let on_port_80 = "127.0.0.1:80".parse().unwrap();
        assert!(hosts.serve(&"localhost".parse().unwrap(), 80, on_port_80));
        let in_container = "172.17.0.2:8080".parse().unwrap();
        assert!(hosts.serve(&"172.17.0.2:8080".parse().unwrap(), 80, in_container));
    }

    #[test]
    fn authority_is_displayed_as_it_is_parsed() {
        for text in ["a.cn", "a.cn:443", "[::1]:443", "127.0.0.1:80"] {
            assert_eq!(text.parse::<Authority>().unwrap().to_string(), text);
        }
    }
}
