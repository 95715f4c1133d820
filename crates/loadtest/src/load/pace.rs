//! When requests are meant to start.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

/// How many requests a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rate {
    /// As many as are answered: each connection asks again at once.
    Max,
    /// So many on average, whatever is answered.
    PerSecond(NonZeroU32, Spacing),
}

/// How their starts lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spacing {
    /// By chance, as those of many who know nothing of each other: the gaps are exponential.
    #[default]
    Chance,
    /// Each as long after the one before it.
    Even,
}

impl FromStr for Rate {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Rate, Self::Err> {
        match text.parse() {
            Ok(rate) => Ok(Rate::PerSecond(rate, Spacing::default())),
            Err(_) if text == "max" => Ok(Rate::Max),
            Err(_) => Err("a rate is a number of requests a second, or max"),
        }
    }
}

/// The intended starts of one thread, told from when the load began.
#[derive(Debug)]
pub(super) struct Pace {
    next: f64,
    gap: f64,
    spacing: Spacing,
    chance: ChaCha8Rng,
}

impl Pace {
    /// That of one among so many threads; none if there is no rate to keep.
    pub(super) fn of(rate: Rate, at: usize, threads: usize, seed: u64) -> Option<Pace> {
        let Rate::PerSecond(rate, spacing) = rate else { return None };
        let gap = threads as f64 / f64::from(rate.get());
        let chance = ChaCha8Rng::seed_from_u64(seed ^ at as u64);
        let first = gap * at as f64 / threads as f64;
        Some(Pace { next: first, gap, spacing, chance })
    }

    /// The next start.
    pub(super) fn next(&self) -> Duration {
        Duration::from_secs_f64(self.next)
    }

    /// Goes on to the one after.
    pub(super) fn go_on(&mut self) {
        self.next += match self.spacing {
            Spacing::Even => self.gap,
            // A draw is below 1, so its complement has a logarithm.
            Spacing::Chance => -(1.0 - self.chance.random::<f64>()).ln() * self.gap,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(spacing: Spacing) -> Vec<f64> {
        let rate = Rate::PerSecond(NonZeroU32::new(1_000).unwrap(), spacing);
        let mut pace = Pace::of(rate, 0, 1, 7).unwrap();
        let next = |_| {
            let next = pace.next().as_secs_f64();
            pace.go_on();
            next
        };
        (0..10_000).map(next).collect()
    }

    #[test]
    fn a_rate_is_kept_by_chance_and_evenly() {
        let [chance, even] = [Spacing::Chance, Spacing::Even].map(starts);
        assert!((even[9_999] - 9.999).abs() < 1e-6, "{}", even[9_999]);
        assert!((chance[9_999] - 10.0).abs() < 0.3, "{}", chance[9_999]);
        let short = chance.windows(2).filter(|two| two[1] - two[0] < 0.001).count();
        // 1 - 1/e of exponential gaps are shorter than their mean.
        assert!((6_100..6_540).contains(&short), "{short}");
    }

    #[test]
    fn rates_are_numbers_or_max() {
        assert_eq!("max".parse(), Ok(Rate::Max));
        let number = "30".parse::<Rate>().unwrap();
        assert_eq!(number, Rate::PerSecond(NonZeroU32::new(30).unwrap(), Spacing::Chance));
        assert!(["", "0", "-1", "fast"].iter().all(|text| text.parse::<Rate>().is_err()));
    }
}
