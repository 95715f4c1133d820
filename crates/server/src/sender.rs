//! Who sends a request: from which address, with which device, and with which session.

use crate::cookie::cookie;
use crate::networks::TrustedProxies;
use crate::session::Token;
use guanxi_domain::value;
use http::HeaderMap;
use http::header::{HOST, ORIGIN};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The other end of the connection, as an extension of its requests.
#[derive(Clone, Copy, Debug)]
pub struct PeerAddr(pub SocketAddr);

/// Who sends a request.
#[derive(Clone, Debug)]
pub struct ClientInfo {
    /// The request's headers.
    pub headers: HeaderMap,
    /// The other end of the connection.
    pub peer: IpAddr,
    /// The token of the live session that the request is made with.
    pub token: Option<Token>,
}

impl ClientInfo {
    /// The sender of a request.
    pub fn new(headers: HeaderMap, peer: Option<&PeerAddr>) -> ClientInfo {
        let peer =
            peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |PeerAddr(address)| address.ip().to_canonical());
        ClientInfo { headers, peer, token: None }
    }

    /// The sender's address: of those that trusted proxies pass on, the last that is no such proxy's.
    pub fn address(&self, trusted: &TrustedProxies) -> IpAddr {
        if !trusted.contain(self.peer) {
            return self.peer;
        }
        let lines = self.headers.get_all("x-forwarded-for").iter().rev();
        let told = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(',')).map(told_address);
        let mut last = self.peer;
        for address in told {
            // What comes before something that is no address was told by nobody knows whom.
            let Some(address) = address else { break };
            last = address;
            if !trusted.contain(address) {
                break;
            }
        }
        last
    }

    /// Whether the sender speaks https, so that cookies need not go another way.
    pub fn is_secure(&self, trusted: &TrustedProxies) -> bool {
        let told = self.headers.get("x-forwarded-proto").is_some_and(|told| told == "https");
        told && trusted.contain(self.peer)
    }

    /// Whether a browser says that a page of another site sent this.
    pub fn is_cross_site(&self) -> bool {
        let header = |name: &str| self.headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(site) = header("sec-fetch-site") {
            return !matches!(site, "same-origin" | "none");
        }
        // Browsers that do not tell the site tell the origin.
        let host = header(HOST.as_str()).unwrap_or_default();
        header(ORIGIN.as_str()).is_some_and(|origin| {
            origin.split_once("://").is_none_or(|(_, of)| !of.eq_ignore_ascii_case(host))
        })
    }

    /// The device's `buvid3`; empty for none, or for one that is none.
    pub fn buvid(&self) -> String {
        let buvid = cookie(&self.headers, "buvid3").unwrap_or_default();
        if buvid.len() <= 64 && value::LINE.fits(&buvid) { buvid } else { String::new() }
    }
}

/// An address as limits count it: an IPv6 one is its first 64 bits, as one customer has that many.
pub fn customer(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
    }
}

/// An address as proxies write it: with a port or without.
fn told_address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare =
        text.strip_prefix('[').and_then(|text| text.split_once(']')).map_or(text, |(address, _)| address);
    let address = bare.parse().or_else(|_| text.parse().map(|address: SocketAddr| address.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn sender(peer: &str, headers: &[(&'static str, &str)]) -> ClientInfo {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect();
        ClientInfo::new(headers, Some(&PeerAddr(SocketAddr::new(peer.parse().unwrap(), 1))))
    }

    fn networks(text: &str) -> TrustedProxies {
        text.parse().unwrap()
    }

    #[test]
    fn whose_word_counts() {
        let trusted = networks("10.0.0.0/8, ::1");
        // peer, X-Forwarded-For lines, address
        let cases: [(&str, &[&str], &str); 13] = [
            ("36.40.120.1", &[], "36.40.120.1"),
            ("36.40.120.1", &["1.2.3.4"], "36.40.120.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["36.40.120.1"], "36.40.120.1"),
            ("10.0.0.1", &["1.2.3.4, 36.40.120.1"], "36.40.120.1"),
            ("10.0.0.1", &["1.2.3.4", "36.40.120.1"], "36.40.120.1"),
            ("10.0.0.1", &["36.40.120.1, 10.0.0.2"], "36.40.120.1"),
            ("10.0.0.1", &["36.40.120.1:4711"], "36.40.120.1"),
            ("::1", &["[240e::1]:4711"], "240e::1"),
            ("::1", &["240e::1"], "240e::1"),
            ("::ffff:10.0.0.1", &["::ffff:36.40.120.1"], "36.40.120.1"),
            ("10.0.0.1", &["36.40.120.1, unknown, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ];
        for (peer, lines, address) in cases {
            let lines: Vec<_> = lines.iter().map(|line| ("x-forwarded-for", *line)).collect();
            assert_eq!(sender(peer, &lines).address(&trusted).to_string(), address, "{peer} {lines:?}");
        }
    }

    #[test]
    fn https_is_told_by_trusted_proxies_alone() {
        let trusted = networks("10.0.0.1");
        for (peer, secure) in [("10.0.0.1", true), ("10.0.0.2", false)] {
            assert_eq!(sender(peer, &[("x-forwarded-proto", "https")]).is_secure(&trusted), secure, "{peer}");
        }
        assert!(!sender("10.0.0.1", &[]).is_secure(&trusted));
    }

    #[test]
    fn pages_of_other_sites() {
        let cases: [(&[(&'static str, &str)], bool); 8] = [
            (&[], false),
            (&[("sec-fetch-site", "same-origin")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("sec-fetch-site", "cross-site")], true),
            (&[("sec-fetch-site", "same-site")], true),
            (&[("host", "a.cn:8080"), ("origin", "http://a.cn:8080")], false),
            (&[("host", "a.cn:8080"), ("origin", "https://b.cn")], true),
            (&[("host", "a.cn"), ("origin", "null")], true),
        ];
        for (headers, cross) in cases {
            assert_eq!(sender("10.0.0.1", headers).is_cross_site(), cross, "{headers:?}");
        }
    }
}
