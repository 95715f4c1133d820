//! A run, as it is told: the figures that the table, the JSON and the picture have in common. Latencies are microseconds.

pub mod comparison;
mod number;
pub mod picture;
pub mod table;

pub use number::{grouped, micros};

use crate::kind::Kind;
use crate::load::{Rate, Spacing, Tally};
use hdrhistogram::{Counter, Histogram};
use serde::Serialize;
use std::collections::BTreeMap;

/// The percentiles that are told of each kind.
pub const TOLD: [f64; 5] = [50.0, 90.0, 99.0, 99.9, 99.99];

/// How a run was set up.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Setup {
    /// The service.
    pub url: String,
    /// What was asked.
    pub mix: String,
    /// How many connections.
    pub connections: usize,
    /// How many threads of the generator.
    pub threads: usize,
    /// Requests a second that were meant; none if as many as were answered.
    pub rate: Option<u32>,
    /// Whether their starts lay evenly.
    pub even: bool,
    /// From what everything was drawn.
    pub seed: u64,
}

impl Setup {
    /// The same at a rate.
    #[must_use]
    pub fn at(mut self, rate: Rate) -> Setup {
        if let Rate::PerSecond(rate, spacing) = rate {
            (self.rate, self.even) = (Some(rate.get()), spacing == Spacing::Even);
        }
        self
    }
}

/// A run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// How it was set up.
    pub setup: Setup,
    /// How long it was, in seconds.
    pub seconds: f64,
    /// How many requests were answered well.
    pub requests: u64,
    /// How many a second.
    pub per_second: f64,
    /// How many bytes their bodies have on average.
    pub mean_bytes: u64,
    /// How many follows were refused because one of the two blocks the other.
    pub blocked: u64,
    /// What went wrong, in words, and how often.
    pub failures: BTreeMap<String, u64>,
    /// What the generator has had of the processors.
    pub generator: Option<Cpu>,
    /// What the service has had of them, if its process was named.
    pub service: Option<Cpu>,
    /// How late the generator itself was, at the 99th percentile; none where no rate was kept.
    pub late_p99: Option<f64>,
    /// Each kind of request, and all of them last.
    pub kinds: Vec<OfKind>,
    /// Each second.
    pub over_time: Vec<OfSecond>,
}

/// What a process has had of the processors.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cpu {
    /// How many processors on average.
    pub processors: f64,
    /// Microseconds of one for each request.
    pub micros_a_request: f64,
}

/// The latencies of a kind of request.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OfKind {
    /// Which; none if all together.
    pub kind: Option<Kind>,
    /// How many.
    pub requests: u64,
    /// The mean.
    pub mean: f64,
    /// Those at [`TOLD`].
    pub percentiles: [f64; 5],
    /// The longest.
    pub max: f64,
    /// Percentiles and latencies, for a picture.
    pub curve: Vec<(f64, f64)>,
}

/// A second of a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OfSecond {
    /// How many were answered well in it.
    pub requests: u64,
    /// How long half of them took at most.
    pub p50: f64,
    /// How long 99 of 100 took at most.
    pub p99: f64,
}

/// The percentiles of a curve: each step halves what lies beyond, a little more than ten times from 0 to 99.99.
fn steps() -> impl Iterator<Item = f64> {
    (0..=40).map(|step| 100.0 - 100.0 * 10_f64.powf(-0.1 * f64::from(step)))
}

fn at<C: Counter>(latencies: &Histogram<C>, percentile: f64) -> f64 {
    latencies.value_at_percentile(percentile) as f64 / 1e3
}

impl OfKind {
    fn of(kind: Option<Kind>, latencies: &Histogram<u64>) -> OfKind {
        OfKind {
            kind,
            requests: latencies.len(),
            mean: latencies.mean() / 1e3,
            percentiles: TOLD.map(|percentile| at(latencies, percentile)),
            max: latencies.max() as f64 / 1e3,
            curve: steps().map(|percentile| (percentile, at(latencies, percentile))).collect(),
        }
    }

    /// What it is called.
    pub fn name(&self) -> &'static str {
        self.kind.map_or("all", Kind::name)
    }
}

impl Report {
    /// What came of a load that was set up so.
    pub fn of(setup: Setup, tally: &Tally) -> Report {
        let seconds = tally.time.as_secs_f64();
        let cpu = |time: Option<std::time::Duration>, micros: Option<f64>| {
            let (time, micros_a_request) = time.zip(micros)?;
            Some(Cpu { processors: time.as_secs_f64() / seconds, micros_a_request })
        };
        let mut kinds: Vec<OfKind> =
            tally.kinds.iter().map(|(kind, latencies)| OfKind::of(Some(*kind), latencies)).collect();
        if kinds.len() != 1 {
            kinds.push(OfKind::of(None, &tally.all()));
        }
        let over_time = tally.seconds.iter().map(|second| &second.latencies).map(|latencies| OfSecond {
            requests: latencies.len(),
            p50: at(latencies, 50.0),
            p99: at(latencies, 99.0),
        });
        Report {
            late_p99: setup.rate.map(|_| at(&tally.late, 99.0)),
            setup,
            seconds,
            requests: tally.done(),
            per_second: tally.per_second(),
            mean_bytes: tally.mean_bytes(),
            blocked: tally.blocked,
            failures: tally.failures.iter().map(|(failure, count)| (failure.to_string(), *count)).collect(),
            generator: cpu(tally.cpu, tally.own_micros()),
            service: cpu(tally.their_cpu, tally.their_micros()),
            over_time: over_time.collect(),
            kinds,
        }
    }

    /// Whether nothing went wrong, and something was answered.
    pub fn is_well(&self) -> bool {
        self.failures.is_empty() && self.requests + self.blocked > 0
    }
}
