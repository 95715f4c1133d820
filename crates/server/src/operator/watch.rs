//! What watches the service: no token, and nothing of anybody.

use super::denied::OperatorError;
use crate::app::App;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use guanxi_storage::Store;
use guanxi_storage::command::Probe;
use guanxi_types::HttpError;
use http::header::CONTENT_TYPE;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// How long a write may take for the service to be ready.
const PATIENCE: Duration = Duration::from_secs(1);

/// For how long an answer is given again: who asks more often does not have more written.
const KEPT: Duration = Duration::from_secs(1);

/// When it was last tried whether a write would be durable, and whether it was. Held while that is tried, once for all who ask.
pub type Readiness = Mutex<Option<(Instant, bool)>>;

/// `GET /metrics`: what the service counts of itself, for Prometheus.
pub async fn metrics(State(app): State<App>) -> Response {
    match app.meter.text() {
        Ok(text) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(CONTENT_TYPE, kind)], text).into_response()
        }
        Err(_) => OperatorError::from(HttpError::Broken).into_response(),
    }
}

/// `GET /healthz`: the program runs.
pub async fn healthz() -> &'static str {
    "ok"
}

/// `GET /readyz`: a write would be durable.
pub async fn readyz(State(app): State<App>) -> Response {
    if is_ready(&app).await {
        "ok".into_response()
    } else {
        OperatorError::from(HttpError::Unavailable).into_response()
    }
}

/// Returns true if a write would be durable, as of a second ago at most: one that changes nothing was, by the way of all writes.
pub async fn is_ready(app: &App) -> bool {
    let mut last = app.readiness.lock().await;
    if let Some((at, ready)) = *last
        && at.elapsed() < KEPT
    {
        return ready;
    }
    // Who asks may go before there is an answer, and is not to have more written by that.
    *last = Some((Instant::now(), last.is_some_and(|(_, ready)| ready)));
    let ready = match timeout(PATIENCE, app.store.run(Probe)).await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready: a write would not be durable");
            false
        }
        Err(_) => {
            tracing::warn!(patience = ?PATIENCE, "not ready: a write takes too long");
            false
        }
    };
    *last = Some((Instant::now(), ready));
    ready
}
