//! What the service counts of itself, as Prometheus reads it.

use guanxi_storage::{EmbeddedStore, Engine, embedded, postgres};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, NoLabelSet};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering::Relaxed;
use tokio::time::Instant;

/// The bounds of the latencies, in seconds.
const SECONDS: [f64; 12] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Endpoint {
    method: String,
    path: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: String,
    path: &'static str,
    code: i32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcomes {
    outcome: &'static str,
}

/// How a try to log in ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A password was right.
    Password,
    /// A QR code was confirmed.
    Qr,
    /// A password was wrong, or there was no such account.
    Wrong,
    /// Too many had failed before it.
    Waits,
}

impl Outcome {
    const fn label(self) -> &'static str {
        match self {
            Outcome::Password => "password",
            Outcome::Qr => "qr",
            Outcome::Wrong => "wrong",
            Outcome::Waits => "waits",
        }
    }
}

/// What became of an event that was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It counted.
    Counted,
    /// It had counted before.
    Before,
    /// It was refused.
    Refused,
}

impl Told {
    const fn labelled(self) -> Outcomes {
        let outcome = match self {
            Told::Counted => "counted",
            Told::Before => "before",
            Told::Refused => "refused",
        };
        Outcomes { outcome }
    }
}

/// Counts. Its clones count together.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Counted>);

struct Counted {
    registry: Registry,
    answers: Family<Answered, Counter>,
    seconds: Family<Endpoint, Histogram, fn() -> Histogram>,
    logins: Family<Outcomes, Counter>,
    events: Family<Outcomes, Counter>,
    told: AtomicI64,
}

impl fmt::Debug for Counted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Counted")
    }
}

impl Metrics {
    /// A meter of a service and its store.
    pub fn new(store: &Engine) -> Metrics {
        let mut registry = Registry::with_prefix("guanxi");
        let answers = Family::default();
        registry.register("answers", "Requests answered, by endpoint and code", answers.clone());
        let seconds: Family<Endpoint, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(SECONDS));
        registry.register_with_unit("answer", "How long answers took", Unit::Seconds, seconds.clone());
        let logins = Family::default();
        registry.register("logins", "Tries to log in, by how they ended", logins.clone());
        let events = Family::default();
        registry.register("events", "Events told, by what became of them", events.clone());
        registry.register_collector(Box::new(Asked(store.clone())));
        Metrics(Arc::new(Counted { registry, answers, seconds, logins, events, told: AtomicI64::new(0) }))
    }

    /// What counts the answers of an endpoint.
    pub fn endpoint(&self, method: &http::Method, path: &'static str) -> EndpointMeter {
        let method = method.to_string();
        let done = Answered { method: method.clone(), path, code: 0 };
        EndpointMeter(Arc::new(EndpointCounted {
            done: self.0.answers.get_or_create_owned(&done),
            seconds: self.0.seconds.get_or_create_owned(&Endpoint { method: method.clone(), path }),
            answers: self.0.answers.clone(),
            method,
            path,
        }))
    }

    /// Counts a try to log in.
    pub fn login(&self, outcome: Outcome) {
        self.0.logins.get_or_create(&Outcomes { outcome: outcome.label() }).inc();
    }

    /// Counts events that were told at a second.
    pub fn events(&self, event: Told, number: u64, now: i64) {
        self.0.events.get_or_create(&event.labelled()).inc_by(number);
        self.0.told.fetch_max(now, Relaxed);
    }

    /// How many events came to that since the service started.
    pub fn events_told(&self, event: Told) -> u64 {
        self.0.events.get_or_create(&event.labelled()).get()
    }

    /// When events were last told, in seconds; 0 if not since the service started.
    pub fn last_told(&self) -> i64 {
        self.0.told.load(Relaxed)
    }

    /// Everything, in the text format.
    pub fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.0.registry)?;
        Ok(text)
    }
}

/// Counts the answers of an endpoint. Its clones count together.
#[derive(Clone, Debug)]
pub struct EndpointMeter(Arc<EndpointCounted>);

#[derive(Debug)]
struct EndpointCounted {
    done: Counter,
    seconds: Histogram,
    answers: Family<Answered, Counter>,
    method: String,
    path: &'static str,
}

