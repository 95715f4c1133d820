//! Serialization of HTTP/1.1 requests.

use super::WorkloadOptions;
use guanxi_types::{Order, PageNumber, PageSize};
use http::Uri;
use std::fmt::Display;
use std::io::{self, Write};
use std::net::{SocketAddr, ToSocketAddrs};

/// The host and the path prefix of a service, from its base URL `http://host:port/prefix`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    host: String,
    prefix: String,
}

impl Target {
    /// Parses a base URL and resolves its address.
    pub fn from_url(url: &str) -> Result<(Target, SocketAddr), String> {
        let wrong = |why: String| format!("{url}: {why}");
        let uri: Uri = url.parse().map_err(|error: http::uri::InvalidUri| wrong(error.to_string()))?;
        let host = uri.authority().ok_or_else(|| wrong("an address is http://HOST:PORT".to_owned()))?;
        if uri.scheme_str() != Some("http") {
            return Err(wrong("only http is supported, so measure behind the TLS proxy".to_owned()));
        }
        let prefix = uri.path().trim_end_matches('/').to_owned();
        let at = (host.host().trim_matches(['[', ']']), host.port_u16().unwrap_or(80));
        let address = at.to_socket_addrs().map_err(|error| wrong(error.to_string()))?.next();
        let address = address.ok_or_else(|| wrong("there is no such host".to_owned()))?;
        Ok((Target { host: host.as_str().to_owned(), prefix }, address))
    }
}

/// A request under construction.
pub(super) struct RequestWriter<'a> {
    out: &'a mut Vec<u8>,
    separator: u8,
}

/// Appends formatted text. A write into a `Vec` does not fail.
fn append(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    let done: io::Result<()> = out.write_fmt(text);
    debug_assert!(done.is_ok());
}

impl<'a> RequestWriter<'a> {
    pub(super) fn get(out: &'a mut Vec<u8>, target: &Target, path: &str) -> RequestWriter<'a> {
        out.extend_from_slice(b"GET ");
        out.extend_from_slice(target.prefix.as_bytes());
        out.extend_from_slice(path.as_bytes());
        RequestWriter { out, separator: b'?' }
    }

    pub(super) fn field(mut self, name: &str, value: impl Display) -> RequestWriter<'a> {
        self.append_field(name, value);
        self
    }

    /// Appends a number to the path, and the text after it.
    pub(super) fn append_to_path(self, number: u64, rest: &str) -> RequestWriter<'a> {
        append(self.out, format_args!("{number}{rest}"));
        self
    }

    fn append_field(&mut self, name: &str, value: impl Display) {
        self.out.push(self.separator);
        self.separator = b'&';
        append(self.out, format_args!("{name}={value}"));
    }

    /// Appends the page parameters that differ from the defaults.
    pub(super) fn append_page(&mut self, options: &WorkloadOptions) {
        if options.pn != PageNumber::FIRST {
            self.append_field("pn", options.pn.get());
        }
        if options.ps != PageSize::MAX {
            self.append_field("ps", options.ps.get());
        }
        if options.order == Order::Asc {
            self.append_field("order", "asc");
        }
    }

    pub(super) fn finish(self, target: &Target, token: Option<&str>) {
        append(self.out, format_args!(" HTTP/1.1\r\nHost: {}\r\n", target.host));
        if let Some(token) = token {
            append(self.out, format_args!("Cookie: SESSDATA={token}\r\n"));
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
            append(&mut form, format_args!("{name}={value}&"));
        }
        append(&mut form, format_args!("csrf={csrf}"));
        let Target { host, prefix } = target;
        append(
            out,
            format_args!("POST {prefix}{path} HTTP/1.1\r\nHost: {host}\r\nCookie: SESSDATA={token}\r\n"),
        );
        out.extend_from_slice(b"Content-Type: application/x-www-form-urlencoded\r\n");
        append(out, format_args!("Content-Length: {}\r\n\r\n", form.len()));
        out.extend_from_slice(&form);
    }
}
