//! Handlers of the operators' endpoints, one file each, at the same path as the request type in
//! `guanxi_api::operator`, and the endpoints for monitoring.

pub mod error;
pub mod health;
pub mod ingest_events;
pub mod keys;
pub mod list_audit_entries;
pub mod members;
pub mod request;
pub mod reviews;
pub mod tokens;

use crate::app::App;
use crate::http::response;
use crate::http::response::ApiResponse;
use crate::http::security_headers;
use crate::metrics::{EndpointMetrics, Metrics};
use crate::net::service::HttpService;
use crate::openapi::{self, RenderedDocument, operators};
use crate::web::{self, forms};
use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, get, on};
use error::OperatorError;
use guanxi_api::operator::OperatorEndpoint;
use guanxi_types::HttpError;
use guanxi_types::Role;
use http::{HeaderMap, Method};
use request::OperatorRequest;
use serde_json::Value;
use std::sync::LazyLock;
use tokio::time::Instant;

/// Returns the routes of all operators' endpoints.
fn routes(meter: Option<&Metrics>) -> Routes {
    Routes { router: Router::new(), infos: Vec::new(), metrics: meter.cloned() }
        .endpoint(members::get_member::get_member)
        .endpoint(members::create_member::create_member)
        .endpoint(members::update_member::update_member)
        .endpoint(members::silence_member::silence_member)
        .endpoint(members::verify_contact::verify_contact)
        .endpoint(members::adjust_coins::adjust_coins)
        .endpoint(members::revoke_member_sessions::revoke_member_sessions)
        .endpoint(members::delete_member::delete_member)
        .endpoint(reviews::list_bio_reviews::list_bio_reviews)
        .endpoint(reviews::review_bio::review_bio)
        .endpoint(reviews::list_realname_reviews::list_realname_reviews)
        .endpoint(reviews::review_realname::review_realname)
        .endpoint(ingest_events::ingest_events)
        .endpoint(list_audit_entries::list_audit_entries)
        .endpoint(tokens::list_tokens::list_tokens)
        .endpoint(tokens::create_token::create_token)
        .endpoint(tokens::revoke_token::revoke_token)
        .endpoint(keys::get_key_status::get_key_status)
        .endpoint(keys::rotate_keys::rotate_keys)
}

/// Returns the HTTP service of the operators' listener.
pub fn service(app: App) -> HttpService {
    let router = routes(Some(&app.metrics))
        .router
        .merge(RenderedDocument::routes(cached_document))
        .merge(web::operator::router())
        .route("/metrics", get(health::metrics))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .fallback(not_found)
        .method_not_allowed_fallback(|| async { OperatorError::from(HttpError::MethodNotAllowed) })
        .with_state(app);
    HttpService::new(router)
}

/// Responds to an unknown path: with a page for browsers, with JSON for programs.
async fn not_found(State(app): State<App>, headers: HeaderMap) -> Response {
    if security_headers::accepts_html(&headers) {
        web::operator::not_found(&app)
    } else {
        OperatorError::from(HttpError::NotFound).into_response()
    }
}

/// Returns the OpenAPI document of the operators' endpoints.
pub fn document() -> Value {
    let operations: Vec<openapi::Operation> = endpoints().into_iter().map(|info| info.operation).collect();
    operators::document(&operations)
}

/// Returns the rendered document, which is built on the first request.
fn cached_document() -> &'static RenderedDocument {
    static DOCUMENT: LazyLock<RenderedDocument> = LazyLock::new(|| RenderedDocument::new(&document()));
    &DOCUMENT
}

/// Returns all operators' endpoints, for documents and tests.
pub fn endpoints() -> Vec<EndpointInfo> {
    routes(None).infos
}

/// The description of an operators' endpoint.
#[derive(Clone, Debug)]
pub struct EndpointInfo {
    /// The HTTP method.
    pub method: Method,
    /// The path.
    pub path: &'static str,
    /// The roles whose tokens may call the endpoint.
    pub roles: &'static [Role],
    /// The operation in the OpenAPI document.
    pub operation: openapi::Operation,
}

struct Routes {
    router: Router<App>,
    infos: Vec<EndpointInfo>,
    metrics: Option<Metrics>,
}

impl Routes {
    /// Adds an endpoint by its handler, whose type has method, path and roles.
    fn endpoint<O, H, F>(mut self, handler: H) -> Routes
    where
        O: OperatorEndpoint + 'static,
        H: Fn(App, OperatorRequest<O>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<O::Data, OperatorError>> + Send + 'static,
    {
        let filter = MethodFilter::try_from(O::METHOD).expect("endpoints are GET or POST");
        let meter = self.metrics.as_ref().map(|meter| meter.endpoint(&O::METHOD, O::PATH));
        if O::METHOD == Method::POST {
            let (handler, meter) = (handler.clone(), meter.clone());
            let form = forms::form_route(move |app, request| {
                web::operator::forms::handle_form(
                    app,
                    web::operator::router,
                    request,
                    handler.clone(),
                    meter.clone(),
                )
            });
            self.router = self.router.route(&format!("/form{}", O::PATH), form);
        }
        let serve = move |State(app): State<App>, request: Request| {
            serve_api(app, request, handler.clone(), meter.clone())
        };
        self.router = self.router.route(O::PATH, on(filter, serve));
        let operation = operators::operation::<O>();
        self.infos.push(EndpointInfo { method: O::METHOD, path: O::PATH, roles: O::ROLES, operation });
        self
    }
}

async fn serve_api<O, H, F>(
    app: App,
    request: Request,
    handler: H,
    meter: Option<EndpointMetrics>,
) -> Response
where
    O: OperatorEndpoint,
    H: Fn(App, OperatorRequest<O>) -> F,
    F: Future<Output = Result<O::Data, OperatorError>>,
{
    let start = Instant::now();
    let result = match request::authenticate::<O>(&app, request).await {
        Ok(request) => handler(app, request).await,
        Err(error) => Err(error),
    };
    if let Some(meter) = meter {
        meter.record(result.as_ref().err().map_or(0, OperatorError::code), start);
    }
    match result {
        Ok(data) => response::success(ApiResponse::from(data)),
        Err(error) => {
            // The message may contain private parameters, so the log has the code only.
            tracing::debug!(path = O::PATH, code = error.code(), "request rejected");
            error.into_response()
        }
    }
}
