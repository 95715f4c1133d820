//! Handlers of the operators' endpoints, one file each, at the same path as the request type in
//! `guanxi_api::operator`, and the endpoints for monitoring.

pub mod health;
pub mod ingest_events;
pub mod keys;
pub mod list_audit_entries;
pub mod list_messages;
pub mod members;
pub mod reviews;
pub mod tokens;

use crate::app::App;
use crate::http::response::ApiError;
use crate::http::security_headers;
use crate::metrics::Metrics;
use crate::net::service::HttpService;
use crate::openapi::{self, RenderedDocument, listeners};
use crate::routes::Routes;
use crate::web;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use guanxi_api::endpoint::EndpointInfo;
use guanxi_types::HttpError;
use http::Method;
use serde_json::Value;
use std::sync::LazyLock;

/// Returns the routes of all operators' endpoints.
fn routes(metrics: Option<&Metrics>) -> Routes {
    Routes::new(metrics)
        .endpoint(members::get_member::get_member)
        .endpoint(members::list_members::list_members)
        .endpoint(members::change_members::change_members)
        .endpoint(members::create_member::create_member)
        .endpoint(members::update_member::update_member)
        .endpoint(members::silence_member::silence_member)
        .endpoint(members::verify_contact::verify_contact)
        .endpoint(members::list_member_coins::list_member_coins)
        .endpoint(members::adjust_coins::adjust_coins)
        .endpoint(members::revoke_member_sessions::revoke_member_sessions)
        .endpoint(members::remove_factors::remove_factors)
        .endpoint(members::remove_picture::remove_picture)
        .endpoint(members::delete_member::delete_member)
        .endpoint(members::list_notes::list_notes)
        .endpoint(members::add_note::add_note)
        .endpoint(members::delete_note::delete_note)
        .endpoint(reviews::list_bio_reviews::list_bio_reviews)
        .endpoint(reviews::review_bio::review_bio)
        .endpoint(reviews::list_name_reviews::list_name_reviews)
        .endpoint(reviews::review_name::review_name)
        .endpoint(reviews::list_realname_reviews::list_realname_reviews)
        .endpoint(reviews::review_realname::review_realname)
        .endpoint(ingest_events::ingest_events)
        .endpoint(list_audit_entries::list_audit_entries)
        .endpoint(list_messages::list_messages)
        .endpoint(tokens::list_tokens::list_tokens)
        .endpoint(tokens::create_token::create_token)
        .endpoint(tokens::revoke_token::revoke_token)
        .endpoint(keys::get_key_status::get_key_status)
        .endpoint(keys::rotate_keys::rotate_keys)
}

/// Returns the HTTP service of the operators' listener.
pub fn service(app: App) -> HttpService {
    extended_service(app, |routes| routes, cached_document)
}

/// Returns the service with further endpoints, and with the document of all.
pub fn extended_service(
    app: App,
    extend: impl FnOnce(Routes) -> Routes,
    document: fn() -> &'static RenderedDocument,
) -> HttpService {
    let table = extend(routes(Some(&app.metrics)))
        .table
        .merge(RenderedDocument::routes(document))
        .merge(web::operator::routes())
        .route(Method::GET, "/metrics", health::metrics)
        .route(Method::GET, "/healthz", health::healthz)
        .route(Method::GET, "/readyz", health::readyz)
        .fallback(not_found);
    HttpService::new(table.with_state(app))
}

/// Responds to an unknown path: with a page for browsers, with JSON for programs.
async fn not_found(app: App, request: Request) -> Response {
    if security_headers::accepts_html(request.headers()) {
        web::operator::not_found(&app, request.headers())
    } else {
        ApiError::Http(HttpError::NotFound).into_response()
    }
}

/// Returns the OpenAPI document of the operators' endpoints.
pub fn document() -> Value {
    openapi::document(&listeners::OPERATORS, &endpoints())
}

/// Returns the rendered document, which is built on the first request.
fn cached_document() -> &'static RenderedDocument {
    static DOCUMENT: LazyLock<RenderedDocument> = LazyLock::new(|| RenderedDocument::new(&document()));
    &DOCUMENT
}

/// Returns all operators' endpoints, for documents and tests.
pub fn endpoints() -> Vec<EndpointInfo> {
    routes(None).endpoints
}

/// Returns the number of entries of a list: 1 to 1000, and 100 if absent.
fn parse_limit(limit: Option<u32>) -> Result<usize, ApiError> {
    match limit.unwrap_or(100) {
        limit @ 1..=1000 => Ok(limit as usize),
        _ => Err(ApiError::InvalidRequest("limit must be a number from 1 to 1000".to_owned())),
    }
}
