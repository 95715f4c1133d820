//! An operator's program, with a token.

use crate::service::{Answer, Service};
use axum::body::Body;
use http::Request;
use http::header::AUTHORIZATION;
use serde_json::Value;

/// An operator's program.
pub(crate) struct Console<'s> {
    service: &'s Service,
    pub(crate) token: Option<String>,
}

impl Console<'_> {
    /// One with a token, or without.
    pub(crate) fn new(service: &Service, token: Option<String>) -> Console<'_> {
        Console { service, token }
    }

    /// A copy of it, which asks another service.
    pub(crate) fn at<'t>(&self, service: &'t Service) -> Console<'t> {
        Console { service, token: self.token.clone() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Request::post(path), Body::from(body.to_string())).await
    }

    pub(crate) async fn send(&self, request: http::request::Builder, body: Body) -> Answer {
        let request = match &self.token {
            Some(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        };
        self.service.operate(request.body(body).unwrap()).await
    }
}
