//! The rows of `bench compare`: workloads and their counterparts.

use super::{Comparison, Measure, Side, alternate};
use crate::dataset::Dataset;
use crate::load::{DEFAULT_GRACE, Load, Rate, RequestSource, Spacing, Stats};
use crate::workload::{EndpointWorkload, Mix, PathWorkload, SessionWarmer, Target, WorkloadOptions};
use guanxi_types::{Order, PageNumber};
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// The duration of the warm-up before a row, which also determines the body length.
const WARM_UP: Duration = Duration::from_millis(500);

/// The number of connections of the row without a counterpart, which measures concurrent writes.
const IN_FLIGHT_WRITES: usize = 256;

/// A service under measurement.
#[derive(Clone, Debug)]
pub struct Service {
    /// Host and path prefix of its requests.
    pub target: Target,
    /// The address.
    pub address: SocketAddr,
    /// The process id, if it runs on this machine.
    pub pid: Option<u32>,
}

/// The rates of reads and of background writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rates {
    /// A share of what the service does of each alone, in percent.
    Percent(u32),
    /// Reads and writes per second.
    PerSecond(u32, u32),
}

/// The counterpart of a row.
#[derive(Clone, Debug)]
pub enum Counterpart {
    /// A fixed body of the same length.
    Baseline,
    /// Another workload on the same service.
    OtherWorkload(&'static str, Mix, Box<WorkloadOptions>),
    /// A path of another server.
    OtherServer(Service, String),
    /// The same workload without background writes, at these rates.
    WithoutWrites(Rates),
    /// No counterpart.
    Nothing,
}

impl Counterpart {
    /// Returns the name, as the table has it.
    pub fn name(&self) -> &str {
        match self {
            Counterpart::Baseline => "fixed body",
            Counterpart::OtherWorkload(name, ..) => name,
            Counterpart::OtherServer(_, path) => path,
            Counterpart::WithoutWrites(_) => "without writes",
            Counterpart::Nothing => "",
        }
    }
}

/// A row of the comparison.
#[derive(Clone, Debug)]
pub struct ComparisonRow {
    /// The name.
    pub name: String,
    /// The mix of requests.
    pub mix: Mix,
    /// The parameters of the requests.
    pub options: WorkloadOptions,
    /// The counterpart.
    pub counterpart: Counterpart,
    /// The compared figure.
    pub measure: Measure,
    /// The goal for the ratio.
    pub goal: Option<f64>,
}

fn mix(name: &str) -> Mix {
    name.parse().expect("a known mix")
}

impl ComparisonRow {
    /// Creates a row that compares throughput.
    ///
    /// # Panics
    ///
    /// If there is no mix of this name.
    pub fn new(
        name: &str,
        mix_name: &str,
        options: WorkloadOptions,
        counterpart: Counterpart,
        goal: Option<f64>,
    ) -> ComparisonRow {
        let mix = mix(mix_name);
        ComparisonRow { name: name.to_owned(), mix, options, counterpart, measure: Measure::PerSecond, goal }
    }

    /// Returns all rows for a community.
    pub fn all(dataset: &Dataset) -> Vec<ComparisonRow> {
        let own_lists = WorkloadOptions { own: true, ..WorkloadOptions::default() };
        let oldest_first = WorkloadOptions { order: Order::Asc, ..WorkloadOptions::default() };
        let middle =
            dataset.popular_members.first().map_or(1, |member| u64::from(member.followers) / 2 / 50).max(1);
        let deep =
            WorkloadOptions { pn: PageNumber::new(middle).unwrap_or(PageNumber::FIRST), ..own_lists.clone() };
        let other_workload = |name, mix_name, options: &WorkloadOptions| {
            Counterpart::OtherWorkload(name, mix(mix_name), Box::new(options.clone()))
        };
        let defaults = WorkloadOptions::default;
        let baseline = |name, mix_name, goal| {
            ComparisonRow::new(name, mix_name, defaults(), Counterpart::Baseline, goal)
        };
        let under_writes = |name, rates, goal| ComparisonRow {
            measure: Measure::P99,
            ..ComparisonRow::new(name, "read", defaults(), Counterpart::WithoutWrites(rates), Some(goal))
        };
        vec![
            baseline("stat", "stat", Some(0.85)),
            baseline("relation, logged in", "relation", Some(0.75)),
            baseline("card", "card", Some(0.75)),
            baseline("followers, 50 newest", "followers", Some(0.75)),
            baseline("followings, 50 newest", "followings", None),
            ComparisonRow::new(
                "followers, oldest first",
                "followers",
                oldest_first,
                other_workload("newest first", "followers", &defaults()),
                Some(0.9),
            ),
            ComparisonRow::new(
                "own followers, middle page",
                "followers",
                deep,
                other_workload("first page", "followers", &own_lists),
                Some(0.9),
            ),
            ComparisonRow::new(
                "group of 2,000 followings",
                "group",
                defaults(),
                other_workload("own followings", "followings", &own_lists),
                Some(0.9),
            ),
            ComparisonRow::new(
                "default group of 2,000",
                "default-group",
                defaults(),
                other_workload("own followings", "followings", &own_lists),
                Some(0.9),
            ),
            under_writes(
                "p99 of 20,000 reads/s under 10,000 follows/s",
                Rates::PerSecond(20_000, 10_000),
                2.0,
            ),
            under_writes("p99 of reads under writes", Rates::Percent(30), 4.0),
            ComparisonRow::new("follows, 256 in flight", "write", defaults(), Counterpart::Nothing, None),
        ]
    }
}

/// The common parameters of all rows.
#[derive(Clone, Debug)]
pub struct ComparisonRunner {
    /// The measured service.
    pub service: Service,
    /// The service of fixed bodies.
    pub baseline: Service,
    /// The community of the measured service.
    pub dataset: Arc<Dataset>,
    /// The number of rounds.
    pub rounds: u32,
    /// The duration of each side of a round.
    pub time: Duration,
    /// The number of connections.
    pub connections: usize,
    /// The random seed.
    pub seed: u64,
}

impl ComparisonRunner {
    /// Uses every session once, which writes the daily login rewards before the measurement.
    pub fn warm_sessions(&self) -> io::Result<Stats> {
        let load = Load { time: Duration::from_mins(1), ..self.load(&self.service, self.connections) };
        load.run(&mut [SessionWarmer::new(&self.service.target, &self.dataset)])
    }