impl EndpointMeter {
    /// Counts an answer that was begun at `from`.
    pub fn answered(&self, code: i32, from: Instant) {
        let EndpointCounted { done, seconds, answers, method, path } = &*self.0;
        seconds.observe(from.elapsed().as_secs_f64());
        if code == 0 {
            done.inc();
            return;
        }
        answers.get_or_create(&Answered { method: method.clone(), path, code }).inc();
    }
}

/// Asks the engine when it is asked itself.
#[derive(Debug)]
struct Asked(Engine);

impl Collector for Asked {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        match &self.0 {
            Engine::Lmdb(store) => embedded(store, Sheet(encoder)),
            Engine::Postgres(store) => database(store.pulse(), &mut Sheet(encoder)),
        }
    }
}

fn embedded(store: &EmbeddedStore, mut told: Sheet<'_>) -> fmt::Result {
    let embedded::Pulse { commits, commands, failed, queued, shed, abandoned, batches } = store.pulse();
    told.count("commits", "Durable commits", commits)?;
    told.count("commands", "Writes that were answered", commands)?;
    told.count("commits_failed", "Commits that came to nothing", failed)?;
    told.count("shed", "Writes that were rejected, as too many waited", shed)?;
    told.count("abandoned", "Writes whose client had gone before it was their turn", abandoned)?;
    told.gauge("queued", "Writes that wait for their commit", queued as u64)?;
    told.gauge("data_bytes", "How large the data file is", store.size().unwrap_or(0))?;
    let histogram = Batches(batches);
    histogram.encode(told.0.encode_descriptor(
        "commit_batch",
        "Writes a commit",
        None,
        histogram.metric_type(),
    )?)
}

fn database(pulse: postgres::Pulse, told: &mut Sheet<'_>) -> fmt::Result {
    let postgres::Pulse { commits, refused, failed, again, shed, open, waiting } = pulse;
    told.count("commits", "Durable commits", commits)?;
    told.count("commands", "Writes that were answered", commits + refused)?;
    told.count("commits_failed", "Writes that came to nothing by a fault", failed)?;
    told.count("commits_again", "Writes done again, as others were writing the same", again)?;
    told.count("shed", "Requests that were rejected, as too many waited for a connection", shed)?;
    told.gauge("connections", "Connections to the database that are open", open as u64)?;
    told.gauge("queued", "Requests that wait for a connection to the database", waiting as u64)
}

/// What is told when somebody asks.
struct Sheet<'e>(DescriptorEncoder<'e>);

impl Sheet<'_> {
    fn count(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        let counter = ConstCounter::new(value);
        counter.encode(self.0.encode_descriptor(name, help, None, counter.metric_type())?)
    }

    fn gauge(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
        gauge.encode(self.0.encode_descriptor(name, help, None, gauge.metric_type())?)
    }
}

/// How many writes shared a commit.
struct Batches(guanxi_storage::embedded::Batches);

impl EncodeMetric for Batches {
    fn encode(&self, mut encoder: prometheus_client::encoding::MetricEncoder<'_>) -> fmt::Result {
        let sum: u64 = self.0.sum;
        let count = self.0.buckets.iter().map(|(_, count)| count).sum();
        #[expect(
            clippy::cast_precision_loss,
            reason = "below 2^53 they are exact, and the last bound means all"
        )]
        let exact = |number: u64| if number == u64::MAX { f64::INFINITY } else { number as f64 };
        let buckets: Vec<(f64, u64)> =
            self.0.buckets.iter().map(|(bound, count)| (exact(*bound), *count)).collect();
        encoder.encode_histogram::<NoLabelSet>(exact(sum), count, &buckets, None)
    }

    fn metric_type(&self) -> prometheus_client::metrics::MetricType {
        prometheus_client::metrics::MetricType::Histogram
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Two;

    impl Collector for Two {
        fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
            let batches =
                Batches(guanxi_storage::embedded::Batches { sum: 3, buckets: vec![(1, 1), (u64::MAX, 1)] });
            batches.encode(encoder.encode_descriptor("batch", "Writes", None, batches.metric_type())?)
        }
    }

    #[test]
    fn the_last_bound_is_that_of_all() {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Two));
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        let buckets: Vec<&str> = text.lines().filter(|line| line.contains("bucket")).collect();
        assert_eq!(buckets, ["batch_bucket{le=\"1.0\"} 1", "batch_bucket{le=\"+Inf\"} 2"]);
    }
}
