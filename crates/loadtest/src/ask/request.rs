//! Requests as bytes.

use super::Wishes;
use guanxi_api::paging::{Pn, Ps};
use guanxi_types::Order;
use http::Uri;
use std::io::{self, Write};
use std::net::{SocketAddr, ToSocketAddrs};

/// A service, as its URL names it: `http://host:port`, and what comes before its paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    host: String,
    prefix: String,
}

impl Target {
    /// The service of a URL, and where it is.
    pub fn of(url: &str) -> Result<(Target, SocketAddr), String> {
        let wrong = |why: String| format!("{url}: {why}");
        let uri: Uri = url.parse().map_err(|error: http::uri::InvalidUri| wrong(error.to_string()))?;
        let host = uri.authority().ok_or_else(|| wrong("an address is http://HOST:PORT".to_owned()))?;
        if uri.scheme_str() != Some("http") {
            return Err(wrong("only http is spoken: measure behind whatever speaks https".to_owned()));
        }
        let prefix = uri.path().trim_end_matches('/').to_owned();
        let at = (host.host().trim_matches(['[', ']']), host.port_u16().unwrap_or(80));
        let address = at.to_socket_addrs().map_err(|error| wrong(error.to_string()))?.next();
        let address = address.ok_or_else(|| wrong("there is no such host".to_owned()))?;
        Ok((Target { host: host.as_str().to_owned(), prefix }, address))
    }
}

/// A request that is being written.
pub(super) struct Draft<'a> {
    out: &'a mut Vec<u8>,
    between: u8,
}

/// What is written into memory always fits.
fn put(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    let done: io::Result<()> = out.write_fmt(text);
    debug_assert!(done.is_ok());
}

impl<'a> Draft<'a> {
    pub(super) fn get(out: &'a mut Vec<u8>, target: &Target, path: &str) -> Draft<'a> {
        out.extend_from_slice(b"GET ");
        out.extend_from_slice(target.prefix.as_bytes());
        out.extend_from_slice(path.as_bytes());
        Draft { out, between: b'?' }
    }

    pub(super) fn field(mut self, name: &str, value: u64) -> Draft<'a> {
        self.put_field(name, value);
        self
    }

    /// A number within the path, and what follows it there.
    pub(super) fn said(self, number: u64, rest: &str) -> Draft<'a> {
        put(self.out, format_args!("{number}{rest}"));
        self
    }

    fn put_field(&mut self, name: &str, value: u64) {
        self.out.push(self.between);
        self.between = b'&';
        put(self.out, format_args!("{name}={value}"));
    }

    /// What of the page is not as it is anyway.
    pub(super) fn page(&mut self, wishes: &Wishes) {
        if wishes.pn != Pn::FIRST {
            self.put_field("pn", wishes.pn.get());
        }
        if wishes.ps != Ps::MOST {
            self.put_field("ps", wishes.ps.get() as u64);
        }
        if wishes.order == Order::Asc {
            self.out.push(self.between);
            self.between = b'&';
            self.out.extend_from_slice(b"order=asc");
        }
    }

    pub(super) fn end(self, target: &Target, token: Option<&str>) {
        put(self.out, format_args!(" HTTP/1.1\r\nHost: {}\r\n", target.host));
        if let Some(token) = token {
            put(self.out, format_args!("Cookie: SESSDATA={token}\r\n"));
        }
        self.out.extend_from_slice(b"\r\n");
    }

    pub(super) fn post(
        out: &mut Vec<u8>,
        target: &Target,
        path: &str,
        token: &str,
        fields: &[(&str, u64)],
        csrf: &str,
    ) {
        let mut form = Vec::with_capacity(96);
        for (name, value) in fields {
            put(&mut form, format_args!("{name}={value}&"));
        }
        put(&mut form, format_args!("csrf={csrf}"));
        let Target { host, prefix } = target;
        put(
            out,
            format_args!("POST {prefix}{path} HTTP/1.1\r\nHost: {host}\r\nCookie: SESSDATA={token}\r\n"),
        );
        out.extend_from_slice(b"Content-Type: application/x-www-form-urlencoded\r\n");
        put(out, format_args!("Content-Length: {}\r\n\r\n", form.len()));
        out.extend_from_slice(&form);
    }
}
