//! `CONNECT`: the head that opens a tunnel.

use super::refusal::{RefusedAt, Rejection};
use super::stream::BufferedTcp;
use super::{Entry, HTTPS_PORT, Tunnel, credentials};
use crate::community_name::CommunityName;
use crate::hosts::Authority;
use http::StatusCode;
use http::header::PROXY_AUTHORIZATION;
use std::net::SocketAddr;

/// The start of a `CONNECT` request.
pub(super) const METHOD: &[u8] = b"CONNECT ";

/// The maximum size of a head, in bytes.
const HEAD_MAX_BYTES: usize = 16_384;

/// The maximum number of headers.
const MAX_HEADERS: usize = 64;

const ESTABLISHED: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";

/// The head of a `CONNECT` request.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    /// The length of the head. The bytes after it belong to the tunnel.
    bytes: usize,
    target: Authority,
    community: Option<CommunityName>,
}

impl Entry {
    /// Reads the head of a `CONNECT` request, and opens its tunnel. A request that is not served is answered, and the
    /// result is `None`.
    pub(super) async fn open_tunnel(
        &self,
        mut stream: BufferedTcp,
        own: SocketAddr,
    ) -> Option<(BufferedTcp, Tunnel)> {
        let opened = loop {
            match parse(stream.buffer()) {
                Ok(None) => stream.fill().await?,
                Ok(Some(head)) => break self.admit(head, own),
                Err(rejection) => break Err(rejection),
            }
        };
        match opened {
            Ok((bytes, tunnel)) => {
                stream.consume(bytes);
                stream.write(ESTABLISHED).await?;
                Some((stream, tunnel))
            }
            Err(rejection) => {
                stream.close_with(&rejection.to_bytes()).await;
                None
            }
        }
    }

    fn admit(&self, head: Head, own: SocketAddr) -> Result<(usize, Tunnel), Rejection> {
        let Head { bytes, target, community } = head;
        if self.hosts.serve(&target, HTTPS_PORT, own) {
            return Ok((bytes, Tunnel { host: target.host, community }));
        }
        Err(self.refuse(RefusedAt::Connect, target, community.unwrap_or_default()).into())
    }
}

/// Parses the head of a `CONNECT` request. `None` if the head is incomplete.
fn parse(buffer: &[u8]) -> Result<Option<Head>, Rejection> {
    let too_large = || Rejection {
        status: StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        reason: format!("the head of a CONNECT request has at most {HEAD_MAX_BYTES} bytes"),
    };
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let bytes = match request.parse(&buffer[..buffer.len().min(HEAD_MAX_BYTES)]) {
        Ok(httparse::Status::Complete(bytes)) => bytes,
        Ok(httparse::Status::Partial) if buffer.len() < HEAD_MAX_BYTES => return Ok(None),
        Ok(httparse::Status::Partial) | Err(httparse::Error::TooManyHeaders) => return Err(too_large()),
        Err(error) => return Err(Rejection::bad_request(format!("malformed CONNECT request: {error}"))),
    };
    let target: Option<Authority> = request.path.and_then(|target| target.parse().ok());
    let target = target.filter(|target| target.port.is_some()).ok_or_else(|| {
        Rejection::bad_request("the target of CONNECT must be a host and a port from 1 to 65535")
    })?;
    let is_named =
        |header: &&httparse::Header<'_>| header.name.eq_ignore_ascii_case(PROXY_AUTHORIZATION.as_str());
    let mut credentials = request.headers.iter().filter(is_named);
    let community = match (credentials.next(), credentials.next()) {
        (None, _) => None,
        (Some(header), None) => Some(credentials::community(header.value)?),
        (Some(_), Some(_)) => return Err(Rejection::bad_request("Proxy-Authorization must occur once")),
    };
    Ok(Some(Head { bytes, target, community }))
}
