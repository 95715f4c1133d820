//! What came of a load.

use crate::kind::Kind;
use hdrhistogram::{Counter, Histogram};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// How exactly latencies are kept: to a thousandth of each, and to a hundredth in the series of seconds.
const DIGITS: u8 = 3;
const DIGITS_OF_A_SECOND: u8 = 2;

/// The longest latency that is told from longer ones: an hour.
const LONGEST: u64 = 3_600_000_000_000;

/// What came of a load. Latencies are nanoseconds.
#[derive(Clone, Debug)]
pub struct Tally {
    /// How long requests were begun.
    pub time: Duration,
    /// The latencies of what was answered well, by kind.
    pub kinds: BTreeMap<Kind, Histogram<u64>>,
    /// The same of each second, of all kinds.
    pub seconds: Vec<Second>,
    /// What went wrong, and how often.
    pub failures: BTreeMap<Failure, u64>,
    /// How many follows were refused because one of the two blocks the other, as a community has it.
    pub blocked: u64,
    /// How many bytes the bodies had that were answered well.
    pub bytes: u64,
    /// How late the generator itself was with what it could have sent; nothing at [`Rate::Max`](super::Rate::Max).
    pub late: Histogram<u64>,
    /// What processors the generator has had, where the system tells.
    pub cpu: Option<Duration>,
    /// What the process that answers has had, if it was named.
    pub their_cpu: Option<Duration>,
}

/// What was answered well within a second.
#[derive(Clone, Debug)]
pub struct Second {
    /// How long it took.
    pub latencies: Histogram<u32>,
}

/// Why a request was not answered well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// Its status was not 200.
    Status(u16),
    /// Its code was not 0.
    Code(i32),
    /// It was no answer, or one of unknown length, or no envelope.
    Nonsense,
    /// The connection was lost under way, or there was none to be had.
    Lost,
    /// It was not answered in the time that is left to what is in flight at the end.
    Unanswered,
    /// Its start came, and even some time after the end there was no connection free for it.
    Unsent,
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Status(status) => write!(out, "status {status}"),
            Failure::Code(code) => write!(out, "code {code}"),
            Failure::Nonsense => out.write_str("no answer that can be read"),
            Failure::Lost => out.write_str("connection lost"),
            Failure::Unanswered => out.write_str("not answered in time"),
            Failure::Unsent => out.write_str("never sent, as no connection was free"),
        }
    }
}

impl Tally {
    /// Of nothing yet.
    pub fn new(time: Duration) -> Tally {
        Tally {
            time,
            kinds: BTreeMap::new(),
            seconds: Vec::new(),
            failures: BTreeMap::new(),
            blocked: 0,
            bytes: 0,
            late: histogram(DIGITS),
            cpu: None,
            their_cpu: None,
        }
    }

    /// Takes another's in.
    pub fn add(&mut self, other: Tally) {
        for (kind, latencies) in other.kinds {
            add(self.kinds.entry(kind).or_insert_with(|| histogram(DIGITS)), &latencies);
        }
        for (at, second) in other.seconds.iter().enumerate() {
            add(&mut self.second(at).latencies, &second.latencies);
        }
        for (failure, count) in other.failures {
            *self.failures.entry(failure).or_default() += count;
        }
        add(&mut self.late, &other.late);
        self.time = self.time.max(other.time);
        self.blocked += other.blocked;
        self.bytes += other.bytes;
    }

    fn second(&mut self, at: usize) -> &mut Second {
        while self.seconds.len() <= at {
            self.seconds.push(Second { latencies: histogram(DIGITS_OF_A_SECOND) });
        }
        &mut self.seconds[at]
    }

    /// Counts one that was answered well, so long after the load began. What comes behind its end is in no second.
    pub(super) fn count(&mut self, kind: Kind, at: Duration, latency: Duration, bytes: usize) {
        let latency = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
        self.kinds.entry(kind).or_insert_with(|| histogram(DIGITS)).saturating_record(latency);
        self.bytes += bytes as u64;
        if at < self.time {
            let second = usize::try_from(at.as_secs()).unwrap_or(usize::MAX);
            self.second(second).latencies.saturating_record(latency);
        }
    }

    /// Counts one that was not.
    pub(super) fn fail(&mut self, failure: Failure) {
        *self.failures.entry(failure).or_default() += 1;
    }

    /// How many were answered well, until the end of the time.
    pub fn done(&self) -> u64 {
        self.seconds.iter().map(|second| second.latencies.len()).sum()
    }

    /// How many were not.
    pub fn failed(&self) -> u64 {
        self.failures.values().sum()
    }

    /// How many a second were answered well.
    pub fn per_second(&self) -> f64 {
        self.done() as f64 / self.time.as_secs_f64()
    }

    /// How many bytes a body had on average.
    pub fn mean_bytes(&self) -> u64 {
        let bodies: u64 = self.kinds.values().map(Histogram::len).sum();
        self.bytes.checked_div(bodies).unwrap_or_default()
    }

    /// All kinds together.
    pub fn all(&self) -> Histogram<u64> {
        let mut all = histogram(DIGITS);
        self.kinds.values().for_each(|kind| add(&mut all, kind));
        all
    }

    /// Microseconds of a processor that each request has had of the process that answers.
    pub fn their_micros(&self) -> Option<f64> {
        micros(self.their_cpu?, self.answered())
    }

    /// Microseconds of a processor that each has had of the generator.
    pub fn own_micros(&self) -> Option<f64> {
        micros(self.cpu?, self.answered())
    }

    fn answered(&self) -> u64 {
        self.kinds.values().map(Histogram::len).sum::<u64>() + self.blocked
    }
}

fn micros(of: Duration, requests: u64) -> Option<f64> {
    (requests > 0).then(|| of.as_secs_f64() * 1e6 / requests as f64)
}

/// One of so many digits. What lies beyond its bounds is taken as the longest.
fn histogram<C: Counter>(digits: u8) -> Histogram<C> {
    Histogram::new_with_bounds(1, LONGEST, digits).expect("a histogram of such bounds and digits can be made")
}

fn add<C: Counter>(to: &mut Histogram<C>, from: &Histogram<C>) {
    to.add(from).expect("a histogram takes in another of the same bounds");
}
