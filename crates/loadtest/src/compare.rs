//! Alternating measurements of two sides within one run. The speed of a machine drifts, but a ratio of figures that
//! were measured side by side drifts less.

mod rows;

pub use rows::{ComparisonRow, ComparisonRunner, Counterpart, Rates, Service};

use crate::load::{Load, RequestSource, Stats};
use hdrhistogram::Histogram;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io;

/// A side of a comparison.
pub struct Side {
    /// Address and rate.
    pub load: Load,
    /// The requests.
    pub sources: Vec<Box<dyn RequestSource>>,
    /// A load that runs at the same time and is not measured.
    pub background: Option<Box<Side>>,
}

impl Side {
    /// Runs one round of this side.
    pub fn run(&mut self) -> io::Result<Stats> {
        let Some(background) = &mut self.background else { return self.load.run(&mut self.sources) };
        std::thread::scope(|scope| {
            let background = scope.spawn(|| background.run());
            let stats = self.load.run(&mut self.sources);
            let panicked = |_| Err(io::Error::other("the background load panicked"));
            let background = background.join().unwrap_or_else(panicked);
            // Failures of the background load count too.
            let mut stats = stats?;
            for (failure, count) in background?.failures {
                *stats.failures.entry(failure).or_default() += count;
            }
            Ok(stats)
        })
    }
}

/// The compared figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Requests per second. More is better.
    PerSecond,
    /// The 99th percentile of the latency in microseconds. Less is better.
    P99,
}

/// The spread of a figure over several rounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// The smallest figure.
    pub min: f64,
    /// The largest figure.
    pub max: f64,
}

impl Spread {
    /// Computes the spread of figures. Without figures, all values are 0.
    pub fn new(figures: impl IntoIterator<Item = f64>) -> Spread {
        let mut figures: Vec<f64> = figures.into_iter().collect();
        figures.sort_unstable_by(f64::total_cmp);
        let value_at = |index: usize| figures.get(index).copied().unwrap_or_default();
        let last = figures.len().saturating_sub(1);
        let (low, high) = (value_at(last / 2), value_at(figures.len() / 2));
        Spread { median: f64::midpoint(low, high), min: value_at(0), max: value_at(last) }
    }
}

/// A round of one side.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Round {
    /// Requests per second.
    pub per_second: f64,
    /// The 99th percentile of the latency in microseconds.
    pub p99: f64,
    /// The 99th percentile of the generator's own delay at starting requests, in microseconds. `p99` includes it,
    /// and its delay at receiving responses. `None` in a closed loop.
    pub late_p99: Option<f64>,
    /// CPU time of the service per request in microseconds.
    pub their_micros: Option<f64>,
    /// CPU time of the generator per request in microseconds.
    pub own_micros: Option<f64>,
}

impl Round {
    fn new(stats: &Stats) -> Round {
        Round {
            per_second: stats.per_second(),
            p99: p99_micros(&stats.all_latencies()),
            late_p99: (!stats.lateness.is_empty()).then(|| p99_micros(&stats.lateness)),
            their_micros: stats.service_micros(),
            own_micros: stats.generator_micros(),
        }
    }

    fn figure(&self, measure: Measure) -> f64 {
        match measure {
            Measure::PerSecond => self.per_second,
            Measure::P99 => self.p99,
        }
    }
}

/// The result of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The name of the row.
    pub name: String,
    /// The name of the counterpart. `None` if the row was measured alone.
    pub against: Option<String>,
    /// The figure of which the ratio is computed.
    pub measure: Measure,
    /// The mean body length in bytes.
    pub bytes: u64,
    /// The ratio of both sides by round.
    pub ratio: Option<Spread>,
    /// The goal for the ratio: a minimum for throughput, a maximum for a latency.
    pub goal: Option<f64>,
    /// The rounds of the measured side.
    pub one: Vec<Round>,
    /// The rounds of the counterpart.
    pub other: Vec<Round>,
    /// The number of failures by reason.
    pub failures: BTreeMap<String, u64>,
}

