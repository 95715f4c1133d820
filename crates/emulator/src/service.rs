//! The HTTP services of the emulator. They pass each request to its community.

use crate::communities::{Communities, CommunityError};
use crate::community::Community;
use crate::community::running::Running;
use crate::community::template::{Template, TemplateError};
use crate::community_name::{CommunityName, InvalidCommunityName};
use crate::control;
use crate::faults::AppliedFault;
use crate::gaps;
use crate::journal;
use crate::limits::Limits;
use crate::request_body;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use guanxi_api::Envelope;
use guanxi_api::emulator::list_gaps;
use guanxi_api::emulator::list_requests::RecordedRequest;
use guanxi_server::http::response::ApiError;
use guanxi_server::net::connection::ConnectionHandle;
use guanxi_server::net::route_table::RouteTable;
use guanxi_server::{HttpService, Settings};
use guanxi_storage::StorageError;
use guanxi_types::HttpError;
use http::header::{CONTENT_TYPE, HOST};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use std::borrow::Cow;
use std::sync::Arc;
use tokio::time::Instant;

/// The communities and their services. Clones share them.
#[derive(Clone, Debug)]
pub struct Emulator {
    communities: Arc<Communities>,
    compression_min_bytes: u64,
}

impl Emulator {
    /// Creates an emulator whose communities begin as copies of the data directory of the settings. No store of this
    /// process may have the directory open. All communities have its operators' tokens.
    pub async fn start(settings: &Settings, limits: Limits) -> Result<Emulator, TemplateError> {
        let template = Template::create(settings).await?;
        let communities = Communities::new(template, limits, control::operators_service);
        Ok(Emulator { communities, compression_min_bytes: settings.compression_min_bytes })
    }

    /// Waits until the store of a community has failed.
    pub async fn failed(&self) -> StorageError {
        self.communities.failed().await
    }

    /// Returns the HTTP service of the members of all communities.
    pub fn members_service(&self) -> HttpService {
        let table = RouteTable::default().fallback(|emulator, request| handle(emulator, request, respond));
        HttpService::new(table.with_state(self.clone())).with_compression(self.compression_min_bytes)
    }

    /// Returns the HTTP service of the operators of all communities, with the control API.
    pub fn operators_service(&self) -> HttpService {
        let table = RouteTable::default().fallback(|emulator, request| {
            handle(emulator, request, async |community, request| {
                let running = community.running();
                running.operators.clone().respond(request).await
            })
        });
        HttpService::new(table.with_state(self.clone()))
    }

    /// Returns the community of a name. Creates it if there is none.
    pub async fn community(&self, name: &CommunityName) -> Result<Arc<Community>, CommunityError> {
        self.communities.get(name).await
    }

    /// Returns what all communities were asked for and do not have.
    pub fn gaps(&self) -> list_gaps::Data {
        self.communities.gaps()
    }

    /// Returns the number of members' requests to all communities.
    pub fn request_count(&self) -> u64 {
        self.communities.request_count()
    }

    /// Records a host that the proxy refused to a client of a community.
    pub fn record_refused_host(&self, name: &CommunityName, host: &str) {
        if let Some(community) = self.communities.existing(name) {
            return community.record_refused_host(host);
        }
        let (emulator, name, host) = (self.clone(), name.clone(), host.to_owned());
        tokio::spawn(async move {
            if let Ok(community) = emulator.community(&name).await {
                community.record_refused_host(&host);
            }
        });
    }
}

/// Handles a request with its community.
async fn handle<F: Future<Output = Response>>(
    emulator: Emulator,
    request: Request,
    handle: impl Fn(Arc<Community>, Request) -> F,
) -> Response {
    let name = match community_name(&request) {
        Ok(name) => name,
        Err(error) => return error_response(HttpError::BadRequest, error.to_string()),
    };
    match emulator.community(&name).await {
        Ok(community) => handle(community, request).await,
        Err(error) => {
            tracing::error!(%error, name = name.as_str(), "community is unavailable, request answered with 503");
            error_response(HttpError::Unavailable, error.to_string())
        }
    }
}

/// Returns the name of the community of a request: its extension, its header, or the default.
fn community_name(request: &Request) -> Result<CommunityName, InvalidCommunityName> {
    if let Some(name) = request.extensions().get::<CommunityName>() {
        return Ok(name.clone());
    }
    let Some(header) = request.headers().get(CommunityName::HEADER) else {
        return Ok(CommunityName::default());
    };
    header.to_str().map_err(|_| InvalidCommunityName)?.parse()
}

