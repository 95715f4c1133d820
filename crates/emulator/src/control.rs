//! The control API: the handlers of the emulator's endpoints, on the operators' service of each community.

mod clock;
mod faults;
mod requests;
mod session;
mod snapshots;

use crate::communities::Communities;
use crate::community::Community;
use guanxi_api::Endpoint;
use guanxi_api::emulator::close_community::CloseCommunity;
use guanxi_api::emulator::list_communities::{self, ListCommunities};
use guanxi_server::extract::ApiRequest;
use guanxi_server::http::response::ApiError;
use guanxi_server::openapi::{self, DocumentInfo, RenderedDocument, listeners};
use guanxi_server::routes::Routes;
use guanxi_server::{App, HttpService, operator};
use guanxi_types::HttpError;
use serde_json::Value;
use std::sync::{Arc, LazyLock, Weak};

/// Metadata of the document of the emulator's operators' listener.
const DOCUMENT: DocumentInfo = DocumentInfo {
    title: "guanxi emulator",
    groups: &[
        ("operator", "Members, reviews, events, and the audit log of operators' actions."),
        ("emulator", "The control of a community for tests: sessions, clock, faults, snapshots, requests."),
    ],
    ..listeners::OPERATORS
};

/// Creates the operators' service of a community, with the control endpoints.
pub(crate) fn operators_service(
    app: App,
    community: &Weak<Community>,
    communities: &Weak<Communities>,
) -> HttpService {
    let control = Control { community: community.clone(), communities: communities.clone() };
    operator::extended_service(app, |routes| add_routes(routes, &control), served_document)
}

/// Adds the control endpoints of a community.
fn add_routes(routes: Routes, control: &Control) -> Routes {
    routes
        .endpoint(control.handler(session::open_session))
        .endpoint(control.handler(clock::get_clock))
        .endpoint(control.handler(clock::set_clock))
        .endpoint(control.handler(faults::list_faults))
        .endpoint(control.handler(faults::add_fault))
        .endpoint(control.handler(faults::clear_faults))
        .endpoint(control.handler(snapshots::list_snapshots))
        .endpoint(control.handler(snapshots::take_snapshot))
        .endpoint(control.handler(snapshots::restore_snapshot))
        .endpoint(control.handler(requests::list_requests))
        .endpoint(control.handler(requests::clear_requests))
        .endpoint(control.handler(requests::list_gaps))
        .endpoint(control.handler(list_communities))
        .endpoint(control.handler(close_community))
}

/// The community that handlers control, among those of the emulator. Its own services have the handlers, so the
/// references are weak.
#[derive(Default)]
struct Control {
    community: Weak<Community>,
    communities: Weak<Communities>,
}

/// A request with its community and the running service of that.
struct ControlRequest<E: Endpoint> {
    community: Arc<Community>,
    communities: Arc<Communities>,
    app: App,
    request: ApiRequest<E>,
}

impl Control {
    /// Returns the handler of an endpoint. A closed community has no handlers.
    fn handler<E, F>(
        &self,
        handle: impl Fn(ControlRequest<E>) -> F + Clone + Send + Sync + 'static,
    ) -> impl Fn(App, ApiRequest<E>) -> BoxFuture<Result<E::Data, ApiError>> + Clone + Send + Sync + 'static
    where
        E: Endpoint + 'static,
        F: Future<Output = Result<E::Data, ApiError>> + Send + 'static,
    {
        let (community, communities) = (self.community.clone(), self.communities.clone());
        move |app, request| {
            let (community, communities) = (community.upgrade(), communities.upgrade());
            let handle = handle.clone();
            Box::pin(async move {
                let (community, communities) = community.zip(communities).ok_or(HttpError::Unavailable)?;
                handle(ControlRequest { community, communities, app, request }).await
            })
        }
    }
}

type BoxFuture<T> = std::pin::Pin<Box<dyn Future<Output = T> + Send>>;

async fn list_communities(
    ControlRequest { community, communities, .. }: ControlRequest<ListCommunities>,
) -> Result<list_communities::Data, ApiError> {
    Ok(list_communities::Data {
        current: community.name.as_str().to_owned(),
        list: communities.names().iter().map(|name| name.as_str().to_owned()).collect(),
        limit: communities.limits.communities,
    })
}

async fn close_community(
    ControlRequest { community, communities, .. }: ControlRequest<CloseCommunity>,
) -> Result<(), ApiError> {
    communities.remove(&community.name);
    Ok(())
}

/// Returns the OpenAPI document of the control endpoints.
pub fn document() -> Value {
    openapi::document(&DOCUMENT, &add_routes(Routes::new(None), &Control::default()).endpoints)
}

/// Returns the rendered document of the operators' listener, which is built on the first request.
fn served_document() -> &'static RenderedDocument {
    static DOCUMENT_OF_ALL: LazyLock<RenderedDocument> = LazyLock::new(|| {
        let mut endpoints = operator::endpoints();
        endpoints.extend(add_routes(Routes::new(None), &Control::default()).endpoints);
        RenderedDocument::new(&openapi::document(&DOCUMENT, &endpoints))
    });
    &DOCUMENT_OF_ALL
}
