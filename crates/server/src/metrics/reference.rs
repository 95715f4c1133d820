//! Descriptions of the metrics for the reference documentation.

use super::engine::{SampleCollector, collector_registry};
use super::{EndpointLabels, Families, IngestOutcome, LoginOutcome, MessageOutcome, RequestLabels};
use prometheus_client::registry::Registry;
use std::fmt;

/// The description of a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricInfo {
    /// The name without suffixes such as `_total`.
    pub name: String,
    /// The type: `counter`, `gauge` or `histogram`.
    pub kind: String,
    /// The engine: `both`, `embedded` or `PostgreSQL`.
    pub engine: &'static str,
    /// The description.
    pub help: String,
}

/// Returns the description of every metric of both engines.
pub fn reference() -> Result<Vec<MetricInfo>, fmt::Error> {
    let Families { registry, requests, durations, logins, events, messages } = Families::new();
    // A family has a description only if it has a metric.
    let (method, path) = ("GET".to_owned(), "/");
    drop(requests.get_or_create(&RequestLabels { method: method.clone(), path, code: 0 }));
    drop(durations.get_or_create(&EndpointLabels { method, path }));
    drop(logins.get_or_create(&LoginOutcome::Password.labels()));
    drop(messages.get_or_create(&MessageOutcome::Sent.labels()));
    drop(events.get_or_create(&IngestOutcome::Applied.labels()));
    let mut metrics = describe(&registry, "both")?;
    let postgres = describe(&collector_registry(SampleCollector::Postgres), "PostgreSQL")?;
    for mut metric in describe(&collector_registry(SampleCollector::Embedded), "embedded")? {
        if postgres.iter().any(|other| other.name == metric.name) {
            metric.engine = "both";
        }
        metrics.push(metric);
    }
    let is_new =
        |metric: &MetricInfo, known: &[MetricInfo]| known.iter().all(|other| other.name != metric.name);
    for metric in postgres {
        if is_new(&metric, &metrics) {
            metrics.push(metric);
        }
    }
    Ok(metrics)
}

/// Parses the descriptions in the text format of a registry.
fn describe(registry: &Registry, engine: &'static str) -> Result<Vec<MetricInfo>, fmt::Error> {
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, registry)?;
    let mut metrics = Vec::new();
    for line in text.lines() {
        if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|line| line.split_once(' ')) {
            let (name, help) = (name.to_owned(), help.trim_end_matches('.').to_owned());
            metrics.push(MetricInfo { name, kind: String::new(), engine, help });
        } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|line| line.split_once(' '))
            && let Some(metric) = metrics.iter_mut().find(|metric| metric.name == name)
        {
            kind.clone_into(&mut metric.kind);
        }
    }
    Ok(metrics)
}
