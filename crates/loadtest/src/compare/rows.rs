//! What `bench compare` asks, and beside what.

use super::{Compared, Measure, Side, in_turns};
use crate::ask::{Asker, ByPath, Greeter, Mix, Target, Unknown, Wishes};
use crate::known::Known;
use crate::load::{Ask, GRACE, Load, Rate, Spacing, Tally};
use guanxi_api::paging::Pn;
use guanxi_types::Order;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// How much of what it can do a service is asked for, where latencies are compared.
const MODEST: f64 = 0.3;

/// How long it is asked before a row, to know the size of its bodies and to warm it.
const FIRST: Duration = Duration::from_millis(500);

/// The connections of a row that measures writes in flight.
const WRITERS: usize = 256;

/// One service, as the generator sees it.
#[derive(Clone, Debug)]
pub struct Service {
    /// How it is named in a request.
    pub target: Target,
    /// Where it is.
    pub address: SocketAddr,
    /// Its process, if it is on this machine.
    pub pid: Option<u32>,
}

/// What a row is compared with.
#[derive(Clone, Debug)]
pub enum Against {
    /// A fixed body of the same size.
    Limit,
    /// Another question to the same service.
    Question(&'static str, Mix, Box<Wishes>),
    /// Another server, by a path.
    Other(Service, String),
    /// Itself, without the writes that go on beside it.
    WithoutWrites,
    /// Nothing.
    Nothing,
}

impl Against {
    /// What it is called.
    pub fn name(&self) -> &str {
        match self {
            Against::Limit => "fixed body",
            Against::Question(name, ..) => name,
            Against::Other(_, path) => path,
            Against::WithoutWrites => "without writes",
            Against::Nothing => "",
        }
    }
}

/// A line of the comparison.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it is called.
    pub name: String,
    /// What is asked.
    pub mix: Mix,
    /// And how.
    pub wishes: Wishes,
    /// Beside what.
    pub against: Against,
    /// What the ratio is of.
    pub measure: Measure,
    /// What the ratio is meant to be.
    pub goal: Option<f64>,
}

fn mix(name: &str) -> Mix {
    name.parse().expect("rows name mixes that there are")
}

impl Row {
    /// A mix beside something.
    pub fn new(name: &str, of: &str, wishes: Wishes, against: Against, goal: Option<f64>) -> Row {
        Row { name: name.to_owned(), mix: mix(of), wishes, against, measure: Measure::PerSecond, goal }
    }

    /// All that is compared of a community.
    pub fn all(known: &Known) -> Vec<Row> {
        let own = Wishes { own: true, ..Wishes::default() };
        let asc = Wishes { order: Order::Asc, ..Wishes::default() };
        let middle = known.stars.first().map_or(1, |star| u64::from(star.fans) / 2 / 50).max(1);
        let deep = Wishes { pn: Pn::new(middle).unwrap_or(Pn::FIRST), ..own.clone() };
        let beside = |name, of, wishes: &Wishes| Against::Question(name, mix(of), Box::new(wishes.clone()));
        let plain = Wishes::default;
        let limit = |name, of, goal| Row::new(name, of, plain(), Against::Limit, goal);
        vec![
            limit("stat", "stat", Some(0.85)),
            limit("relation, logged in", "relation", Some(0.75)),
            limit("card", "card", Some(0.75)),
            limit("followers, 50 newest", "followers", Some(0.75)),
            limit("followings, 50 newest", "followings", None),
            Row::new(
                "followers, oldest first",
                "followers",
                asc,
                beside("newest first", "followers", &plain()),
                Some(0.9),
            ),
            Row::new(
                "own fans, the middle",
                "followers",
                deep,
                beside("their first page", "followers", &own),
                Some(0.9),
            ),
            Row::new(
                "group of 2,000 followings",
                "group",
                plain(),
                beside("own followings", "followings", &own),
                Some(0.9),
            ),
            Row::new(
                "default group of 2,000",
                "default-group",
                plain(),
                beside("own followings", "followings", &own),
                Some(0.9),
            ),
            Row {
                measure: Measure::P99,
                ..Row::new("p99 of reads under writes", "read", plain(), Against::WithoutWrites, None)
            },
            Row::new("follows, 256 in flight", "write", plain(), Against::Nothing, None),
        ]
    }
}

