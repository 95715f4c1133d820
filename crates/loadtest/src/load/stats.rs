//! Statistics of a load test run.

use crate::kind::RequestKind;
use hdrhistogram::{Counter, Histogram};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// The precision of recorded latencies, in significant digits: of the whole run, and of each second.
const SIGNIFICANT_DIGITS: u8 = 3;
const SIGNIFICANT_DIGITS_PER_SECOND: u8 = 2;

/// The longest recorded latency, one hour. Longer ones count as this.
const MAX_LATENCY_NANOS: u64 = 3_600_000_000_000;

/// The statistics of a run. Latencies are in nanoseconds.
#[derive(Clone, Debug)]
pub struct Stats {
    /// The time during which requests were started.
    pub time: Duration,
    /// Latencies of successful requests by kind.
    pub kinds: BTreeMap<RequestKind, Histogram<u64>>,
    /// Latencies of successful requests of all kinds, by second.
    pub seconds: Vec<SecondStats>,
    /// The number of failed requests by reason.
    pub failures: BTreeMap<Failure, u64>,
    /// The number of follows rejected because one member blocks the other, which is normal in a community.
    pub blocked: u64,
    /// The sum of the body lengths of successful responses.
    pub bytes: u64,
    /// The delay of the generator itself at starting requests. Empty at [`Rate::Max`](super::Rate::Max).
    pub lateness: Histogram<u64>,
    /// CPU time of the generator, on platforms that report it.
    pub generator_cpu: Option<Duration>,
    /// CPU time of the service, if its process id is known.
    pub service_cpu: Option<Duration>,
}

/// The statistics of one second of a run.
#[derive(Clone, Debug)]
pub struct SecondStats {
    /// Latencies of successful requests.
    pub latencies: Histogram<u32>,
}

/// The reason why a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// The status was not 200.
    Status(u16),
    /// The code of the envelope was not 0.
    Code(i32),
    /// The response was malformed, had no length, or was no envelope.
    InvalidResponse,
    /// The connection was lost or could not be opened.
    Lost,
    /// No response arrived within the grace period after the end.
    Unanswered,
    /// No connection was free until the end of the grace period.
    Unsent,
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Status(status) => write!(out, "status {status}"),
            Failure::Code(code) => write!(out, "code {code}"),
            Failure::InvalidResponse => out.write_str("invalid response"),
            Failure::Lost => out.write_str("connection lost"),
            Failure::Unanswered => out.write_str("no response in time"),
            Failure::Unsent => out.write_str("not sent, no free connection"),
        }
    }
}

impl Stats {
    /// Creates empty statistics for a run of the given duration.
    pub fn new(time: Duration) -> Stats {
        Stats {
            time,
            kinds: BTreeMap::new(),
            seconds: Vec::new(),
            failures: BTreeMap::new(),
            blocked: 0,
            bytes: 0,
            lateness: histogram(SIGNIFICANT_DIGITS),
            generator_cpu: None,
            service_cpu: None,
        }
    }

    /// Adds the statistics of another thread.
    pub fn merge(&mut self, other: Stats) {
        for (kind, latencies) in other.kinds {
            add(self.kinds.entry(kind).or_insert_with(|| histogram(SIGNIFICANT_DIGITS)), &latencies);
        }
        for (index, second) in other.seconds.iter().enumerate() {
            add(&mut self.second(index).latencies, &second.latencies);
        }
        for (failure, count) in other.failures {
            *self.failures.entry(failure).or_default() += count;
        }
        add(&mut self.lateness, &other.lateness);
        self.time = self.time.max(other.time);
        self.blocked += other.blocked;
        self.bytes += other.bytes;
    }

    fn second(&mut self, index: usize) -> &mut SecondStats {
        while self.seconds.len() <= index {
            self.seconds.push(SecondStats { latencies: histogram(SIGNIFICANT_DIGITS_PER_SECOND) });
        }
        &mut self.seconds[index]
    }

    /// Records a successful request that ended `elapsed` after the start. Responses after the end of the run count
    /// in no second.
    pub(super) fn record_success(
        &mut self,
        kind: RequestKind,
        elapsed: Duration,
        latency: Duration,
        bytes: usize,
    ) {
        let latency = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
        self.kinds.entry(kind).or_insert_with(|| histogram(SIGNIFICANT_DIGITS)).saturating_record(latency);
        self.bytes += bytes as u64;
        if elapsed < self.time {
            let second = usize::try_from(elapsed.as_secs()).unwrap_or(usize::MAX);
            self.second(second).latencies.saturating_record(latency);
        }
    }

    /// Records a failed request.
    pub(super) fn record_failure(&mut self, failure: Failure) {
        *self.failures.entry(failure).or_default() += 1;
    }

    /// Returns the number of successful requests until the end of the run.
    pub fn succeeded(&self) -> u64 {
        self.seconds.iter().map(|second| second.latencies.len()).sum()
    }

    /// Returns the number of failed requests.
    pub fn failed(&self) -> u64 {
        self.failures.values().sum()
    }

    /// Returns the mean number of successful requests per second.
    pub fn per_second(&self) -> f64 {
        self.succeeded() as f64 / self.time.as_secs_f64()
    }

    /// Returns the mean body length in bytes.
    pub fn mean_bytes(&self) -> u64 {
        let bodies: u64 = self.kinds.values().map(Histogram::len).sum();
        self.bytes.checked_div(bodies).unwrap_or_default()
    }

    /// Returns the latencies of all kinds together.
    pub fn all_latencies(&self) -> Histogram<u64> {
        let mut all = histogram(SIGNIFICANT_DIGITS);
        self.kinds.values().for_each(|kind| add(&mut all, kind));
        all
    }

    /// Returns the CPU time of the service per response, in microseconds.
    pub fn service_micros(&self) -> Option<f64> {
        micros(self.service_cpu?, self.response_count())
    }

    /// Returns the CPU time of the generator per response, in microseconds.
    pub fn generator_micros(&self) -> Option<f64> {
        micros(self.generator_cpu?, self.response_count())
    }

    fn response_count(&self) -> u64 {
        self.kinds.values().map(Histogram::len).sum::<u64>() + self.blocked
    }
}

fn micros(cpu_time: Duration, requests: u64) -> Option<f64> {
    (requests > 0).then(|| cpu_time.as_secs_f64() * 1e6 / requests as f64)
}

/// Creates a histogram with the given number of significant digits.
fn histogram<C: Counter>(digits: u8) -> Histogram<C> {
    Histogram::new_with_bounds(1, MAX_LATENCY_NANOS, digits).expect("valid bounds and digits")
}

fn add<C: Counter>(to: &mut Histogram<C>, from: &Histogram<C>) {
    to.add(from).expect("histograms with the same bounds");
}