/// Returns the envelope of an error with a message of its own.
fn error_response(error: HttpError, message: String) -> Response {
    let envelope = Envelope::<()> { message: Cow::Owned(message), ..Envelope::from(error) };
    let json = serde_json::to_vec(&envelope).unwrap_or_default();
    let content_type = HeaderValue::from_static("application/json; charset=utf-8");
    (error.status(), [(CONTENT_TYPE, content_type)], json).into_response()
}

/// Responds to a member's request, and records both.
async fn respond(community: Arc<Community>, request: Request) -> Response {
    let running = community.running();
    let limits = &running.app.limits;
    let (parts, body) = request.into_parts();
    let (recorded, body) = request_body::read(body, limits.body_timeout).await;
    let mid = running.session_member(&parts.headers).await;
    let mut recording = Recording::start(&community, &running, &parts);
    recording.request.mid = mid;
    recording.request.body = recorded.as_deref().and_then(journal::body_text);
    let has_route = recording.request.endpoint.is_some();
    let unread = gaps::unread_parameters(&parts, recorded.unwrap_or_default(), limits, has_route).await;
    if !unread.is_empty() {
        community.gaps.record_parameters(&parts.method, parts.uri.path(), unread);
    }
    let connection = parts.extensions.get().cloned();
    let fault = community.faults.select(parts.uri.path(), mid);
    recording.request.fault = fault.map(|fault| fault.id);
    let Some(response) = respond_with_fault(&running, fault, Request::from_parts(parts, body)).await else {
        drop(recording);
        return close(connection).await;
    };
    recording.finish(response).await
}

/// Responds to a request to which a fault may apply. `None` to close the connection.
async fn respond_with_fault(
    running: &Running,
    fault: Option<AppliedFault>,
    request: Request,
) -> Option<Response> {
    let respond = |request| running.members.clone().respond(request);
    let Some(AppliedFault { delay, effect, is_after, .. }) = fault else {
        return Some(respond(request).await);
    };
    if !is_after {
        tokio::time::sleep(delay).await;
    }
    let response = if is_after || effect.is_none() { Some(respond(request).await) } else { None };
    if is_after {
        tokio::time::sleep(delay).await;
    }
    match effect {
        Some(effect) => effect.replace(response).await,
        None => response,
    }
}

/// Closes the connection of a request. A request without a connection is 503.
async fn close(connection: Option<ConnectionHandle>) -> Response {
    let Some(connection) = connection else { return ApiError::Http(HttpError::Unavailable).into_response() };
    connection.close();
    // The task of the connection ends here.
    std::future::pending().await
}

/// The record of a request in flight. Its drop adds the record to the journal, even if the client disconnects before
/// the response.
struct Recording<'c> {
    community: &'c Community,
    request: RecordedRequest,
    started: Instant,
}

impl<'c> Recording<'c> {
    fn start(community: &'c Community, running: &Running, parts: &Parts) -> Recording<'c> {
        let path = parts.uri.path();
        // The URL of a request to a proxy takes precedence over its header (RFC 9112, 3.2.2).
        let host = parts.uri.authority().map(http::uri::Authority::as_str);
        let host = host.or_else(|| parts.headers.get(HOST)?.to_str().ok());
        let request = RecordedRequest {
            time: running.app.now(),
            method: parts.method.as_str().to_owned(),
            host: host.unwrap_or_default().to_owned(),
            path: path.to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: journal::headers(&parts.headers),
            endpoint: running.members.route_path(path).map(str::to_owned),
            ..RecordedRequest::default()
        };
        Recording { community, request, started: Instant::now() }
    }

    /// Records the response, and the gap that it reveals.
    async fn finish(mut self, response: Response) -> Response {
        let (parts, body) = response.into_parts();
        // The responses of a community are in memory.
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
        let RecordedRequest { method, host, path, endpoint, fault, .. } = &self.request;
        let is_unknown = match parts.status {
            StatusCode::NOT_FOUND => endpoint.is_none(),
            status => status == StatusCode::METHOD_NOT_ALLOWED,
        };
        if is_unknown && fault.is_none() {
            self.community.gaps.record_path(method, host, path);
        }
        self.request.status = Some(parts.status.as_u16());
        self.request.code = journal::code(&body);
        self.request.response_headers = journal::headers(&parts.headers);
        self.request.response_body = journal::body_text(&body);
        Response::from_parts(parts, Body::from(body))
    }
}

impl Drop for Recording<'_> {
    fn drop(&mut self) {
        let micros = self.started.elapsed().as_micros();
        self.request.micros = u64::try_from(micros).unwrap_or(u64::MAX);
        self.community.journal.push(std::mem::take(&mut self.request));
    }
}