/// How all rows are measured.
#[derive(Clone, Debug)]
pub struct Rows {
    /// The service.
    pub service: Service,
    /// Fixed bodies.
    pub limit: Service,
    /// The community that the service has.
    pub known: Arc<Known>,
    /// How many rounds.
    pub rounds: u32,
    /// How long each side of a round is.
    pub time: Duration,
    /// How many connections.
    pub connections: usize,
    /// From what everything is drawn.
    pub seed: u64,
}

impl Rows {
    /// Uses every session once.
    pub fn greet(&self) -> io::Result<Tally> {
        let load = Load { time: Duration::from_mins(1), ..self.load(&self.service, self.connections) };
        load.run(&mut [Greeter::new(&self.service.target, &self.known)])
    }

    /// Measures a row.
    pub fn measure(&self, row: &Row) -> io::Result<Compared> {
        let connections = if matches!(row.against, Against::Nothing) { WRITERS } else { self.connections };
        let mut one = self.side(&row.mix, &row.wishes, connections)?;
        let first = Side {
            load: Load { time: FIRST, ..one.load.clone() },
            ..self.side(&row.mix, &row.wishes, connections)?
        }
        .run()?;
        let mut other = match &row.against {
            Against::Limit => {
                let path = format!("/limit/{}", first.mean_bytes());
                Some(self.by_path(&self.limit, &path))
            }
            Against::Question(_, mix, wishes) => Some(self.side(mix, wishes, connections)?),
            Against::Other(service, path) => Some(self.by_path(service, path)),
            Against::WithoutWrites => {
                let rate = modest(&first);
                one.load.rate = rate;
                let mut writes = self.side(&mix("write"), &Wishes::default(), connections)?;
                let alone = Load { time: FIRST, ..writes.load.clone() }.run(&mut writes.askers)?;
                writes.load.rate = modest(&alone);
                let mut without = self.side(&row.mix, &row.wishes, connections)?;
                without.load.rate = rate;
                one.beside = Some(Box::new(writes));
                Some(without)
            }
            Against::Nothing => None,
        };
        in_turns(row, &mut one, other.as_mut(), self.rounds)
    }

    fn load(&self, service: &Service, connections: usize) -> Load {
        Load {
            address: service.address,
            connections,
            rate: Rate::Max,
            time: self.time,
            grace: GRACE,
            seed: self.seed,
            pid: service.pid,
        }
    }

    fn side(&self, mix: &Mix, wishes: &Wishes, connections: usize) -> io::Result<Side> {
        let unknown = |unknown: Unknown| io::Error::other(format!("{mix}: {unknown}"));
        let askers =
            Asker::several(1, &self.service.target, &self.known, mix, wishes, self.seed).map_err(unknown)?;
        let askers = askers.into_iter().map(|asker| Box::new(asker) as Box<dyn Ask>).collect();
        Ok(Side { load: self.load(&self.service, connections), askers, beside: None })
    }

    fn by_path(&self, service: &Service, path: &str) -> Side {
        let asker: Box<dyn Ask> = Box::new(ByPath::new(&service.target, path, Some(&self.known), self.seed));
        Side { load: self.load(service, self.connections), askers: vec![asker], beside: None }
    }
}

/// A part of what was answered a second, as a rate to keep.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "requests a second are far below 2^32"
)]
fn modest(of: &Tally) -> Rate {
    let rate = NonZeroU32::new((of.per_second() * MODEST) as u32).unwrap_or(NonZeroU32::MIN);
    Rate::PerSecond(rate, Spacing::Chance)
}
