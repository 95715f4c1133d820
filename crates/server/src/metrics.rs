//! Metrics of the service and of its storage engine, in the text format of Prometheus.

use crate::request_log;
use engine::EngineCollector;
use guanxi_storage::Engine;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering::Relaxed;
use tokio::time::Instant;

mod engine;
mod reference;

pub use engine::DATABASE_METRICS;
pub use reference::{MetricInfo, reference};

/// The upper bounds of the buckets of request durations, in seconds.
const DURATION_BUCKETS: [f64; 12] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndpointLabels {
    method: String,
    path: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: String,
    path: &'static str,
    code: i32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

/// The outcome of a login attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginOutcome {
    /// A login by password.
    Password,
    /// A login by QR code.
    QrCode,
    /// A login by passkey.
    Passkey,
    /// A wrong password, an unknown account, or a wrong second factor.
    InvalidCredentials,
    /// A locked account or address.
    RateLimited,
}

impl LoginOutcome {
    const fn labels(self) -> OutcomeLabels {
        let outcome = match self {
            LoginOutcome::Password => "password",
            LoginOutcome::QrCode => "qr",
            LoginOutcome::Passkey => "passkey",
            LoginOutcome::InvalidCredentials => "invalid_credentials",
            LoginOutcome::RateLimited => "rate_limited",
        };
        OutcomeLabels { outcome }
    }
}

/// The outcome of an attempt to send a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageOutcome {
    /// The message was sent.
    Sent,
    /// The attempt failed, and is repeated.
    Failed,
    /// The message has expired.
    GivenUp,
}

impl MessageOutcome {
    const fn labels(self) -> OutcomeLabels {
        let outcome = match self {
            MessageOutcome::Sent => "sent",
            MessageOutcome::Failed => "failed",
            MessageOutcome::GivenUp => "given_up",
        };
        OutcomeLabels { outcome }
    }
}

/// The outcome of an ingested event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IngestOutcome {
    /// The event was applied.
    Applied,
    /// The event had been applied before.
    Duplicate,
    /// The event was rejected.
    Rejected,
}

impl IngestOutcome {
    const fn labels(self) -> OutcomeLabels {
        let outcome = match self {
            IngestOutcome::Applied => "applied",
            IngestOutcome::Duplicate => "duplicate",
            IngestOutcome::Rejected => "rejected",
        };
        OutcomeLabels { outcome }
    }
}

/// The metrics. Clones share their counters.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<MetricsInner>);

struct MetricsInner {
    families: Families,
    last_event_time: AtomicI64,
}

impl fmt::Debug for MetricsInner {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("MetricsInner")
    }
}

/// The prefix of the names of all metrics.
const PREFIX: &str = "guanxi";

/// The metrics of the service itself, in their registry.
struct Families {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    durations: Family<EndpointLabels, Histogram, fn() -> Histogram>,
    logins: Family<OutcomeLabels, Counter>,
    events: Family<OutcomeLabels, Counter>,
    messages: Family<OutcomeLabels, Counter>,
}

impl Families {
    fn new() -> Families {
        let mut registry = Registry::with_prefix(PREFIX);
        let requests = Family::default();
        registry.register("http_requests", "HTTP requests by endpoint and code", requests.clone());
        let durations: Family<EndpointLabels, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(DURATION_BUCKETS));
        registry.register_with_unit(
            "http_request_duration",
            "Duration of HTTP requests by endpoint",
            Unit::Seconds,
            durations.clone(),
        );
        let logins = Family::default();
        registry.register("logins", "Login attempts by outcome", logins.clone());
        let events = Family::default();
        registry.register("events", "Ingested events by outcome", events.clone());
        let messages = Family::default();
        registry.register("messages", "Attempts to send a message by outcome", messages.clone());
        Families { registry, requests, durations, logins, events, messages }
    }
}

impl Metrics {
    /// Creates the metrics of a service and its storage engine.
    pub fn new(store: &Engine) -> Metrics {
        let mut families = Families::new();
        families.registry.register_collector(Box::new(EngineCollector(store.clone())));
        Metrics(Arc::new(MetricsInner { families, last_event_time: AtomicI64::new(0) }))
    }

    /// Returns the metrics of an endpoint.
    pub fn endpoint(&self, method: &http::Method, path: &'static str) -> EndpointMetrics {
        let method = method.to_string();
        let success = RequestLabels { method: method.clone(), path, code: 0 };
        let labels = EndpointLabels { method: method.clone(), path };
        EndpointMetrics(Arc::new(EndpointMetricsInner {
            successes: self.0.families.requests.get_or_create_owned(&success),
            durations: self.0.families.durations.get_or_create_owned(&labels),
            requests: self.0.families.requests.clone(),
            method,
            path,
        }))
    }

    /// Counts a login attempt.
    pub fn count_login(&self, outcome: LoginOutcome) {
        self.0.families.logins.get_or_create(&outcome.labels()).inc();
    }

    /// Counts events that were ingested at `now`, in seconds since the Unix epoch.
    pub fn count_events(&self, outcome: IngestOutcome, count: u64, now: i64) {
        self.0.families.events.get_or_create(&outcome.labels()).inc_by(count);
        self.0.last_event_time.fetch_max(now, Relaxed);
    }

    /// Counts an attempt to send a message.
    pub fn count_message(&self, outcome: MessageOutcome) {
        self.0.families.messages.get_or_create(&outcome.labels()).inc();
    }

    /// Returns the number of events with an outcome since startup.
    pub fn event_count(&self, outcome: IngestOutcome) -> u64 {
        self.0.families.events.get_or_create(&outcome.labels()).get()
    }

    /// Returns the time of the last ingested events, in seconds since the Unix epoch. Returns 0 if there were none
    /// since startup.
    pub fn last_event_time(&self) -> i64 {
        self.0.last_event_time.load(Relaxed)
    }

    /// Encodes all metrics in the text format.
    pub fn encode_text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.0.families.registry)?;
        Ok(text)
    }
}

/// The metrics of an endpoint. Clones share their counters.
#[derive(Clone, Debug)]
pub struct EndpointMetrics(Arc<EndpointMetricsInner>);

#[derive(Debug)]
struct EndpointMetricsInner {
    successes: Counter,
    durations: Histogram,
    requests: Family<RequestLabels, Counter>,
    method: String,
    path: &'static str,
}

impl EndpointMetrics {
    /// Records a request that started at `started`, with the code of its response. The access log gets the code too.
    pub fn record(&self, code: i32, started: Instant) {
        request_log::record_code(code);
        let EndpointMetricsInner { successes, durations, requests, method, path } = &*self.0;
        durations.observe(started.elapsed().as_secs_f64());
        if code == 0 {
            successes.inc();
            return;
        }
        requests.get_or_create(&RequestLabels { method: method.clone(), path, code }).inc();
    }
}
