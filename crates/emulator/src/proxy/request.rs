//! The check of a request: its host must be served, and its credentials name the community.

use super::refusal::{RefusedAt, Rejection};
use super::{Channel, Entry, HTTP_PORT, HTTPS_PORT, credentials};
use crate::community_name::CommunityName;
use crate::hosts::Authority;
use axum::extract::Request;
use axum::response::Response;
use http::header::{CONNECTION, HOST, HeaderName, PROXY_AUTHORIZATION};
use http::{HeaderMap, HeaderValue, Method, Version};

const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");

impl Entry {
    /// Checks a request, and removes its headers for the proxy. Returns the response of a refused request.
    pub(super) fn rejection(&self, request: &mut Request) -> Option<Response> {
        let rejection = self.check(request).err()?;
        let mut response = rejection.into_response();
        if request.version() != Version::HTTP_2 {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        Some(response)
    }

    fn check(&self, request: &mut Request) -> Result<(), Rejection> {
        if *request.method() == Method::CONNECT {
            return Err(Rejection::bad_request("CONNECT must be the first request of a connection"));
        }
        if let Some(community) = take_community(request.headers_mut())? {
            request.extensions_mut().insert(community);
        }
        // A request without a host, which HTTP/1.0 allows, can only be for the emulator.
        let (Some(channel), Some(authority)) = (request.extensions().get::<Channel>(), authority(request)?)
        else {
            return Ok(());
        };
        let default_port = match request.uri().scheme_str() {
            Some("http") => HTTP_PORT,
            Some("https") => HTTPS_PORT,
            _ => channel.default_port,
        };
        if self.hosts.serve(&authority, default_port, channel.own) {
            return Ok(());
        }
        let community = request.extensions().get::<CommunityName>().cloned().unwrap_or_default();
        Err(self.refuse(RefusedAt::Request, authority, community).into())
    }
}

/// Removes the headers for the proxy, and returns the community that they name.
fn take_community(headers: &mut HeaderMap) -> Result<Option<CommunityName>, Rejection> {
    headers.remove(PROXY_CONNECTION);
    let mut credentials = headers.get_all(PROXY_AUTHORIZATION).iter();
    let community = match (credentials.next(), credentials.next()) {
        (None, _) => return Ok(None),
        (Some(header), None) => credentials::community(header.as_bytes())?,
        (Some(_), Some(_)) => return Err(Rejection::bad_request("Proxy-Authorization must occur once")),
    };
    headers.remove(PROXY_AUTHORIZATION);
    Ok(Some(community))
}

/// Returns the authority of a request. That of the URL replaces `Host` (RFC 9112, 3.2.2).
fn authority(request: &Request) -> Result<Option<Authority>, Rejection> {
    let host = request.headers().get(HOST).filter(|host| !host.is_empty());
    let text = match request.uri().authority() {
        Some(authority) => Some(authority.as_str()),
        None => host.map(|host| host.to_str().unwrap_or_default()),
    };
    let parsed = text.map(str::parse).transpose();
    parsed.map_err(|_| Rejection::bad_request("the host of the request is malformed"))
}
