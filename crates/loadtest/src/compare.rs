//! A service and something else, in turns within one run: machines drift, and a ratio of figures that were taken side by side
//! drifts less.

mod rows;

pub use rows::{Against, Row, Rows, Service};

use crate::load::{Ask, Load, Tally};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io;

/// One side of a comparison: what it is asked, and what goes on beside it.
pub struct Side {
    /// Where and how fast.
    pub load: Load,
    /// What.
    pub askers: Vec<Box<dyn Ask>>,
    /// What goes on meanwhile, and is not measured.
    pub beside: Option<Box<Side>>,
}

impl Side {
    /// Asks it once.
    pub fn run(&mut self) -> io::Result<Tally> {
        let Some(beside) = &mut self.beside else { return self.load.run(&mut self.askers) };
        std::thread::scope(|scope| {
            let beside = scope.spawn(|| beside.run());
            let tally = self.load.run(&mut self.askers);
            let beside =
                beside.join().unwrap_or_else(|_| Err(io::Error::other("what went on beside it broke off")));
            // What went wrong there is told too.
            let mut tally = tally?;
            for (failure, count) in beside?.failures {
                *tally.failures.entry(failure).or_default() += count;
            }
            Ok(tally)
        })
    }
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Requests a second: more is better.
    PerSecond,
    /// The latency of 99 in 100, in microseconds: less is better.
    P99,
}

/// Figures of several rounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// The one in the middle.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

impl Spread {
    /// Of some figures; zeros of none.
    pub fn of(figures: impl IntoIterator<Item = f64>) -> Spread {
        let mut figures: Vec<f64> = figures.into_iter().collect();
        figures.sort_unstable_by(f64::total_cmp);
        let at = |at: usize| figures.get(at).copied().unwrap_or_default();
        let (low, high) = (at(figures.len().saturating_sub(1) / 2), at(figures.len() / 2));
        Spread { median: f64::midpoint(low, high), min: at(0), max: at(figures.len().saturating_sub(1)) }
    }
}

/// One round of one side.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Round {
    /// Requests a second.
    pub per_second: f64,
    /// The latency of 99 in 100, in microseconds.
    pub p99: f64,
    /// Microseconds of a processor for each request, of the process that answered.
    pub their_micros: Option<f64>,
    /// The same of the generator.
    pub own_micros: Option<f64>,
}

impl Round {
    fn of(tally: &Tally) -> Round {
        Round {
            per_second: tally.per_second(),
            p99: tally.all().value_at_quantile(0.99) as f64 / 1e3,
            their_micros: tally.their_micros(),
            own_micros: tally.own_micros(),
        }
    }

    fn figure(&self, measure: Measure) -> f64 {
        match measure {
            Measure::PerSecond => self.per_second,
            Measure::P99 => self.p99,
        }
    }
}

/// What came of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// What was asked.
    pub name: String,
    /// Beside what; none if it was measured alone.
    pub against: Option<String>,
    /// What the ratio is of.
    pub measure: Measure,
    /// The mean size of a body, in bytes.
    pub bytes: u64,
    /// One over the other, of each round.
    pub ratio: Option<Spread>,
    /// The least that it is meant to be, or the most of a latency.
    pub goal: Option<f64>,
    /// Its rounds.
    pub one: Vec<Round>,
    /// The other's.
    pub other: Vec<Round>,
    /// What went wrong, in words, and how often.
    pub failures: BTreeMap<String, u64>,
}

impl Compared {
    /// The figure that is compared, of either side.
    pub fn figures(&self) -> (Spread, Spread) {
        let of = |rounds: &[Round]| Spread::of(rounds.iter().map(|round| round.figure(self.measure)));
        (of(&self.one), of(&self.other))
    }

    /// Microseconds of a processor that a request has had: of the process that answered, of the one beside it, of the
    /// generator.
    pub fn micros(&self) -> [Option<f64>; 3] {
        let of = |rounds: &[Round], micros: fn(&Round) -> Option<f64>| {
            let told: Vec<f64> = rounds.iter().filter_map(micros).collect();
            (!told.is_empty()).then(|| Spread::of(told).median)
        };
        let theirs = |rounds| of(rounds, |round: &Round| round.their_micros);
        [theirs(&self.one), theirs(&self.other), of(&self.one, |round| round.own_micros)]
    }

    /// Whether the goal is met, if there is one.
    pub fn is_met(&self) -> Option<bool> {
        let (goal, ratio) = (self.goal?, self.ratio?);
        Some(match self.measure {
            Measure::PerSecond => ratio.median >= goal,
            Measure::P99 => ratio.median <= goal,
        })
    }
}

/// Asks one and the other in turns, so many rounds.
pub fn in_turns(
    row: &Row,
    one: &mut Side,
    mut other: Option<&mut Side>,
    rounds: u32,
) -> io::Result<Compared> {
    let mut compared = Compared {
        name: row.name.clone(),
        against: other.is_some().then(|| row.against.name().to_owned()),
        measure: row.measure,
        bytes: 0,
        ratio: None,
        goal: row.goal,
        one: Vec::new(),
        other: Vec::new(),
        failures: BTreeMap::new(),
    };
    for _ in 0..rounds {
        let tally = one.run()?;
        compared.bytes = tally.mean_bytes();
        compared.one.push(Round::of(&tally));
        note(&mut compared.failures, &tally);
        if let Some(other) = &mut other {
            let tally = other.run()?;
            compared.other.push(Round::of(&tally));
            note(&mut compared.failures, &tally);
        }
    }
    let pairs = compared.one.iter().zip(&compared.other);
    let ratios: Vec<f64> =
        pairs.map(|(one, other)| one.figure(row.measure) / other.figure(row.measure)).collect();
    compared.ratio = (!ratios.is_empty()).then(|| Spread::of(ratios));
    Ok(compared)
}

fn note(failures: &mut BTreeMap<String, u64>, tally: &Tally) {
    for (failure, count) in &tally.failures {
        *failures.entry(failure.to_string()).or_default() += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_figures() {
        // figures -> median, min, max
        let cases = [
            (&[][..], [0.0, 0.0, 0.0]),
            (&[2.0], [2.0, 2.0, 2.0]),
            (&[3.0, 1.0], [2.0, 1.0, 3.0]),
            (&[9.0, 1.0, 2.0], [2.0, 1.0, 9.0]),
            (&[4.0, 1.0, 2.0, 9.0], [3.0, 1.0, 9.0]),
        ];
        for (figures, [median, min, max]) in cases {
            assert_eq!(Spread::of(figures.iter().copied()), Spread { median, min, max });
        }
    }
}
