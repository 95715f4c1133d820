//! A client of the operators' API, with a token.

use crate::service::{Service, TestResponse};
use axum::body::Body;
use http::Request;
use http::header::AUTHORIZATION;
use serde_json::Value;

/// A client of the operators' API.
pub(crate) struct OperatorClient<'s> {
    service: &'s Service,
    pub(crate) token: Option<String>,
}

impl OperatorClient<'_> {
    /// Creates a client, with or without a token.
    pub(crate) fn new(service: &Service, token: Option<String>) -> OperatorClient<'_> {
        OperatorClient { service, token }
    }

    /// Returns a copy that sends its requests to another service.
    pub(crate) fn with_service<'t>(&self, service: &'t Service) -> OperatorClient<'t> {
        OperatorClient { service, token: self.token.clone() }
    }

    pub(crate) async fn get(&self, path: &str) -> TestResponse {
        self.send(Request::get(path), Body::empty()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> TestResponse {
        self.send(Request::post(path), Body::from(body.to_string())).await
    }

    pub(crate) async fn send(&self, request: http::request::Builder, body: Body) -> TestResponse {
        let request = match &self.token {
            Some(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        };
        self.service.send_to_operators(request.body(body).unwrap()).await
    }
}
