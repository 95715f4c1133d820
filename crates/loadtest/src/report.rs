//! The report of a run: the figures for the table, the JSON and the chart. Latencies are in microseconds.

pub mod chart;
pub mod comparison;
mod format;
pub mod table;

pub use format::{grouped, micros};

use crate::kind::RequestKind;
use crate::load::{Rate, Spacing, Stats};
use hdrhistogram::{Counter, Histogram};
use serde::Serialize;
use std::collections::BTreeMap;

/// The reported percentiles of each request kind.
pub const PERCENTILES: [f64; 5] = [50.0, 90.0, 99.0, 99.9, 99.99];

/// The parameters of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Setup {
    /// The base URL of the service.
    pub url: String,
    /// The name of the mix, or the path.
    pub mix: String,
    /// The number of connections.
    pub connections: usize,
    /// The number of generator threads.
    pub threads: usize,
    /// The intended requests per second. `None` in a closed loop.
    pub rate: Option<u32>,
    /// True if intended starts were equally spaced.
    pub even: bool,
    /// The random seed.
    pub seed: u64,
}

impl Setup {
    /// Sets the rate and its spacing.
    #[must_use]
    pub fn at_rate(mut self, rate: Rate) -> Setup {
        if let Rate::PerSecond(rate, spacing) = rate {
            (self.rate, self.even) = (Some(rate.get()), spacing == Spacing::Even);
        }
        self
    }
}

/// The report of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The parameters.
    pub setup: Setup,
    /// The duration in seconds.
    pub seconds: f64,
    /// The number of successful requests.
    pub requests: u64,
    /// The mean number of successful requests per second.
    pub per_second: f64,
    /// The mean body length in bytes.
    pub mean_bytes: u64,
    /// The number of follows rejected because one member blocks the other.
    pub blocked: u64,
    /// The number of failures by reason.
    pub failures: BTreeMap<String, u64>,
    /// CPU usage of the generator.
    pub generator: Option<CpuUsage>,
    /// CPU usage of the service, if its process id is known.
    pub service: Option<CpuUsage>,
    /// The 99th percentile of the generator's own delay. `None` in a closed loop.
    pub late_p99: Option<f64>,
    /// Latencies by request kind, and of all kinds together at the end.
    pub kinds: Vec<KindReport>,
    /// Latencies by second.
    pub over_time: Vec<SecondReport>,
}

/// CPU usage of a process.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CpuUsage {
    /// The mean number of busy processors.
    pub processors: f64,
    /// CPU time per request in microseconds.
    pub micros_a_request: f64,
}

/// The latencies of a request kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KindReport {
    /// The kind, or `None` for all kinds together.
    pub kind: Option<RequestKind>,
    /// The number of successful requests.
    pub requests: u64,
    /// The mean latency.
    pub mean: f64,
    /// The latencies at [`PERCENTILES`].
    pub percentiles: [f64; 5],
    /// The longest latency.
    pub max: f64,
    /// Percentiles and latencies for a chart.
    pub curve: Vec<(f64, f64)>,
}

/// A second of a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SecondReport {
    /// The number of successful requests.
    pub requests: u64,
    /// The median latency.
    pub p50: f64,
    /// The 99th percentile of the latency.
    pub p99: f64,
}

/// Returns the percentiles of a curve, from 0 to 99.99. Ten steps divide the remaining share by ten.
fn steps() -> impl Iterator<Item = f64> {
    (0..=40).map(|step| 100.0 - 100.0 * 10_f64.powf(-0.1 * f64::from(step)))
}

fn percentile_micros<C: Counter>(latencies: &Histogram<C>, percentile: f64) -> f64 {
    latencies.value_at_percentile(percentile) as f64 / 1e3
}

impl KindReport {
    fn new(kind: Option<RequestKind>, latencies: &Histogram<u64>) -> KindReport {
        KindReport {
            kind,
            requests: latencies.len(),
            mean: latencies.mean() / 1e3,
            percentiles: PERCENTILES.map(|percentile| percentile_micros(latencies, percentile)),
            max: latencies.max() as f64 / 1e3,
            curve: steps().map(|percentile| (percentile, percentile_micros(latencies, percentile))).collect(),
        }
    }

    /// Returns the name of the kind, or "all".
    pub fn name(&self) -> &'static str {
        self.kind.map_or("all", RequestKind::name)
    }
}

impl Report {
    /// Creates the report of a run from its statistics.
    pub fn new(setup: Setup, stats: &Stats) -> Report {
        let seconds = stats.time.as_secs_f64();
        let cpu = |time: Option<std::time::Duration>, micros: Option<f64>| {
            let (time, micros_a_request) = time.zip(micros)?;
            Some(CpuUsage { processors: time.as_secs_f64() / seconds, micros_a_request })
        };
        let mut kinds: Vec<KindReport> =
            stats.kinds.iter().map(|(kind, latencies)| KindReport::new(Some(*kind), latencies)).collect();
        if kinds.len() != 1 {
            kinds.push(KindReport::new(None, &stats.all_latencies()));
        }
        let over_time = stats.seconds.iter().map(|second| &second.latencies).map(|latencies| SecondReport {
            requests: latencies.len(),
            p50: percentile_micros(latencies, 50.0),
            p99: percentile_micros(latencies, 99.0),
        });
        Report {
            late_p99: setup.rate.map(|_| percentile_micros(&stats.lateness, 99.0)),
            setup,
            seconds,
            requests: stats.succeeded(),
            per_second: stats.per_second(),
            mean_bytes: stats.mean_bytes(),
            blocked: stats.blocked,
            failures: stats.failures.iter().map(|(failure, count)| (failure.to_string(), *count)).collect(),
            generator: cpu(stats.generator_cpu, stats.generator_micros()),
            service: cpu(stats.service_cpu, stats.service_micros()),
            over_time: over_time.collect(),
            kinds,
        }
    }

    /// True if no request failed and at least one was answered.
    pub fn is_success(&self) -> bool {
        self.failures.is_empty() && self.requests + self.blocked > 0
    }
}