impl Comparison {
    /// Returns the compared figure of both sides.
    pub fn figures(&self) -> (Spread, Spread) {
        let spread = |rounds: &[Round]| Spread::new(rounds.iter().map(|round| round.figure(self.measure)));
        (spread(&self.one), spread(&self.other))
    }

    /// Returns the CPU time per request of the service, the counterpart and the generator, in microseconds.
    pub fn micros(&self) -> [Option<f64>; 3] {
        let service = |rounds| median(rounds, |round| round.their_micros);
        [service(&self.one), service(&self.other), median(&self.one, |round| round.own_micros)]
    }

    /// Returns the 99th percentile of the generator's own delay on the measured side, in microseconds.
    pub fn late_p99(&self) -> Option<f64> {
        median(&self.one, |round| round.late_p99)
    }

    /// Returns true if the goal is met, and `None` without a goal.
    pub fn is_met(&self) -> Option<bool> {
        let (goal, ratio) = (self.goal?, self.ratio?);
        Some(match self.measure {
            Measure::PerSecond => ratio.median >= goal,
            Measure::P99 => ratio.median <= goal,
        })
    }
}

/// Returns the median of a figure over the rounds that have it.
fn median(rounds: &[Round], figure: fn(&Round) -> Option<f64>) -> Option<f64> {
    let values: Vec<f64> = rounds.iter().filter_map(figure).collect();
    (!values.is_empty()).then(|| Spread::new(values).median)
}

fn p99_micros(nanos: &Histogram<u64>) -> f64 {
    nanos.value_at_quantile(0.99) as f64 / 1e3
}

/// Runs both sides alternately for the given number of rounds.
pub fn alternate(
    row: &ComparisonRow,
    one: &mut Side,
    mut other: Option<&mut Side>,
    rounds: u32,
) -> io::Result<Comparison> {
    let mut comparison = Comparison {
        name: row.name.clone(),
        against: other.is_some().then(|| row.counterpart.name().to_owned()),
        measure: row.measure,
        bytes: 0,
        ratio: None,
        goal: row.goal,
        one: Vec::new(),
        other: Vec::new(),
        failures: BTreeMap::new(),
    };
    for _ in 0..rounds {
        let stats = one.run()?;
        comparison.bytes = stats.mean_bytes();
        comparison.one.push(Round::new(&stats));
        count_failures(&mut comparison.failures, &stats);
        if let Some(other) = &mut other {
            let stats = other.run()?;
            comparison.other.push(Round::new(&stats));
            count_failures(&mut comparison.failures, &stats);
        }
    }
    let pairs = comparison.one.iter().zip(&comparison.other);
    let ratios: Vec<f64> =
        pairs.map(|(one, other)| one.figure(row.measure) / other.figure(row.measure)).collect();
    comparison.ratio = (!ratios.is_empty()).then(|| Spread::new(ratios));
    Ok(comparison)
}

fn count_failures(failures: &mut BTreeMap<String, u64>, stats: &Stats) {
    for (failure, count) in &stats.failures {
        *failures.entry(failure.to_string()).or_default() += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn round_has_the_delay_of_an_open_loop_only() {
        let mut stats = Stats::new(Duration::from_secs(1));
        assert_eq!(Round::new(&stats).late_p99, None);
        stats.lateness.record(2_000_000).unwrap();
        let late_p99 = Round::new(&stats).late_p99.unwrap();
        assert!((1_990.0..2_010.0).contains(&late_p99), "{late_p99}");
    }

    #[test]
    fn spread_has_median_and_extremes() {
        // figures -> median, min, max
        let cases = [
            (&[][..], [0.0, 0.0, 0.0]),
            (&[2.0], [2.0, 2.0, 2.0]),
            (&[3.0, 1.0], [2.0, 1.0, 3.0]),
            (&[9.0, 1.0, 2.0], [2.0, 1.0, 9.0]),
            (&[4.0, 1.0, 2.0, 9.0], [3.0, 1.0, 9.0]),
        ];
        for (figures, [median, min, max]) in cases {
            assert_eq!(Spread::new(figures.iter().copied()), Spread { median, min, max });
        }
    }
}
