//! The client of a request: its address, device and session.

use crate::http::cookies::request_cookie;
use crate::session_token::Token;
use crate::trusted_proxies::TrustedProxies;
use guanxi_domain::value;
use http::HeaderMap;
use http::header::{HOST, ORIGIN};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

/// The peer address of a connection. Requests carry it as an extension.
#[derive(Clone, Copy, Debug)]
pub struct PeerAddr(pub SocketAddr);

/// The client that sent a request. Clones share the headers.
#[derive(Clone, Debug)]
pub struct ClientInfo {
    /// The headers of the request.
    pub headers: Arc<HeaderMap>,
    /// The peer address of the connection: the client or a proxy.
    pub peer: IpAddr,
    /// The token of the request's session, if the session is valid.
    pub token: Option<Token>,
}

impl ClientInfo {
    /// Creates the client of a request without a session.
    pub fn new(headers: HeaderMap, peer: Option<&PeerAddr>) -> ClientInfo {
        let peer =
            peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |PeerAddr(address)| address.ip().to_canonical());
        ClientInfo { headers: Arc::new(headers), peer, token: None }
    }

    /// Returns the address of the client: the last forwarded address that is not a trusted proxy.
    pub fn client_ip(&self, trusted: &TrustedProxies) -> IpAddr {
        if !trusted.contains(self.peer) {
            return self.peer;
        }
        let lines = self.headers.get_all("x-forwarded-for").iter().rev();
        let forwarded =
            lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(',')).map(parse_forwarded_address);
        let mut last = self.peer;
        for address in forwarded {
            // An entry that is no address ends the chain: its source is unknown, and so are all entries before it.
            let Some(address) = address else { break };
            last = address;
            if !trusted.contains(address) {
                break;
            }
        }
        last
    }

    /// Returns true if a trusted proxy reports that the client uses https.
    pub fn is_https(&self, trusted: &TrustedProxies) -> bool {
        let is_https = self.headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https");
        is_https && trusted.contains(self.peer)
    }

    /// Returns true if the browser reports that a page of another site sent the request.
    pub fn is_cross_site(&self) -> bool {
        is_cross_site(&self.headers)
    }

    /// Returns the `buvid3` of the device, or the empty text if it is absent or invalid.
    pub fn buvid(&self) -> String {
        let buvid = request_cookie(&self.headers, "buvid3").unwrap_or_default();
        if buvid.len() <= 64 && value::LINE.is_valid(&buvid) { buvid } else { String::new() }
    }
}

/// Returns the address by which limits count a client. For IPv6 it is the first 64 bits, the usual assignment of
/// one customer.
pub fn client_network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
    }
}

/// Parses an address of `X-Forwarded-For`, with or without a port.
fn parse_forwarded_address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare =
        text.strip_prefix('[').and_then(|text| text.split_once(']')).map_or(text, |(address, _)| address);
    let address = bare.parse().or_else(|_| text.parse().map(|address: SocketAddr| address.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

/// Returns true if these headers report that a page of another site sent the request.
pub(crate) fn is_cross_site(headers: &HeaderMap) -> bool {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = header("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    // Browsers without Sec-Fetch-Site send Origin.
    let host = header(HOST.as_str()).unwrap_or_default();
    header(ORIGIN.as_str()).is_some_and(|origin| {
        origin.split_once("://").is_none_or(|(_, authority)| !authority.eq_ignore_ascii_case(host))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn client(peer: &str, headers: &[(&'static str, &str)]) -> ClientInfo {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect();
        ClientInfo::new(headers, Some(&PeerAddr(SocketAddr::new(peer.parse().unwrap(), 1))))
    }

    fn trusted(text: &str) -> TrustedProxies {
        text.parse().unwrap()
    }

    #[test]
    fn client_ip_is_the_last_untrusted_address() {
        let trusted = trusted("10.0.0.0/8, ::1");
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
            assert_eq!(client(peer, &lines).client_ip(&trusted).to_string(), address, "{peer} {lines:?}");
        }
    }

    #[test]
    fn https_is_reported_by_trusted_proxies_only() {
        let trusted = trusted("10.0.0.1");
        for (peer, is_https) in [("10.0.0.1", true), ("10.0.0.2", false)] {
            assert_eq!(
                client(peer, &[("x-forwarded-proto", "https")]).is_https(&trusted),
                is_https,
                "{peer}"
            );
        }
        assert!(!client("10.0.0.1", &[]).is_https(&trusted));
    }

    #[test]
    fn cross_site_requests_are_detected() {
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
        for (headers, is_cross_site) in cases {
            assert_eq!(client("10.0.0.1", headers).is_cross_site(), is_cross_site, "{headers:?}");
        }
    }
}