    /// Measures a row.
    pub fn measure(&self, row: &ComparisonRow) -> io::Result<Comparison> {
        let is_alone = matches!(row.counterpart, Counterpart::Nothing);
        let connections = if is_alone { IN_FLIGHT_WRITES } else { self.connections };
        let mut one = self.side(&row.mix, &row.options, connections)?;
        let warm_up = Side {
            load: Load { time: WARM_UP, ..one.load.clone() },
            ..self.side(&row.mix, &row.options, connections)?
        }
        .run()?;
        let mut other = match &row.counterpart {
            Counterpart::Baseline => {
                let path = format!("/limit/{}", warm_up.mean_bytes());
                Some(self.path_side(&self.baseline, &path))
            }
            Counterpart::OtherWorkload(_, mix, options) => Some(self.side(mix, options, connections)?),
            Counterpart::OtherServer(service, path) => Some(self.path_side(service, path)),
            Counterpart::WithoutWrites(rates) => {
                let mut writes = self.side(&mix("write"), &WorkloadOptions::default(), connections)?;
                let writes_alone = Load { time: WARM_UP, ..writes.load.clone() }.run(&mut writes.sources)?;
                [one.load.rate, writes.load.rate] =
                    rates.of([&warm_up, &writes_alone].map(Stats::per_second));
                let mut without = self.side(&row.mix, &row.options, connections)?;
                without.load.rate = one.load.rate;
                one.background = Some(Box::new(writes));
                Some(without)
            }
            Counterpart::Nothing => None,
        };
        alternate(row, &mut one, other.as_mut(), self.rounds)
    }

    fn load(&self, service: &Service, connections: usize) -> Load {
        Load {
            address: service.address,
            connections,
            rate: Rate::Max,
            time: self.time,
            grace: DEFAULT_GRACE,
            seed: self.seed,
            pid: service.pid,
        }
    }

    fn side(&self, mix: &Mix, options: &WorkloadOptions, connections: usize) -> io::Result<Side> {
        let target = &self.service.target;
        let workloads = EndpointWorkload::for_threads(1, target, &self.dataset, mix, options, self.seed);
        let workloads = workloads.map_err(|error| io::Error::other(format!("{mix}: {error}")))?;
        let sources =
            workloads.into_iter().map(|workload| Box::new(workload) as Box<dyn RequestSource>).collect();
        Ok(Side { load: self.load(&self.service, connections), sources, background: None })
    }

    fn path_side(&self, service: &Service, path: &str) -> Side {
        let source = PathWorkload::new(&service.target, path, Some(&self.dataset), self.seed);
        let sources: Vec<Box<dyn RequestSource>> = vec![Box::new(source)];
        Side { load: self.load(service, self.connections), sources, background: None }
    }
}

impl Rates {
    /// Returns the rates of reads and writes. `alone` has the requests per second of each alone.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "requests per second are far below 2^32"
    )]
    fn of(self, alone: [f64; 2]) -> [Rate; 2] {
        let rates = match self {
            Rates::Percent(percent) => alone.map(|rate| (rate * f64::from(percent) / 100.0) as u32),
            Rates::PerSecond(reads, writes) => [reads, writes],
        };
        rates.map(|rate| Rate::PerSecond(NonZeroU32::new(rate).unwrap_or(NonZeroU32::MIN), Spacing::Random))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_fixed_or_a_share_of_each_alone() {
        // rates, reads and writes per second of each alone -> rates of both
        let cases = [
            (Rates::Percent(30), [80_000.0, 30_000.0], [24_000, 9_000]),
            (Rates::Percent(30), [1.0, 0.0], [1, 1]),
            (Rates::PerSecond(20_000, 10_000), [80_000.0, 30_000.0], [20_000, 10_000]),
        ];
        for (rates, alone, expected) in cases {
            let expected =
                expected.map(|rate| Rate::PerSecond(NonZeroU32::new(rate).unwrap(), Spacing::Random));
            assert_eq!(rates.of(alone), expected, "{rates:?}");
        }
    }
}
